#include "storage/s3/s3_upload.h"

#include "core/digest.h"
#include "storage/s3/s3_documents.h"

namespace packyard {
namespace {

constexpr std::size_t parts_max = 10'000;  // S3's own bound

std::string md5_of(std::string_view bytes) {
  Md5Stream stream;
  stream.update(bytes);
  return stream.finish();
}

// A server that took other bytes than were sent must not be believed; sending them again may help.
S3Failure other_bytes(const EntityTag& tag) {
  return {S3Judgement::transient,
          {},
          "the server names what it took by the ETag " + tag.quoted() + ", which is not what was sent",
          {}};
}

S3Client::Accept demand_tag(std::string md5, EntityTag& tag) {
  return [md5 = std::move(md5), &tag](const HttpAnswer& answer) -> S3Result<void> {
    tag = EntityTag::of(answer.head);
    if (!tag.may_name(md5)) return std::unexpected(other_bytes(tag));
    return {};
  };
}

// What is held under the key now, against what was sent.
Result<void> check_held(S3Client& client, const std::string& key, const std::string& attempted, std::uint64_t size_bytes) {
  const auto held = look_up(client, key);
  if (!held) return fail(held.error().to_error(attempted + ": looking whether it arrived"));
  if (held->size_bytes == size_bytes) return {};
  return fail(ErrorCode::internal, attempted + ": the server holds " + std::to_string(held->size_bytes) +
                                       " bytes instead of the " + std::to_string(size_bytes) + " that were sent");
}

// Fills the buffer from the reader; less only at its end.
Result<std::size_t> fill(ObjectReader& reader, std::string& buffer) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    TRY_ASSIGN(const std::size_t got, reader.read({buffer.data() + filled, buffer.size() - filled}));
    if (got == 0) break;
    filled += got;
  }
  return filled;
}

class PartsUpload {
 public:
  PartsUpload(S3Client& client, const std::string& key, std::string attempted)
      : client_(client), key_(key), attempted_(std::move(attempted)) {}

  Result<void> begin() {
    const auto begun = client_.call({"POST", key_, {{"uploads", ""}}}, [&](const HttpAnswer& answer) -> S3Result<void> {
      auto id = parse_upload_id(answer.body);
      if (!id) return std::unexpected(broken_answer(id.error()));
      id_ = std::move(*id);
      return {};
    });
    return begun ? Result<void>() : fail(begun.error().to_error(attempted_));
  }

  Result<void> send(std::string_view part) {
    if (tags_.size() == parts_max)
      return fail(ErrorCode::invalid, attempted_ + ": it is larger than " + std::to_string(parts_max) + " parts of " +
                                          std::to_string(client_.limits().part_bytes) + " bytes, which is all that S3 takes");
    EntityTag tag;
    std::string md5 = md5_of(part);
    const std::string number = std::to_string(tags_.size() + 1);
    const S3Call call{"PUT", key_, {{"partNumber", number}, {"uploadId", id_}}, {}, part, S3Call::Duration::may_be_long};
    const auto sent = client_.call(call, demand_tag(md5, tag));
    if (!sent) return fail(sent.error().to_error(attempted_ + ": part " + number));
    if (tag.empty()) return fail(ErrorCode::internal, attempted_ + ": the server names part " + number + " by no ETag");
    tags_.push_back(std::move(tag));
    md5s_.push_back(std::move(md5));
    size_bytes_ += part.size();
    return {};
  }

  Result<void> complete() {
    const std::string document = complete_upload_document(tags_);
    S3Call call{
        "POST", key_, {{"uploadId", id_}}, {{"content-type", "application/xml"}}, document, S3Call::Duration::may_be_long};
    const auto done = client_.call(call, [&](const HttpAnswer& answer) -> S3Result<void> {
      if (auto failed = judge_success(answer.body)) return std::unexpected(std::move(*failed));
      const auto tag = parse_result_tag(answer.body, "CompleteMultipartUploadResult");
      if (!tag) return std::unexpected(broken_answer(tag.error()));
      return {};
    });
    // When the answer to a first attempt was lost, the upload may be finished and therefore gone.
    if (!done && !(done.error().code == "NoSuchUpload" && is_held())) return fail(done.error().to_error(attempted_));
    return check_held(client_, key_, attempted_, size_bytes_);
  }

  // The error that led here matters more than whether this works; what stays is invisible, and goes by the bucket's own rules.
  void abort() { (void)client_.call({"DELETE", key_, {{"uploadId", id_}}}); }

 private:
  bool is_held() {
    const auto held = look_up(client_, key_);
    return held && held->size_bytes == size_bytes_ && held->tag.is_of_parts(md5s_);
  }

  S3Client& client_;
  const std::string& key_;
  std::string attempted_, id_;
  std::vector<EntityTag> tags_;
  std::vector<std::string> md5s_;
  std::uint64_t size_bytes_ = 0;
};

std::string putting(const std::string& name) { return "putting " + name; }

}  // namespace

S3Result<S3ObjectState> look_up(S3Client& client, const std::string& key) {
  const auto state_of = [](const HttpHead& head) -> S3Result<S3ObjectState> {
    const auto size_bytes = head.body_bytes();
    if (!size_bytes)
      return std::unexpected(S3Failure{S3Judgement::broken, {}, "the answer does not say how long the object is", {}});
    return S3ObjectState{*size_bytes, EntityTag::of(head)};
  };
  const auto answer = client.call({"HEAD", key});
  if (answer) return state_of(answer->head);
  if (answer.error().judgement != S3Judgement::refused) return std::unexpected(answer.error());
  RetrySchedule retries = client.schedule();
  while (true) {
    const auto stream = client.open({"GET", key});
    if (stream) return state_of((*stream)->head());
    if (stream.error().judgement != S3Judgement::transient || !retries.wait()) return std::unexpected(stream.error());
  }
}

Result<void> put_object(S3Client& client, const std::string& key, const std::string& name, std::string_view bytes) {
  EntityTag tag;
  const S3Call call{"PUT", key, {}, {}, bytes, S3Call::Duration::may_be_long};
  const auto put = client.call(call, demand_tag(md5_of(bytes), tag));
  if (!put) return fail(put.error().to_error(putting(name)));
  return check_held(client, key, putting(name), bytes.size());
}

Result<void> put_object_from(S3Client& client, const std::string& key, const std::string& name, ObjectReader& reader) {
  std::string part(client.limits().part_bytes, '\0');
  TRY_ASSIGN(std::size_t filled, fill(reader, part));
  if (filled < part.size()) return put_object(client, key, name, std::string_view(part).substr(0, filled));
  PartsUpload upload(client, key, putting(name));
  TRY(upload.begin());
  const auto outcome = [&]() -> Result<void> {
    while (filled > 0) {
      TRY(upload.send(std::string_view(part).substr(0, filled)));
      TRY_ASSIGN(filled, fill(reader, part));
    }
    return upload.complete();
  }();
  if (!outcome) upload.abort();
  return outcome;
}

}  // namespace packyard
