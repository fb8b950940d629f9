#include "tests/support/test_images.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "core/base64.h"
#include "core/timestamp.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_site.h"

namespace packyard::test {
namespace {

namespace fs = std::filesystem;

const std::string oci_manifest = "application/vnd.oci.image.manifest.v1+json";
const std::string oci_index = "application/vnd.oci.image.index.v1+json";
const std::string oci_config = "application/vnd.oci.image.config.v1+json";
const std::string oci_empty = "application/vnd.oci.empty.v1+json";
const std::string oci_layer = "application/vnd.oci.image.layer.v1.tar";
const std::string docker_manifest = "application/vnd.docker.distribution.manifest.v2+json";
const std::string simple_signing = "application/vnd.dev.cosign.simplesigning.v1+json";
const std::string bundle_v03 = "application/vnd.dev.sigstore.bundle.v0.3+json";
const std::string in_toto = "application/vnd.in-toto+json";
const std::string predicate = "https://sigstore.dev/cosign/sign/v1";

std::string text_of(const Sha256& digest) { return "sha256:" + digest.hex(); }

// Packed by the tool of the format itself.
std::string packed(const std::string& bytes, const std::string& command) {
  const TemporaryFolder folder;
  std::ofstream(folder / "in", std::ios::binary) << bytes;
  run_shell(command + " <" + (folder / "in").string() + " >" + (folder / "out").string());
  return read_whole(folder / "out");
}

const P256Key& vendor_key() {
  static const P256Key key = P256Key::make().value();
  return key;
}
const P256Key& stranger_key() {
  static const P256Key key = P256Key::make().value();
  return key;
}

// SubjectPublicKeyInfo in the PEM text.
std::string hint_of(const std::string& pem) {
  std::string body;
  for (std::size_t at = 0; at < pem.size();) {
    const std::size_t end = pem.find('\n', at);
    if (pem[at] != '-') body += pem.substr(at, end - at);
    at = end == std::string::npos ? pem.size() : end + 1;
  }
  const Sha256 digest = sha256(decode_base64(body).value());
  return encode_base64({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
}

}  // namespace

const std::vector<TestImages::Layer>& TestImages::layers() {
  static const std::vector<Layer> made = [] {
    std::string big;
    for (std::uint64_t i = 0; i < 100'000; ++i) big += std::to_string(i * 7919 % 10007);
    return std::vector<Layer>{
        {"layer gzip", oci_layer + "+gzip", packed("gzip" + big, "gzip -n"), sha256("gzip" + big)},
        {"layer zstd", oci_layer + "+zstd", packed("zstd" + big, "zstd -q"), sha256("zstd" + big)},
        {"layer plain", oci_layer, "plain", sha256("plain")},
        {"layer docker", "application/vnd.docker.image.rootfs.diff.tar.gzip", packed("docker", "gzip -n"), sha256("docker")},
    };
  }();
  return made;
}

TestImages::TestImages(fs::path root, TestImagesChange change) : root_(std::move(root)), change_(std::move(change)) {
  fs::remove_all(root_);
  fs::create_directories(published());
  std::ofstream(image_key()) << vendor_key().public_key();
  put_blob("empty", "{}");
  put_image("amd64", "amd64", {"layer gzip", "layer zstd"});
  put_image("arm64", "arm64", {"layer plain"});
  put_image("old", "amd64", {"layer docker"}, true);
  put_attestation();
  put_index();
  if (has("gone")) {
    put_image("gone", "amd64", {"layer gzip"});
    put_tag("latest", {"gone"}, "amd64", false);
  }
  const std::vector<std::string> whole = {"index", "amd64", "arm64", "attestation"};
  put_tag("1.4.2", whole, "amd64,arm64", true);
  put_tag("latest", whole, "amd64,arm64", true);
  put_tag("1.3.0", {"old"}, "amd64", true);
  if (has("sbom")) put_sbom();
  put_signature_tags();
  write_documents();
}

void TestImages::touch(const std::string& name, Json& document) const {
  if (change_.touch) change_.touch(name, document);
}

const P256Key& TestImages::key_for(const std::string& name) const {
  return change_.stranger.contains(name) ? stranger_key() : vendor_key();
}

TestImages::Json TestImages::descriptor(const std::string& media_type, const Sha256& digest, std::uint64_t size) {
  return {{"mediaType", media_type}, {"digest", text_of(digest)}, {"size", size}};
}

Sha256 TestImages::digest(const std::string& name) const { return names_.at(name); }
std::string TestImages::manifest(const std::string& name) const {
  return std::string("pool/") + target + "/manifests/sha256/" + digest(name).hex();
}
std::string TestImages::blob(const std::string& name) const {
  return std::string("pool/") + target + "/blobs/sha256/" + digest(name).hex();
}
std::string TestImages::record(const std::string& tag) const { return records_.at(tag); }

void TestImages::write(const std::string& path, const std::string& bytes) const {
  const fs::path file = published() / path;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

void TestImages::flip_last_byte(const std::string& path) const {
  std::string text = read_whole(published() / path);
  text.back() = static_cast<char>(text.back() ^ 1);
  write(path, text);
}

void TestImages::put_blob(const std::string& name, const std::string& bytes) {
  names_[name] = sha256(bytes);
  blobs_[sha256(bytes)] = bytes.size();
  write(blob(name), bytes);
}

// repository.json's entry says what the manifest says.
void TestImages::put_manifest(const std::string& name, const std::string& media_type, Json document) {
  touch("manifest " + name, document);
  const std::string bytes = document.dump();
  names_[name] = sha256(bytes);
  Json entry = {{"media_type", media_type}, {"size_bytes", bytes.size()}};
  if (document.contains("subject")) {
    entry["subject"] = document["subject"]["digest"];
    if (document.contains("artifactType")) entry["artifact_type"] = document["artifactType"];
    else if (document.contains("config")) entry["artifact_type"] = document["config"]["mediaType"];
    if (document.contains("annotations")) entry["annotations"] = document["annotations"];
  }
  touch("entry " + name, entry);
  entries_[name] = entry;
  write(manifest(name), bytes);
}

TestImages::Json TestImages::blob_descriptor(const std::string& name, const std::string& media_type) const {
  return descriptor(media_type, digest(name), blobs_.at(digest(name)));
}
TestImages::Json TestImages::manifest_descriptor(const std::string& name) const {
  const Json& entry = entries_.at(name);
  return descriptor(entry["media_type"], digest(name), fs::file_size(published() / manifest(name)));
}

void TestImages::put_image(const std::string& name, const std::string& architecture, const std::vector<std::string>& layer_names,
                           bool is_docker) {
  Json diff_ids = Json::array(), descriptors = Json::array();
  for (const Layer& layer : layers()) {
    if (std::find(layer_names.begin(), layer_names.end(), layer.name) == layer_names.end()) continue;
    put_blob(layer.name, layer.packed);
    diff_ids.push_back(text_of(layer.diff_id));
    descriptors.push_back(blob_descriptor(layer.name, layer.media_type));
  }
  Json config = {{"architecture", architecture},
                 {"os", "linux"},
                 {"config", {{"Labels", {{"image", name}}}}},
                 {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}};
  touch("config " + name, config);
  put_blob("config " + name, config.dump());
  put_manifest(
      name, is_docker ? docker_manifest : oci_manifest,
      {{"schemaVersion", 2},
       {"mediaType", is_docker ? docker_manifest : oci_manifest},
       {"config", blob_descriptor("config " + name, is_docker ? "application/vnd.docker.container.image.v1+json" : oci_config)},
       {"layers", descriptors}});
}

// As BuildKit makes them: in the index, for no platform.
void TestImages::put_attestation() {
  put_blob("provenance", R"({"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://slsa.dev/provenance/v0.2"})");
  Json config = {{"architecture", "unknown"},
                 {"os", "unknown"},
                 {"config", Json::object()},
                 {"rootfs", {{"type", "layers"}, {"diff_ids", Json::array({text_of(digest("provenance"))})}}}};
  put_blob("config attestation", config.dump());
  Json layer = blob_descriptor("provenance", in_toto);
  layer["annotations"] = {{"in-toto.io/predicate-type", "https://slsa.dev/provenance/v0.2"}};
  put_manifest("attestation", oci_manifest,
               {{"schemaVersion", 2},
                {"mediaType", oci_manifest},
                {"config", blob_descriptor("config attestation", oci_config)},
                {"layers", Json::array({layer})}});
}

void TestImages::put_index() {
  Json children = Json::array();
  for (const char* name : {"amd64", "arm64", "attestation"}) {
    Json child = manifest_descriptor(name);
    child["platform"] = {{"architecture", name}, {"os", "linux"}};
    if (name == std::string("arm64")) child["platform"]["variant"] = "v8";
    if (name == std::string("attestation")) {
      child["platform"] = {{"architecture", "unknown"}, {"os", "unknown"}};
      child["annotations"] = {{"vnd.docker.reference.type", "attestation-manifest"},
                              {"vnd.docker.reference.digest", text_of(digest("amd64"))}};
    }
    children.push_back(child);
  }
  put_manifest("index", oci_index, {{"schemaVersion", 2}, {"mediaType", oci_index}, {"manifests", children}});
}

void TestImages::put_sbom() {
  const std::string type = "application/vnd.cyclonedx+json";
  put_blob("bill", R"({"bomFormat":"CycloneDX","specVersion":"1.5"})");
  put_manifest("sbom", oci_manifest,
               {{"schemaVersion", 2},
                {"mediaType", oci_manifest},
                {"artifactType", type},
                {"config", blob_descriptor("empty", oci_empty)},
                {"layers", Json::array({blob_descriptor("bill", type)})},
                {"subject", manifest_descriptor("index")},
                {"annotations", {{"org.opencontainers.image.created", "2026-01-01T00:00:00Z"}}}});
  sign("sbom", "");
}

// The tag points to the first; all of them are signed for it.
void TestImages::put_tag(const std::string& tag, const std::vector<std::string>& names, const std::string& architecture,
                         bool is_listed) {
  for (const std::string& name : names) sign(name, tag);
  const std::string bytes = "record of " + tag + " at " + text_of(digest(names[0]));
  const std::string path = std::string("pool/") + target + "/images/" + tag + "-" + sha256(bytes).hex().substr(0, 16) + ".json";
  write(path, bytes);
  records_[is_listed ? tag : names[0]] = path;
  Json entry = {{"path", path}, {"sha256", sha256(bytes).hex()}, {"size_bytes", bytes.size()}};
  if (!is_listed) {
    objects_.push_back(entry);
    return;
  }
  tags_[tag] = digest(names[0]);
  entry["name"] = "server:" + tag;
  entry["version"] = text_of(digest(names[0]));
  entry["architecture"] = architecture;
  packages_.push_back(entry);
}

// Both forms; without a tag the reference is by digest.
void TestImages::sign(const std::string& name, const std::string& tag) {
  const std::string about = name + (tag.empty() ? "" : " " + tag);
  const std::string reference = std::string(site) + "/core/2025/server" + (tag.empty() ? "@" + text_of(digest(name)) : ":" + tag);
  const Json annotations = tag.empty() ? Json::object() : Json{{"tag", tag}};
  if (has("legacy " + about)) {
    Json payload = {{"critical",
                     {{"identity", {{"docker-reference", reference}}},
                      {"image", {{"docker-manifest-digest", text_of(digest(name))}}},
                      {"type", "cosign container image signature"}}},
                    {"optional", tag.empty() ? Json() : annotations}};
    touch("payload " + about, payload);
    const std::string bytes = payload.dump();
    put_blob("payload " + about, bytes);
    payloads_[name].push_back({sha256(bytes), bytes.size(), encode_base64(key_for("legacy " + about).sign(bytes).value())});
  }
  if (!has("bundle " + about)) return;
  Json statement = {{"_type", "https://in-toto.io/Statement/v1"},
                    {"subject", Json::array({Json{{"digest", {{"sha256", digest(name).hex()}}}, {"annotations", annotations}}})},
                    {"predicateType", predicate},
                    {"predicate", Json::object()}};
  touch("statement " + about, statement);
  const std::string text = statement.dump();
  const std::string signed_bytes =
      "DSSEv1 " + std::to_string(in_toto.size()) + " " + in_toto + " " + std::to_string(text.size()) + " " + text;
  Json bundle = {
      {"mediaType", bundle_v03},
      {"verificationMaterial", {{"publicKey", {{"hint", hint_of(vendor_key().public_key())}}}}},
      {"dsseEnvelope",
       {{"payload", encode_base64(text)},
        {"payloadType", in_toto},
        {"signatures", Json::array({Json{{"sig", encode_base64(key_for("bundle " + about).sign(signed_bytes).value())}}})}}}};
  touch("bundle " + about, bundle);
  put_blob("envelope " + about, bundle.dump());
  put_manifest("bundle " + about, oci_manifest,
               {{"schemaVersion", 2},
                {"mediaType", oci_manifest},
                {"artifactType", bundle_v03},
                {"config", blob_descriptor("empty", oci_empty)},
                {"layers", Json::array({blob_descriptor("envelope " + about, bundle_v03)})},
                {"subject", manifest_descriptor(name)},
                {"annotations",
                 {{"dev.sigstore.bundle.content", "dsse-envelope"},
                  {"dev.sigstore.bundle.predicateType", predicate},
                  {"org.opencontainers.image.created", "2026-01-01T00:00:00Z"}}}});
}

void TestImages::put_signature_tags() {
  for (const auto& [name, payloads] : payloads_) {
    Json diff_ids = Json::array(), descriptors = Json::array();
    for (const Payload& payload : payloads) {
      diff_ids.push_back(text_of(payload.digest));
      descriptors.push_back(descriptor(simple_signing, payload.digest, payload.size));
      descriptors.back()["annotations"] = {{"dev.cosignproject.cosign/signature", payload.signature}};
    }
    const Json config = {
        {"architecture", ""}, {"os", ""}, {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}, {"config", Json::object()}};
    put_blob("config sig " + name, config.dump());
    put_manifest("sig " + name, oci_manifest,
                 {{"schemaVersion", 2},
                  {"mediaType", oci_manifest},
                  {"config", blob_descriptor("config sig " + name, oci_config)},
                  {"layers", descriptors}});
    tags_["sha256-" + digest(name).hex() + ".sig"] = digest("sig " + name);
  }
}

void TestImages::write_documents() {
  const std::string moment = Timestamp{published_at}.rfc3339();
  Json repository = {{"repository", "core/2025/server"}, {"generation", 1}, {"published_at", moment}};
  for (const char* part : {"tags", "manifests", "blobs"}) repository[part] = Json::object();
  for (const auto& [tag, to] : tags_) repository["tags"][tag] = text_of(to);
  for (const auto& [name, entry] : entries_) {
    repository["manifests"][text_of(digest(name))] = entry;
    objects_.push_back({{"path", manifest(name)}, {"sha256", digest(name).hex()}, {"size_bytes", entry["size_bytes"]}});
  }
  for (const auto& [hash, size] : blobs_) {
    repository["blobs"][text_of(hash)] = size;
    objects_.push_back(
        {{"path", std::string("pool/") + target + "/blobs/sha256/" + hash.hex()}, {"sha256", hash.hex()}, {"size_bytes", size}});
  }
  touch("repository", repository);
  const std::string text = repository.dump();
  write(generation() + "repository.json", text);
  Json contents = {{"target", target}, {"generation", 1}, {"published_at", moment}};
  contents["files"] = Json::array(
      {Json{{"path", generation() + "repository.json"}, {"sha256", sha256(text).hex()}, {"size_bytes", text.size()}}});
  contents["packages"] = packages_;
  contents["objects"] = objects_;
  touch("contents", contents);
  write(generation() + "contents.json", contents.dump());
}

Sha256 TestImages::contents_digest() const { return sha256(read_whole(published() / (generation() + "contents.json"))); }

void TestImages::release(OpenPgpSigner& signer) const {
  std::ofstream(keys()) << signer.public_key().value();
  const Json text = {{"release", 1},
                     {"published_at", Timestamp{published_at}.rfc3339()},
                     {"kind", "promotion"},
                     {"targets", {{target, {{"generation", 1}, {"contents_sha256", contents_digest().hex()}}}}}};
  write("releases/000001/release.json", text.dump());
  write("releases/000001/release.json.asc", signer.sign_detached(text.dump(), SignatureForm::armored).value());
  const fs::path link = published() / "releases/000001" / target;
  fs::create_directories(link.parent_path());
  fs::create_symlink(std::string("../../../../../generations/") + target + "/000001", link);
  fs::create_symlink("releases/000001", published() / "current");
}

}  // namespace packyard::test
