// S3Client: signed calls to one bucket, tried again while a failure may pass. Knows the protocol, not what objects mean.
// Thread-safe. Keys are whole ones, with the prefix. Where a call gives an answer, the server has said yes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/random_source.h"
#include "core/transfer/http_client.h"
#include "storage/s3/aws_signature.h"
#include "storage/s3/retry_schedule.h"
#include "storage/s3/s3_address.h"
#include "storage/s3/s3_failure.h"

namespace packyard {

struct S3Limits {
  HttpDeadlines connection{};
  RetryLimits retries{};
  std::chrono::milliseconds call_max{60'000};        // a small call and its answer
  std::chrono::milliseconds long_call_max{600'000};  // a part sent, a copy or an upload put together
  std::size_t part_bytes = 16 << 20;  // objects larger than one part are put in parts (5 MiB at least, on most servers)
  unsigned list_page_keys = 1000;
};

struct S3Call {
  std::string method;
  std::string key;  // empty: the bucket
  AwsFields query{};
  AwsFields headers{};      // names in lower case
  std::string_view body{};  // must outlive the call
  enum class Duration { usual, may_be_long } duration = Duration::usual;
};

class S3Client {
 public:
  S3Client(const S3Settings& settings, AwsCredentials credentials, const S3Limits& limits, Clock& clock, RandomSource& random);

  // The answer, after `accept` has agreed to it, where one is given: its transient failures are tried again too.
  using Accept = std::function<S3Result<void>(const HttpAnswer&)>;
  S3Result<HttpAnswer> call(const S3Call& call, const Accept& accept = {});
  // One attempt of a call whose answer is read as a stream, which has no deadline as a whole.
  S3Result<std::unique_ptr<HttpAnswerStream>> open(const S3Call& call);

  RetrySchedule schedule() { return {limits_.retries, clock_, random_}; }
  const S3Limits& limits() const { return limits_; }
  const S3Address& address() const { return address_; }

 private:
  HttpCall signed_call(const S3Call& call) const;
  S3Result<HttpAnswer> attempt(const S3Call& call, const Accept& accept);

  S3Settings settings_;
  S3Address address_;
  AwsCredentials credentials_;
  S3Limits limits_;
  Clock& clock_;
  RandomSource& random_;
  HttpClient http_;
};

}  // namespace packyard
