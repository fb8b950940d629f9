#include "storage/s3/s3_upload.h"

#include "tests/support/memory_object_store.h"
#include "tests/support/s3_fixture.h"

namespace packyard {
namespace {

class S3UploadTest : public S3Fixture {
 protected:
  Result<void> upload(std::string_view name, std::string_view bytes) {
    MemoryObjectStore from;
    EXPECT_TRUE(from.put(key("from"), bytes));
    const auto reader = from.open(key("from")).value();
    return store_.put_from(key(name), *reader);
  }
  std::string large_ = some_bytes(5 * part_bytes / 2);
};

TEST_F(S3UploadTest, PutsInPartsOnlyWhatIsLargerThanOne) {
  ASSERT_TRUE(upload("small", large_.substr(0, part_bytes - 1)));
  EXPECT_EQ(server_.requests().find("uploads="), std::string::npos);
  for (const std::size_t size : {part_bytes, 2 * part_bytes, 5 * part_bytes / 2}) {
    lie("[]");
    ASSERT_TRUE(upload("large", large_.substr(0, size)));
    const std::string asked = server_.requests();
    EXPECT_NE(asked.find("partNumber=" + std::to_string((size + part_bytes - 1) / part_bytes)), std::string::npos) << asked;
    EXPECT_TRUE(get("large").value() == large_.substr(0, size));
  }
  EXPECT_EQ(server_.open_uploads(), 0u);
}

TEST_F(S3UploadTest, TriesEachPartAgain) {
  lie(R"([{"lie":"status","status":503,"code":"SlowDown","method":"PUT","contains":"partNumber=2","times":2},
          {"lie":"reset","method":"PUT","contains":"partNumber=3"},{"lie":"forget","method":"PUT","contains":"partNumber=1"},
          {"lie":"status","status":500,"method":"POST","contains":"uploads="}])");
  const auto put = upload("large", large_);
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_TRUE(get("large").value() == large_);
}

TEST_F(S3UploadTest, AFailureLeavesNothingBehind) {
  for (const char* lies :
       {R"([{"lie":"status","status":503,"method":"PUT","contains":"partNumber=2","times":100}])",
        R"([{"lie":"status","status":403,"code":"AccessDenied","method":"PUT","contains":"partNumber=3","times":100}])",
        R"([{"lie":"error_in_ok","code":"InvalidPart","method":"POST","contains":"uploadId=","times":100}])",
        R"([{"lie":"xml","method":"POST","contains":"uploads="}])"}) {
    lie(lies);
    EXPECT_FALSE(upload("large", large_)) << lies;
    lie("[]");
    EXPECT_EQ(store_.stat(key("large")).error().code, ErrorCode::not_found) << lies;
  }
  EXPECT_EQ(server_.open_uploads(), 1u) << "only the one whose name never came";
}

TEST_F(S3UploadTest, ASuccessThatHidesAnErrorIsNone) {
  lie("error_in_ok", 2, "POST", "uploadId=");
  const auto put = upload("large", large_);
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_TRUE(get("large").value() == large_);
}

TEST_F(S3UploadTest, ALostAnswerToTheLastStepIsLookedUp) {
  lie("forget", 1, "POST", "uploadId=");
  const auto put = upload("large", large_);
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_TRUE(get("large").value() == large_);
}

TEST_F(S3UploadTest, WhatTheServerHoldsIsCompared) {
  lie("lost_put", 1, "PUT", "/small");
  const auto put = upload("small", "some bytes");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, ErrorCode::internal);
  EXPECT_NE(put.error().message.find("holds 5 bytes instead of the 10"), std::string::npos) << put.error().message;
  lie("lost_put", 1, "POST", "uploadId=");
  EXPECT_FALSE(upload("large", large_));
}

}  // namespace
}  // namespace packyard
