#include "storage/s3/s3_object_reader.h"

#include "tests/support/s3_fixture.h"

namespace packyard {
namespace {

// What a server does to a download must end in the object's own bytes or in an error.
class S3ObjectReaderTest : public S3Fixture {
 protected:
  ErrorCode error_of(std::string_view name) {
    const auto got = get(name);
    EXPECT_FALSE(got) << "the lie was believed";
    return got ? ErrorCode::invalid : got.error().code;
  }
  std::string bytes_ = some_bytes(700'000);
};

TEST_F(S3ObjectReaderTest, GoesOnWhereTheConnectionWasLost) {
  put("x", bytes_);
  for (const char* lies :
       {R"([{"lie":"truncate","method":"GET","times":3}])", R"([{"lie":"truncate","how":"reset","method":"GET","times":2}])",
        R"([{"lie":"status","status":503,"code":"SlowDown","method":"GET","times":2},{"lie":"truncate","method":"GET"}])"}) {
    lie(lies);
    const auto got = get("x");
    ASSERT_TRUE(got) << lies << ": " << got.error().message;
    EXPECT_TRUE(*got == bytes_) << lies;
  }
}

TEST_F(S3ObjectReaderTest, GivesUpWhenItNeverEnds) {
  put("x", bytes_);
  lie("truncate", 100, "GET", "/x", R"(,"part":0.001)");
  EXPECT_EQ(error_of("x"), ErrorCode::unavailable);
  lie("reset", 100, "GET", "/x");
  EXPECT_EQ(error_of("x"), ErrorCode::unavailable);
}

TEST_F(S3ObjectReaderTest, IsNotHeldByASlowServer) {
  put("x", bytes_);
  lie("slow", 100, "GET", "/x", R"(,"seconds":0.01)");
  EXPECT_EQ(error_of("x"), ErrorCode::unavailable);
}

TEST_F(S3ObjectReaderTest, BelievesNoOtherBytesAndNoOtherLength) {
  put("x", bytes_);
  lie("corrupt", 1, "GET", "/x");
  EXPECT_EQ(error_of("x"), ErrorCode::unavailable);
  lie("short", 1, "GET", "/x", R"(,"bytes":1000)");
  EXPECT_EQ(error_of("x"), ErrorCode::unavailable);
  lie(R"([{"lie":"truncate","method":"GET"},{"lie":"no_range","method":"GET"}])");
  EXPECT_EQ(error_of("x"), ErrorCode::internal);
  lie(R"([{"lie":"truncate","method":"GET"},{"lie":"corrupt","method":"GET"}])");
  EXPECT_EQ(error_of("x"), ErrorCode::unavailable);
}

TEST_F(S3ObjectReaderTest, AnErrorStaysAnError) {
  put("x", bytes_);
  lie("short", 1, "GET", "/x");
  const auto reader = store_.open(key("x")).value();
  std::vector<char> block(1'000'000);
  Result<std::size_t> got = 1;
  while (got && *got > 0) got = reader->read(block);
  ASSERT_FALSE(got);
  EXPECT_FALSE(reader->read(block));
}

TEST_F(S3ObjectReaderTest, NoticesThatTheObjectIsAnotherOneNow) {
  put("x", bytes_);
  lie("truncate", 1, "GET", "/x");
  const auto reader = store_.open(key("x")).value();
  put("x", some_bytes(700'001));
  std::vector<char> block(1'000'000);
  Result<std::size_t> got = 1;
  while (got && *got > 0) got = reader->read(block);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::conflict);
  EXPECT_NE(got.error().message.find("changed while it was read"), std::string::npos);
}

TEST_F(S3ObjectReaderTest, NoticesThatTheObjectWentAway) {
  put("x", bytes_);
  lie("truncate", 1, "GET", "/x");
  const auto reader = store_.open(key("x")).value();
  ASSERT_TRUE(store_.remove(key("x")));
  std::vector<char> block(1'000'000);
  Result<std::size_t> got = 1;
  while (got && *got > 0) got = reader->read(block);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::not_found);
}

TEST_F(S3ObjectReaderTest, MissingAndRefusedAreToldApart) {
  EXPECT_EQ(error_of("none"), ErrorCode::not_found);
  lie(R"([{"lie":"status","status":404,"code":"NoSuchBucket"}])");
  EXPECT_EQ(error_of("none"), ErrorCode::invalid);
  lie(R"([{"lie":"status","status":404}])");
  EXPECT_EQ(error_of("none"), ErrorCode::invalid);
  lie(R"([{"lie":"status","status":403,"code":"AccessDenied"}])");
  EXPECT_EQ(error_of("none"), ErrorCode::invalid);
}

}  // namespace
}  // namespace packyard
