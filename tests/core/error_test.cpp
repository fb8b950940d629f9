#include "core/error.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "core/result.h"

namespace packyard {
namespace {

TEST(Error, SaysWhatWasAttemptedAndWhy) {
  const Error error = system_error("opening /x", ENOSPC);
  EXPECT_EQ(error.message, "opening /x: No space left on device");
  EXPECT_EQ(error.in("promoting").message, "promoting: opening /x: No space left on device");
}

TEST(Error, NumbersBecomeCodesAndDoubtIsNeverAbsence) {
  EXPECT_EQ(system_error("", ENOENT).code, ErrorCode::not_found);
  EXPECT_EQ(system_error("", EEXIST).code, ErrorCode::conflict);
  EXPECT_EQ(system_error("", ENOTDIR).code, ErrorCode::invalid);
  for (const int number : {EIO, EACCES, ENOSPC, EMFILE}) EXPECT_EQ(system_error("", number).code, ErrorCode::unavailable);
  EXPECT_EQ(to_string(ErrorCode::corrupt), "corrupt");
}

Result<int> half_of(int number) {
  if (number % 2 != 0) return fail(ErrorCode::invalid, "odd");
  return number / 2;
}

Result<int> quarter_of(int number) {
  TRY_ASSIGN(const int half, half_of(number));
  TRY(half_of(half));
  return half_of(half);
}

TEST(Result, TryPassesErrorsOn) {
  EXPECT_EQ(quarter_of(8).value(), 2);
  EXPECT_EQ(quarter_of(6).error().message, "odd");
  EXPECT_EQ(quarter_of(7).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace packyard
