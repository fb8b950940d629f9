#include "storage/s3/s3_object_reader.h"

namespace packyard {
namespace {

// So much new, and a failure is the first one again: a long object may meet several.
constexpr std::uint64_t progress_bytes = 16 << 20;

S3Failure broken(std::string words) { return {S3Judgement::broken, {}, std::move(words), {}}; }

}  // namespace

S3ObjectReader::S3ObjectReader(S3Client& client, std::string key, std::string name)
    : client_(client), key_(std::move(key)), attempted_("reading " + std::move(name)), retries_(client.schedule()) {}

Result<std::unique_ptr<ObjectReader>> S3ObjectReader::open(S3Client& client, std::string key, std::string name) {
  std::unique_ptr<S3ObjectReader> reader(new S3ObjectReader(client, std::move(key), std::move(name)));
  TRY(reader->connect());
  return reader;
}

S3Result<void> S3ObjectReader::begin() {
  auto stream = client_.open({"GET", key_});
  if (!stream) return std::unexpected(std::move(stream).error());
  const auto size_bytes = (*stream)->head().body_bytes();
  constexpr unsigned ok = 200;
  if ((*stream)->head().status != ok || !size_bytes)
    return std::unexpected(broken("the answer does not say how long the object is"));
  stream_ = std::move(*stream);
  size_bytes_ = *size_bytes;
  tag_ = EntityTag::of(stream_->head());
  is_opened_ = true;
  return {};
}

S3Result<void> S3ObjectReader::go_on() {
  if (tag_.empty()) return std::unexpected(broken("the connection was lost, and without an ETag nobody knows where to go on"));
  const std::string from = std::to_string(taken_bytes_), last = std::to_string(size_bytes_ - 1);
  auto stream = client_.open({"GET", key_, {}, {{"range", "bytes=" + from + "-"}, {"if-match", tag_.quoted()}}});
  if (!stream) return std::unexpected(std::move(stream).error());
  const HttpHead& head = (*stream)->head();
  constexpr unsigned partial_content = 206;
  if (head.status != partial_content ||
      head.header("content-range") != "bytes " + from + "-" + last + "/" + std::to_string(size_bytes_))
    return std::unexpected(broken("asked to go on at byte " + from + ", the server answered with other bytes"));
  if (EntityTag::of(head) != tag_) return std::unexpected(S3Failure{S3Judgement::changed, {}, "its ETag is another one now", {}});
  stream_ = std::move(*stream);
  return {};
}

Result<void> S3ObjectReader::connect() {
  while (true) {
    const auto connected = is_opened_ ? go_on() : begin();
    if (connected) return {};
    const S3Failure& failure = connected.error();
    if (failure.judgement == S3Judgement::changed)
      return fail(ErrorCode::conflict, attempted_ + ": it changed while it was read: stage it again");
    if (failure.judgement != S3Judgement::transient || !retries_.wait(failure.retry_after)) {
      const std::string tried = retries_.attempts() > 1 ? " (tried " + std::to_string(retries_.attempts()) + " times)" : "";
      Error error = failure.to_error(attempted_);
      error.message += tried;
      return fail(std::move(error));
    }
  }
}

Result<std::size_t> S3ObjectReader::finish() {
  if (taken_bytes_ != size_bytes_)
    return fail(ErrorCode::unavailable, attempted_ + ": " + std::to_string(taken_bytes_) +
                                            " bytes came instead of the announced " + std::to_string(size_bytes_));
  if (!tag_.may_name(md5_.finish()))
    return fail(ErrorCode::unavailable, attempted_ + ": the bytes that came are not those that its ETag " + tag_.quoted() +
                                            " names: damaged on the way or in the store; try again, then put it there anew");
  is_finished_ = true;
  return 0;
}

Result<std::size_t> S3ObjectReader::read(std::span<char> block) {
  if (failure_) return fail(*failure_);
  if (is_finished_) return 0;
  while (true) {
    const auto got = stream_->read(block);
    if (got && *got > 0) {
      md5_.update({block.data(), *got});
      taken_bytes_ += *got;
      return got;
    }
    auto outcome = Result<std::size_t>(0);
    if (got || taken_bytes_ == size_bytes_) {
      outcome = finish();
    } else if (const S3Failure lost = judge_transfer(got.error()); lost.judgement != S3Judgement::transient) {
      outcome = fail(lost.to_error(attempted_));
    } else {
      if (taken_bytes_ - taken_at_failure_ >= progress_bytes) retries_.reset();
      taken_at_failure_ = taken_bytes_;
      stream_.reset();
      if (!retries_.wait()) {
        outcome = fail(lost.to_error(attempted_));
      } else if (const auto connected = connect(); !connected) {
        outcome = fail(connected.error());
      } else {
        continue;
      }
    }
    if (!outcome) failure_ = outcome.error();
    return outcome;
  }
}

}  // namespace packyard
