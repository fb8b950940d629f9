// S3Failure: what a call to an S3 server came to when it did not work, judged by what the server or the connection said, never
// guessed: an absent object is one the server has called NoSuchKey. Plain values.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/transfer/http_client.h"

namespace packyard {

enum class S3Judgement {
  missing,    // the object is known to be absent
  changed,    // another object is there than the one that was meant
  transient,  // trying again may help
  refused,    // the server says no, and will say it again: settings or rights are wrong
  broken,     // not an answer of S3
};

struct S3Failure {
  S3Judgement judgement = S3Judgement::broken;
  std::string code;                         // S3's own, "SlowDown"; empty when there is none
  std::string words;                        // what happened and what to do
  std::chrono::milliseconds retry_after{};  // as the server wishes

  // missing: not_found, changed: conflict, transient: unavailable, refused: invalid, broken: internal.
  Error to_error(std::string_view attempted) const;
};

template <class T>
using S3Result = std::expected<T, S3Failure>;

// Of an answer that is no success, with its body as far as it was read.
S3Failure judge_answer(const HttpHead& head, std::string_view body);
// Of a body inside a success that says it was none (CopyObject, CompleteMultipartUpload); nothing when it does not.
std::optional<S3Failure> judge_success(std::string_view body);
// Of a call without a whole answer.
S3Failure judge_transfer(const Error& error);
// Of an answer that cannot be read as what it should be.
S3Failure broken_answer(const Error& error);

}  // namespace packyard
