#include "storage/s3/s3_failure.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/log.h"
#include "storage/s3/s3_documents.h"

namespace packyard {
namespace {

constexpr std::array<std::string_view, 11> transient_codes = {"InternalError",
                                                              "SlowDown",
                                                              "ServiceUnavailable",
                                                              "RequestTimeout",
                                                              "OperationAborted",
                                                              "Throttling",
                                                              "TooManyRequests",
                                                              "ThrottlingException",
                                                              "BandwidthLimitExceeded",
                                                              "RequestLimitExceeded",
                                                              "ConditionalRequestConflict"};

bool is_transient(unsigned status) {
  constexpr std::array<unsigned, 7> statuses = {408, 425, 429, 500, 502, 503, 504};
  constexpr unsigned full = 507;
  return status == full || std::ranges::find(statuses, status) != statuses.end();
}

std::string_view advice_for(std::string_view code) {
  struct Advice {
    std::string_view code, words;
  };
  constexpr std::array<Advice, 8> known = {{
      {"AccessDenied", "give the access key the rights to list, read, write and delete in this bucket"},
      {"InvalidAccessKeyId", "the server does not know the access key: correct it"},
      {"SignatureDoesNotMatch", "the secret key does not belong to the access key: correct it"},
      {"RequestTimeTooSkewed", "set this machine's clock"},
      {"NoSuchBucket", "make the bucket, or correct its name in the settings"},
      {"AuthorizationHeaderMalformed", "correct the region in the settings"},
      {"PermanentRedirect", "correct endpoint and region in the settings"},
      {"InvalidBucketName", "correct the bucket in the settings"},
  }};
  const auto found = std::ranges::find(known, code, &Advice::code);
  return found == known.end() ? std::string_view() : found->words;
}

S3Failure judge(unsigned status, const S3ErrorDocument& error, std::string_view bucket_region) {
  S3Failure failure{S3Judgement::refused, error.code, {}, {}};
  failure.words = "status " + std::to_string(status) + ", " + escape_for_log(error.code);
  if (!error.message.empty()) failure.words += " (" + escape_for_log(error.message) + ")";
  if (const auto advice = advice_for(error.code); !advice.empty()) failure.words += ": " + std::string(advice);
  if (const std::string region = escape_for_log(error.region.empty() ? bucket_region : error.region); !region.empty())
    failure.words += "; the bucket is in region " + region;
  if (error.code == "NoSuchKey")
    failure.judgement = S3Judgement::missing;
  else if (error.code == "PreconditionFailed")
    failure.judgement = S3Judgement::changed;
  else if (is_transient(status) || std::ranges::find(transient_codes, error.code) != transient_codes.end())
    failure.judgement = S3Judgement::transient;
  else if (status >= 500)
    failure.judgement = S3Judgement::broken;
  return failure;
}

S3Failure judge_words(const HttpHead& head, std::string_view body) {
  if (const auto error = parse_error_document(body)) return judge(head.status, *error, head.header("x-amz-bucket-region"));
  const std::string status = "status " + std::to_string(head.status);
  // Answers to HEAD have no body, and proxies in front of a server have words of their own.
  constexpr unsigned precondition_failed = 412;
  if (head.status == precondition_failed) return {S3Judgement::changed, {}, status, {}};
  if (is_transient(head.status)) return {S3Judgement::transient, {}, status, {}};
  const std::string region(head.header("x-amz-bucket-region"));
  const std::string where = region.empty() ? std::string() : "; the bucket is in region " + escape_for_log(region);
  if (head.status >= 300 && head.status < 500)
    return {S3Judgement::refused, {}, status + " without S3's reason: check endpoint, bucket, region and access key" + where, {}};
  return {S3Judgement::broken, {}, status + ", which S3 does not answer: check the endpoint", {}};
}

}  // namespace

Error S3Failure::to_error(std::string_view attempted) const {
  ErrorCode error = ErrorCode::internal;
  switch (judgement) {
    case S3Judgement::missing: error = ErrorCode::not_found; break;
    case S3Judgement::changed: error = ErrorCode::conflict; break;
    case S3Judgement::transient: error = ErrorCode::unavailable; break;
    case S3Judgement::refused: error = ErrorCode::invalid; break;
    case S3Judgement::broken: break;
  }
  return Error{error, std::string(attempted) + ": " + words};
}

S3Failure judge_answer(const HttpHead& head, std::string_view body) {
  S3Failure failure = judge_words(head, body);
  const std::string_view wish = head.header("retry-after");
  unsigned seconds = 0;  // also allowed is a date, which S3 servers do not use
  std::from_chars(wish.data(), wish.data() + wish.size(), seconds);
  failure.retry_after = std::chrono::seconds(seconds);
  return failure;
}

std::optional<S3Failure> judge_success(std::string_view body) {
  const auto error = parse_error_document(body);
  if (!error) return std::nullopt;
  constexpr unsigned ok = 200;
  return judge(ok, *error, {});
}

S3Failure judge_transfer(const Error& error) {
  switch (error.code) {
    case ErrorCode::unavailable: return {S3Judgement::transient, {}, error.message, {}};
    case ErrorCode::invalid: return {S3Judgement::refused, {}, error.message + ": check the endpoint and its certificate", {}};
    default: return {S3Judgement::broken, {}, error.message, {}};
  }
}

S3Failure broken_answer(const Error& error) { return {S3Judgement::broken, {}, error.message, {}}; }

}  // namespace packyard
