#include "storage/s3/aws_signature.h"

#include <algorithm>

#include "core/digest.h"
#include "core/percent_encoding.h"

namespace packyard {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string signed_headers(const AwsFields& sorted) {
  std::string names;
  for (const auto& [name, value] : sorted) names += (names.empty() ? "" : ";") + name;
  return names;
}

AwsFields sorted_headers(const AwsRequest& request) {
  AwsFields headers = request.headers;
  std::ranges::sort(headers);
  return headers;
}

Secret next_key(const Secret& key, std::string_view message) {
  const Sha256 digest = HmacSha256(key).of(message);
  return Secret(std::string(digest.bytes.begin(), digest.bytes.end()));
}

}  // namespace

std::string canonical_query(AwsFields query) {
  for (auto& [name, value] : query) {
    name = percent_encode(name, Slash::is_encoded);
    value = percent_encode(value, Slash::is_encoded);
  }
  std::ranges::sort(query);
  std::string text;
  for (const auto& [name, value] : query) text.append(text.empty() ? "" : "&").append(name).append("=").append(value);
  return text;
}

std::string amz_date(Timestamp time) {
  std::string date = time.rfc3339();
  std::erase_if(date, [](char c) { return c == '-' || c == ':'; });
  return date;
}

std::string canonical_request(const AwsRequest& request) {
  const AwsFields headers = sorted_headers(request);
  std::string text = request.method + "\n" + request.path + "\n" + canonical_query(request.query) + "\n";
  for (const auto& [name, value] : headers) text.append(name).append(":").append(value).append("\n");
  return text + "\n" + signed_headers(headers) + "\n" + request.payload_sha256;
}

std::string aws_authorization(const AwsRequest& request, const AwsCredentials& credentials, std::string_view region,
                              std::string_view service, std::string_view date) {
  constexpr std::size_t day_digits = 8;
  const std::string day(date.substr(0, day_digits));
  const std::string scope = day + "/" + std::string(region) + "/" + std::string(service) + "/aws4_request";
  const std::string to_sign =
      std::string(algorithm) + "\n" + std::string(date) + "\n" + scope + "\n" + sha256(canonical_request(request)).hex();
  Secret key("AWS4" + std::string(credentials.secret_key.reveal()));
  for (const std::string_view part : {std::string_view(day), region, service, std::string_view("aws4_request")})
    key = next_key(key, part);
  return std::string(algorithm) + " Credential=" + credentials.access_key + "/" + scope +
         ",SignedHeaders=" + signed_headers(sorted_headers(request)) + ",Signature=" + HmacSha256(key).of(to_sign).hex();
}

}  // namespace packyard
