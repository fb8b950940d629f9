#include "storage/s3/aws_signature.h"

#include <gtest/gtest.h>

#include "core/digest.h"
#include "core/percent_encoding.h"

namespace packyard {
namespace {

// The examples of the S3 API reference, "Signature Calculations for the Authorization Header".
class S3Examples : public testing::Test {
 protected:
  std::string signature(AwsRequest request) {
    if (request.payload_sha256.empty()) request.payload_sha256 = sha256("").hex();
    request.headers.emplace_back("host", "examplebucket.s3.amazonaws.com");
    request.headers.emplace_back("x-amz-date", date_);
    request.headers.emplace_back("x-amz-content-sha256", request.payload_sha256);
    const std::string authorization = aws_authorization(request, credentials_, "us-east-1", "s3", date_);
    return authorization.substr(authorization.find("SignedHeaders="));
  }
  AwsCredentials credentials_{"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};
  std::string date_ = amz_date(Timestamp::parse_rfc3339("2013-05-24T00:00:00Z").value());
};

TEST_F(S3Examples, GetWithARange) {
  EXPECT_EQ(signature({"GET", "/test.txt", {}, {{"range", "bytes=0-9"}}, {}}),
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST_F(S3Examples, PutWithAKeyToEncode) {
  const AwsRequest request{"PUT",
                           "/" + percent_encode("test$file.text", Slash::stays),
                           {},
                           {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                           sha256("Welcome to Amazon S3.").hex()};
  EXPECT_EQ(signature(request),
            "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
            "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST_F(S3Examples, AQueryWithoutAValue) {
  EXPECT_EQ(signature({"GET", "/", {{"lifecycle", ""}}, {}, {}}),
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
            "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST_F(S3Examples, AListingWithItsQueryInOrder) {
  EXPECT_EQ(signature({"GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, {}}),
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
            "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

// get-vanilla of the Signature Version 4 test suite.
TEST(AwsSignature, MatchesTheTestSuite) {
  const AwsCredentials credentials{"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")};
  const AwsRequest request{
      "GET", "/", {}, {{"x-amz-date", "20150830T123600Z"}, {"host", "example.amazonaws.com"}}, sha256("").hex()};
  EXPECT_EQ(aws_authorization(request, credentials, "us-east-1", "service", "20150830T123600Z"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,SignedHeaders=host;x-amz-date,"
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(AwsSignature, EncodesOnceAndInUpperCase) {
  EXPECT_EQ(canonical_query({{"b", "2"}, {"a+", ""}, {"a", "/"}}), "a=%2F&a%2B=&b=2");
  EXPECT_EQ(canonical_query({}), "");
}

}  // namespace
}  // namespace packyard
