// S3ObjectStore: an ObjectStore (storage/object_store.h) in an S3 bucket, below a prefix. Every call is tried again while its
// failure may pass, each wait has a deadline (storage/s3/s3_client.h). Objects appear as a whole; move is a copy inside the
// server, then a removal, so that a crash in between leaves both. Thread-safe. Beyond the interface: wrong settings or missing
// rights are invalid, answers that are not S3's internal.
#pragma once

#include "storage/object_store.h"
#include "storage/s3/s3_client.h"

namespace packyard {

class S3ObjectStore final : public ObjectStore {
 public:
  // Nothing is asked of the server yet.
  S3ObjectStore(const S3Settings& settings, AwsCredentials credentials, Clock& clock, RandomSource& random,
                const S3Limits& limits = {});

  std::string description() const override;
  Result<ObjectListing> list(std::string_view folder) override;
  Result<ObjectLevel> list_level(std::string_view folder) override;
  Result<ObjectInfo> stat(const ObjectKey& key) override;
  Result<std::unique_ptr<ObjectReader>> open(const ObjectKey& key) override;
  Result<void> put(const ObjectKey& key, std::string_view bytes) override;
  Result<void> put_from(const ObjectKey& key, ObjectReader& reader) override;
  Result<void> move(const ObjectKey& from, const ObjectKey& to) override;
  Result<void> remove(const ObjectKey& key) override;

 private:
  enum class Depth { all, one_level };
  Result<ObjectLevel> list_pages(std::string_view folder, Depth depth);
  std::string full(const ObjectKey& key) const;
  std::string name_of(const ObjectKey& key) const;

  S3Settings settings_;
  S3Client client_;
};

}  // namespace packyard
