// S3ObjectReader: reads one object from start to end, over as many connections as it takes. What it gives is the object that was
// opened (If-Match), of the length that was announced, with the digest that its ETag names, or an error at the end at the latest:
// conflict when another object took its place meanwhile, not_found when it went away, unavailable when bytes kept failing to come
// or came wrong.
#pragma once

#include <memory>

#include "core/digest.h"
#include "storage/object_store.h"
#include "storage/s3/entity_tag.h"
#include "storage/s3/s3_client.h"

namespace packyard {

class S3ObjectReader final : public ObjectReader {
 public:
  // `key` is the whole one; `name` is what errors call it. Lives no longer than the client.
  static Result<std::unique_ptr<ObjectReader>> open(S3Client& client, std::string key, std::string name);
  Result<std::size_t> read(std::span<char> block) override;

 private:
  S3ObjectReader(S3Client& client, std::string key, std::string name);
  S3Result<void> begin();
  S3Result<void> go_on();
  Result<void> connect();
  Result<std::size_t> finish();

  S3Client& client_;
  std::string key_, attempted_;
  RetrySchedule retries_;
  std::unique_ptr<HttpAnswerStream> stream_;
  std::uint64_t size_bytes_ = 0, taken_bytes_ = 0, taken_at_failure_ = 0;
  bool is_opened_ = false;
  EntityTag tag_;
  Md5Stream md5_;
  std::optional<Error> failure_;
  bool is_finished_ = false;
};

}  // namespace packyard
