#include "storage/s3/s3_client.h"

#include "core/digest.h"

namespace packyard {
namespace {

constexpr std::size_t answer_bytes_max = 16 << 20;  // a page of 1000 keys of 1024 bytes, each three bytes long when encoded
constexpr std::size_t error_bytes_max = 64 << 10;

bool is_success(const HttpHead& head) { return head.status == 200 || head.status == 204 || head.status == 206; }

// What there is of an error's body; how it ended does not matter.
std::string read_error_body(HttpAnswerStream& stream) {
  std::string body;
  std::vector<char> block(4096);
  while (body.size() < error_bytes_max) {
    const auto got = stream.read(block);
    if (!got || *got == 0) break;
    body.append(block.data(), *got);
  }
  return body;
}

std::string with_attempts(const std::string& words, unsigned attempts) {
  return attempts == 1 ? words : words + " (tried " + std::to_string(attempts) + " times)";
}

}  // namespace

S3Client::S3Client(const S3Settings& settings, AwsCredentials credentials, const S3Limits& limits, Clock& clock,
                   RandomSource& random)
    : settings_(settings),
      address_(settings),
      credentials_(std::move(credentials)),
      limits_(limits),
      clock_(clock),
      random_(random),
      http_(limits.connection) {}

HttpCall S3Client::signed_call(const S3Call& call) const {
  const std::string date = amz_date(clock_.now());
  AwsRequest request{call.method, address_.path(call.key), call.query, call.headers, sha256(call.body).hex()};
  request.headers.emplace_back("host", address_.host());
  request.headers.emplace_back("x-amz-content-sha256", request.payload_sha256);
  request.headers.emplace_back("x-amz-date", date);
  HttpCall signed_call{call.method, address_.url(call.key, call.query), {}, call.body, {}};
  for (const auto& [name, value] : request.headers) signed_call.headers.push_back(name + ": " + value);
  signed_call.headers.push_back("Authorization: " + aws_authorization(request, credentials_, settings_.region, "s3", date));
  return signed_call;
}

S3Result<HttpAnswer> S3Client::attempt(const S3Call& call, const Accept& accept) {
  HttpCall http_call = signed_call(call);
  http_call.whole_deadline = call.duration == S3Call::Duration::usual ? limits_.call_max : limits_.long_call_max;
  auto answer = http_.send(http_call, answer_bytes_max);
  if (!answer) return std::unexpected(judge_transfer(answer.error()));
  if (!is_success(answer->head)) return std::unexpected(judge_answer(answer->head, answer->body));
  if (accept)
    if (auto accepted = accept(*answer); !accepted) return std::unexpected(std::move(accepted).error());
  return std::move(*answer);
}

S3Result<HttpAnswer> S3Client::call(const S3Call& call, const Accept& accept) {
  RetrySchedule retries = schedule();
  while (true) {
    auto answer = attempt(call, accept);
    if (answer) return answer;
    S3Failure failure = std::move(answer).error();
    if (failure.judgement == S3Judgement::transient && retries.wait(failure.retry_after)) continue;
    failure.words = with_attempts(failure.words, retries.attempts());
    return std::unexpected(std::move(failure));
  }
}

S3Result<std::unique_ptr<HttpAnswerStream>> S3Client::open(const S3Call& call) {
  auto stream = http_.open(signed_call(call));
  if (!stream) return std::unexpected(judge_transfer(stream.error()));
  if (is_success((*stream)->head())) return std::move(*stream);
  return std::unexpected(judge_answer((*stream)->head(), read_error_body(**stream)));
}

}  // namespace packyard
