#include "storage/s3/s3_failure.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

S3Failure judged(unsigned status, const std::string& code) {
  return judge_answer({status, {}}, "<Error><Code>" + code + "</Code><Message>why</Message></Error>");
}

TEST(S3Failure, MissingIsOnlyWhatTheServerCallsMissing) {
  EXPECT_EQ(judged(404, "NoSuchKey").judgement, S3Judgement::missing);
  EXPECT_EQ(judged(404, "NoSuchBucket").judgement, S3Judgement::refused);
  EXPECT_EQ(judged(403, "AccessDenied").judgement, S3Judgement::refused);
  EXPECT_EQ(judge_answer({404, {}}, "").judgement, S3Judgement::refused);
  EXPECT_EQ(judge_answer({404, {}}, "<html>Not Found</html>").judgement, S3Judgement::refused);
}

TEST(S3Failure, WhatMayPassIsTransient) {
  for (const unsigned status : {408u, 429u, 500u, 502u, 503u, 504u, 507u})
    EXPECT_EQ(judge_answer({status, {}}, "").judgement, S3Judgement::transient) << status;
  EXPECT_EQ(judged(503, "SlowDown").judgement, S3Judgement::transient);
  EXPECT_EQ(judged(400, "RequestTimeout").judgement, S3Judgement::transient);
  EXPECT_EQ(judged(409, "OperationAborted").judgement, S3Judgement::transient);
  EXPECT_EQ(judge_transfer({ErrorCode::unavailable, "reset"}).judgement, S3Judgement::transient);
}

TEST(S3Failure, WhatWillNotPassIsNotTriedAgain) {
  EXPECT_EQ(judged(403, "SignatureDoesNotMatch").judgement, S3Judgement::refused);
  EXPECT_EQ(judged(403, "RequestTimeTooSkewed").judgement, S3Judgement::refused);
  EXPECT_EQ(judge_answer({301, {{"x-amz-bucket-region", "eu-west-1"}}}, "").judgement, S3Judgement::refused);
  EXPECT_EQ(judged(501, "NotImplemented").judgement, S3Judgement::broken);
  EXPECT_EQ(judge_answer({204, {}}, "").judgement, S3Judgement::broken);
  EXPECT_EQ(judge_transfer({ErrorCode::invalid, "certificate"}).judgement, S3Judgement::refused);
  EXPECT_EQ(judge_transfer({ErrorCode::internal, "no HTTP"}).judgement, S3Judgement::broken);
}

TEST(S3Failure, ASuccessMayHideAnError) {
  EXPECT_FALSE(judge_success("<CopyObjectResult/>"));
  EXPECT_EQ(judge_success("<Error><Code>InternalError</Code></Error>")->judgement, S3Judgement::transient);
  EXPECT_EQ(judge_success("<Error><Code>InvalidPart</Code></Error>")->judgement, S3Judgement::refused);
  EXPECT_EQ(judged(412, "PreconditionFailed").judgement, S3Judgement::changed);
  EXPECT_EQ(judge_answer({412, {}}, "").judgement, S3Judgement::changed);
}

TEST(S3Failure, SaysWhatHappenedAndWhatToDo) {
  const Error error = judged(403, "RequestTimeTooSkewed").to_error("listing S3 bucket b");
  EXPECT_EQ(error.code, ErrorCode::invalid);
  EXPECT_EQ(error.message, "listing S3 bucket b: status 403, RequestTimeTooSkewed (why): set this machine's clock");
  EXPECT_NE(judge_answer({301, {{"x-amz-bucket-region", "eu-west-1"}}}, "").words.find("region eu-west-1"), std::string::npos);
  EXPECT_EQ(judged(400, "a\x1b[31m").words.find('\x1b'), std::string::npos);
  EXPECT_EQ(judged(404, "NoSuchKey").to_error("x").code, ErrorCode::not_found);
  EXPECT_EQ(judged(412, "PreconditionFailed").to_error("x").code, ErrorCode::conflict);
  EXPECT_EQ(judged(503, "SlowDown").to_error("x").code, ErrorCode::unavailable);
  EXPECT_EQ(broken_answer({ErrorCode::invalid, "no"}).to_error("x").code, ErrorCode::internal);
}

}  // namespace
}  // namespace packyard
