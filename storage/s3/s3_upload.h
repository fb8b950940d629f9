// Puts an object of unknown length from a reader: in one piece when it is not larger than a part, in parts otherwise. Memory is
// one part. The object is there as a whole or not at all: an upload in parts that fails is aborted. What the server says it holds
// is compared with what was sent.
#pragma once

#include <string>

#include "storage/object_store.h"
#include "storage/s3/entity_tag.h"
#include "storage/s3/s3_client.h"

namespace packyard {

// `key` is the whole one; `name` is what errors call it.
Result<void> put_object(S3Client& client, const std::string& key, const std::string& name, std::string_view bytes);
Result<void> put_object_from(S3Client& client, const std::string& key, const std::string& name, ObjectReader& reader);

struct S3ObjectState {
  std::uint64_t size_bytes = 0;
  EntityTag tag;
};
// HEAD, and where that says "not found", GET, whose answer says whether it is the object or the bucket that is absent.
S3Result<S3ObjectState> look_up(S3Client& client, const std::string& key);

}  // namespace packyard
