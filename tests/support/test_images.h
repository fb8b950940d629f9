// TestImages: a small published image repository, oci/core/2025/server, written down by hand from the formats' specifications, so
// that verify is measured against them and not against our writers. Tests change one thing while it is made: every document has a
// name and passes through `touch`, and all that is made from it later (digests, sizes, signatures) agrees with the change.
//   tag 1.4.2   index of amd64 (gzip and zstd layers), arm64 (plain layer) and amd64's attestation, with an SBOM
//   tag latest  the same index
//   tag 1.3.0   a Docker image, "old"
//   and "gone", an image that latest pointed to before
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/digest.h"
#include "signer/openpgp_signer.h"
#include "signer/p256_key.h"

namespace packyard::test {

struct TestImagesChange {
  using Json = nlohmann::ordered_json;
  // "config amd64", "manifest amd64", "manifest index", "manifest sbom", "entry amd64", "payload amd64 1.4.2", "statement
  // amd64 1.4.2", "bundle amd64 1.4.2", "manifest bundle amd64 1.4.2", "manifest sig amd64", "repository", "contents"
  std::function<void(const std::string& name, Json& document)> touch;
  std::set<std::string> omit;      // "legacy amd64 1.4.2", "bundle amd64 1.4.2"; "sbom", "gone" with all that belongs to them
  std::set<std::string> stranger;  // the same names: signed by another key
};

class TestImages {
 public:
  using Json = nlohmann::ordered_json;
  static constexpr const char* target = "oci/core/2025/server";
  static constexpr const char* site = "pkg.example.org";
  static constexpr std::int64_t published_at = 1767225600;  // 2026-01-01

  // Everything below `root`/public but the release; cosign.pub beside it.
  TestImages(std::filesystem::path root, TestImagesChange change = {});
  // Release 1 with this target alone, and lts.asc.
  void release(OpenPgpSigner& signer) const;

  std::filesystem::path published() const { return root_ / "public"; }
  std::filesystem::path image_key() const { return root_ / "cosign.pub"; }
  std::filesystem::path keys() const { return root_ / "lts.asc"; }
  std::filesystem::path operator/(const std::string& path) const { return published() / path; }
  static std::string generation() { return std::string("generations/") + target + "/000001/"; }
  Sha256 contents_digest() const;
  // "amd64", "index", "sbom", "bundle amd64 1.4.2", "sig amd64" …
  std::string manifest(const std::string& name) const;
  // "config amd64", "layer gzip", "layer zstd", "layer plain", "payload amd64 1.4.2", "envelope amd64 1.4.2" …
  std::string blob(const std::string& name) const;
  Sha256 digest(const std::string& name) const;
  std::string record(const std::string& tag) const;

  void write(const std::string& path, const std::string& bytes) const;
  void flip_last_byte(const std::string& path) const;

  static Json descriptor(const std::string& media_type, const Sha256& digest, std::uint64_t size);

 private:
  struct Layer {
    std::string name, media_type, packed;
    Sha256 diff_id;
  };
  struct Payload {
    Sha256 digest;
    std::uint64_t size;
    std::string signature;
  };
  static const std::vector<Layer>& layers();
  void touch(const std::string& name, Json& document) const;
  const P256Key& key_for(const std::string& name) const;
  bool has(const std::string& name) const { return !change_.omit.contains(name); }

  void put_blob(const std::string& name, const std::string& bytes);
  void put_manifest(const std::string& name, const std::string& media_type, Json document);
  Json blob_descriptor(const std::string& name, const std::string& media_type) const;
  Json manifest_descriptor(const std::string& name) const;
  void put_image(const std::string& name, const std::string& architecture, const std::vector<std::string>& layer_names,
                 bool is_docker = false);
  void put_attestation();
  void put_index();
  void put_sbom();
  void put_tag(const std::string& tag, const std::vector<std::string>& names, const std::string& architecture, bool is_listed);
  void sign(const std::string& name, const std::string& tag);
  void put_signature_tags();
  void write_documents();

  std::filesystem::path root_;
  TestImagesChange change_;
  std::map<std::string, Sha256> names_;  // of manifests and blobs
  std::map<std::string, Sha256> tags_;
  std::map<std::string, Json> entries_;  // of repository.json, by the manifest's name
  std::map<Sha256, std::uint64_t> blobs_;
  std::map<std::string, std::vector<Payload>> payloads_;  // by the signed manifest's name
  std::map<std::string, std::string> records_;            // path by tag; "gone" for the one that is not listed
  Json packages_ = Json::array(), objects_ = Json::array();
};

}  // namespace packyard::test
