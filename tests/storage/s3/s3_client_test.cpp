#include "storage/s3/s3_client.h"

#include <algorithm>

#include "tests/support/s3_fixture.h"

namespace packyard {
namespace {

class S3ClientTest : public S3Fixture {
 protected:
  S3Client client(AwsCredentials credentials = S3TestServer::credentials()) {
    return {server_.settings(""), std::move(credentials), limits(), clock_, random_};
  }
  S3Failure failure_of(const S3Call& call) {
    S3Client asked = client();
    const auto answer = asked.call(call);
    EXPECT_FALSE(answer);
    return answer ? S3Failure{} : answer.error();
  }
  S3Call list_{"GET", "", {{"list-type", "2"}, {"prefix", "a b+c/ö"}}, {{"x-amz-test", "some value"}}};
};

TEST_F(S3ClientTest, SignsWhatItSends) {
  S3Client asked = client();
  const auto answer = asked.call(list_);
  ASSERT_TRUE(answer) << answer.error().words;
  EXPECT_EQ(answer->head.status, 200u);
  EXPECT_TRUE(asked.call({"PUT", "S3ClientTest/a b+c~%/ö", {}, {}, "body"}));
}

TEST_F(S3ClientTest, AWrongKeyIsRefusedAndNotTriedAgain) {
  S3Client wrong_secret = client({"AKIDTEST", Secret("other")}), wrong_key = client({"OTHER", Secret("other")});
  const auto first = wrong_secret.call(list_), second = wrong_key.call(list_);
  ASSERT_FALSE(first || second);
  EXPECT_EQ(first.error().judgement, S3Judgement::refused);
  EXPECT_EQ(first.error().code, "SignatureDoesNotMatch");
  EXPECT_EQ(second.error().code, "InvalidAccessKeyId");
  const std::string asked = server_.requests();
  EXPECT_EQ(std::ranges::count(asked, '\n'), 2);
}

TEST_F(S3ClientTest, TriesAgainWhatMayPass) {
  for (const char* lies :
       {R"([{"lie":"status","status":500,"code":"InternalError"},{"lie":"status","status":503,"code":"SlowDown"}])",
        R"([{"lie":"status","status":502,"times":3}])", R"([{"lie":"reset","times":2},{"lie":"truncate"}])",
        R"([{"lie":"silent","seconds":8,"times":1}])", R"([{"lie":"truncate","part":0,"times":3}])"}) {
    lie(lies);
    S3Client asked = client();
    const auto answer = asked.call(list_);
    EXPECT_TRUE(answer) << lies << ": " << answer.error().words;
  }
}

TEST_F(S3ClientTest, GivesUpWithTheLastReasonAndTheNumberOfAttempts) {
  lie(R"([{"lie":"status","status":503,"code":"SlowDown","times":100}])");
  const Timestamp before = clock_.now();
  const S3Failure failure = failure_of(list_);
  EXPECT_EQ(failure.judgement, S3Judgement::transient);
  EXPECT_NE(failure.words.find("SlowDown (told to say so) (tried 4 times)"), std::string::npos) << failure.words;
  EXPECT_LT(clock_.now().seconds - before.seconds, 10);
}

TEST_F(S3ClientTest, WhatAcceptRefusesIsTriedAgainOnlyWhenItMayPass) {
  S3Client asked = client();
  int seen = 0;
  const auto passes = asked.call(list_, [&](const HttpAnswer&) -> S3Result<void> {
    if (++seen < 3) return std::unexpected(S3Failure{S3Judgement::transient, {}, "again", {}});
    return {};
  });
  EXPECT_TRUE(passes);
  EXPECT_EQ(seen, 3);
  const auto never = asked.call(list_, [&](const HttpAnswer&) -> S3Result<void> {
    ++seen;
    return std::unexpected(S3Failure{S3Judgement::broken, {}, "never", {}});
  });
  EXPECT_FALSE(never);
  EXPECT_EQ(seen, 4);
}

TEST_F(S3ClientTest, OpensAStreamOrSaysWhyNot) {
  S3Client asked = client();
  const auto missing = asked.open({"GET", "S3ClientTest/none"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().judgement, S3Judgement::missing);
  ASSERT_TRUE(asked.call({"PUT", "S3ClientTest/x", {}, {}, "body"}));
  const auto stream = asked.open({"GET", "S3ClientTest/x"});
  ASSERT_TRUE(stream);
  EXPECT_EQ((*stream)->head().body_bytes(), 4u);
}

TEST_F(S3ClientTest, ReachesTheBucketByItsHostName) {
  S3Settings settings = server_.settings("");
  settings.endpoint.host = "localhost";  // whatever lies below it is loopback as well
  settings.style = S3Style::virtual_host;
  S3Client asked(settings, S3TestServer::credentials(), limits(), clock_, random_);
  const auto answer = asked.call({"PUT", "S3ClientTest/by-host", {}, {}, "body"});
  ASSERT_TRUE(answer) << answer.error().words;
  S3Client by_path = client();
  EXPECT_EQ(by_path.call({"GET", "S3ClientTest/by-host"})->body, "body");
}

}  // namespace
}  // namespace packyard
