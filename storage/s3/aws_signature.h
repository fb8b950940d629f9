// AWS Signature Version 4, the header form with a signed payload, as S3 asks for it: keys are percent-encoded once, "/" stays.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. Pure functions; checked against the vectors
// there.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/secret.h"
#include "core/timestamp.h"

namespace packyard {

struct AwsCredentials {
  std::string access_key;
  Secret secret_key;
};

using AwsFields = std::vector<std::pair<std::string, std::string>>;

struct AwsRequest {
  std::string method;
  std::string path;            // percent-encoded, starts with '/'
  AwsFields query;             // as meant, not encoded; any order
  AwsFields headers;           // names in lower case; Host among them; any order
  std::string payload_sha256;  // 64 lower-case digits
};

// "a=1&b=" in the order that is signed, which is also how it is sent; empty for no fields.
std::string canonical_query(AwsFields query);

// "20130524T000000Z", the value of X-Amz-Date.
std::string amz_date(Timestamp time);

// What is hashed and signed; for tests and for whoever looks for a difference.
std::string canonical_request(const AwsRequest& request);

// The value of Authorization. `date` is what X-Amz-Date says.
std::string aws_authorization(const AwsRequest& request, const AwsCredentials& credentials, std::string_view region,
                              std::string_view service, std::string_view date);

}  // namespace packyard
