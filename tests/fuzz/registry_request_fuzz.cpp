// A request target as a stranger sends it to the registry API, path and query, answered over a small published tree: an image of
// core and one of plus. Whatever is asked below core, no byte of plus may come, and every answer is one the specification has.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/check.h"
#include "core/durable_file.h"
#include "core/names.h"
#include "registry/oci_digest.h"
#include "registry/registry_handler.h"

namespace {

using packyard::RegistryHandler;
using packyard::RegistryRequest;
namespace http = packyard::http;

constexpr std::string_view media_type = "application/vnd.oci.image.manifest.v1+json";

void write(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::create_directories(file.parent_path());
  CHECK(packyard::write_new_file(file, bytes, packyard::FileMode::world_readable));
}

void publish(const std::filesystem::path& folder, const std::string& name) {
  const std::string manifest = name + " owns this";
  const std::string digest = packyard::oci_digest_text(packyard::sha256(manifest));
  write(folder / ("pool/oci/" + name + "/manifests/sha256/" + digest.substr(7)), manifest);
  write(folder / ("generations/oci/" + name + "/000001/repository.json"),
        "{\"repository\":\"" + name + R"(","generation":1,"published_at":"2026-01-31T12:00:00Z","tags":{"1":")" + digest +
            R"(","b":")" + digest + R"("},"manifests":{")" + digest + R"(":{"media_type":")" + std::string(media_type) +
            R"(","size_bytes":)" + std::to_string(manifest.size()) + R"(,"subject":")" + digest +
            R"(","artifact_type":"a/b"}},"blobs":{")" + digest + "\":1}}");
  const std::filesystem::path link = folder / ("releases/000001/oci/" + name);
  std::filesystem::create_directories(link.parent_path());
  std::filesystem::create_symlink("../../../../../generations/oci/" + name + "/000001", link);
}

struct Site {
  std::string folder = std::filesystem::temp_directory_path().string() + "/packyard_registry_fuzz." + std::string(6, 'X');
  packyard::RegistryMetrics metrics;
  packyard::Log log{packyard::LogLevel::error};
  std::unique_ptr<RegistryHandler> handler;

  Site() {
    CHECK(mkdtemp(folder.data()) != nullptr);
    publish(folder, "core/2025/server");
    publish(folder, "plus/2025/server");
    std::filesystem::create_symlink("releases/000001", folder + "/current");
    handler = std::make_unique<RegistryHandler>(folder, metrics, log);
  }
  ~Site() { std::filesystem::remove_all(folder); }
};

void check_request(const RegistryRequest& request) {
  CHECK(request.repository.empty() == (request.resource == packyard::RegistryResource::ping));
  CHECK(request.repository.empty() || packyard::TargetId::parse("oci/" + request.repository));
  for (const std::string& value : {request.last, request.artifact_type}) {
    CHECK(value.size() <= 255);
    for (const char c : value) CHECK(c > 0x20 && c < 0x7f);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Site site;
  const std::string_view target(reinterpret_cast<const char*>(data), size);
  const auto asked = packyard::parse_registry_request(target);
  if (asked) check_request(*asked);
  http::Request request;
  request.method = "GET";
  request.target = target;
  const http::Response response = site.handler->handle(request);
  CHECK(response.status == 200 || response.status == 400 || response.status == 404 || response.status == 501);
  CHECK(response.status != 200 || asked);
  CHECK(!response.body.empty());
  if (asked && asked->repository.starts_with("core/")) CHECK(response.body.find("plus/2025/server owns") == std::string::npos);
  for (const http::ResponseHeader& header : response.headers)
    for (const char c : header.value) CHECK(c >= 0x20 && c < 0x7f);
  return 0;
}
