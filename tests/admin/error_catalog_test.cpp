#include "admin/error_catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace packyard {
namespace {

TEST(ErrorCatalog, EveryErrorStandsOnceAndInOrder) {
  std::set<std::string_view> codes;
  int position = 0;
  for (const ApiErrorEntry& entry : error_catalog()) {
    EXPECT_EQ(static_cast<int>(entry.error), position++) << entry.code;
    EXPECT_TRUE(codes.insert(entry.code).second) << entry.code;
    EXPECT_EQ(&catalog_entry(entry.error), &entry);
  }
  EXPECT_EQ(position, static_cast<int>(ApiError::internal) + 1);
}

TEST(ErrorCatalog, EveryEntryIsComplete) {
  for (const ApiErrorEntry& entry : error_catalog()) {
    EXPECT_GE(entry.status, 400u);
    EXPECT_LT(entry.status, 600u);
    EXPECT_FALSE(entry.message.empty());
    EXPECT_FALSE(entry.explanation.empty());
    EXPECT_TRUE(std::ranges::all_of(entry.code, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; })) << entry.code;
  }
}

}  // namespace
}  // namespace packyard
