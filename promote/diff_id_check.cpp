#include "promote/diff_id_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <memory>
#include <thread>

#include "core/descriptor.h"
#include "promote/decompressor.h"
#include "promote/oci_descriptor.h"
#include "promote/parallel.h"

namespace packyard {
namespace {

constexpr std::size_t block_size_bytes = 256 * 1024;

struct Input {
  explicit Input(const std::filesystem::path& file) : descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Descriptor descriptor;
  std::vector<char> block = std::vector<char>(block_size_bytes);
};

Result<ByteSource> read_from(const std::filesystem::path& file) {
  const auto input = std::make_shared<Input>(file);
  if (input->descriptor.number() < 0) return fail(system_error("opening the layer " + file.string()));
  return [input, file]() -> Result<std::string_view> {
    while (true) {
      const ssize_t got = read(input->descriptor.number(), input->block.data(), input->block.size());
      if (got >= 0) return std::string_view(input->block.data(), static_cast<std::size_t>(got));
      if (errno != EINTR) return fail(system_error("reading the layer " + file.string()));
    }
  };
}

Result<Sha256> digest_decompressed(const LayerToCheck& layer, std::atomic<std::uint64_t>& done_bytes, std::uint64_t bytes_max) {
  TRY_ASSIGN(ByteSource source, read_from(layer.file));
  const auto decompressor = make_decompressor(*layer.compression, std::move(source));
  Sha256Stream digest;
  while (true) {
    TRY_ASSIGN(const std::string_view piece, decompressor->read());
    if (piece.empty()) return digest.finish();
    digest.update(piece);
    if ((done_bytes += piece.size()) > bytes_max)
      return fail(ErrorCode::invalid,
                  "the layers become more than " + std::to_string(bytes_max) + " bytes when they are unpacked");
  }
}

}  // namespace

Result<void> check_diff_ids(const std::vector<LayerToCheck>& layers, DiffIdLimits limits) {
  // Each file once for each way to read it.
  std::map<std::pair<Sha256, Compression>, Sha256> unpacked;
  std::vector<const LayerToCheck*> compressed;
  std::uint64_t bytes_max = limits.base_bytes;
  for (const LayerToCheck& layer : layers) {
    if (!layer.compression || !unpacked.try_emplace({layer.digest, *layer.compression}).second) continue;
    compressed.push_back(&layer);
    bytes_max += layer.size_bytes * limits.ratio;
  }
  std::atomic<std::uint64_t> done_bytes = 0;
  TRY(for_each_parallel(compressed.size(), std::thread::hardware_concurrency(), [&](std::size_t index) -> Result<void> {
    const LayerToCheck& layer = *compressed[index];
    const auto digest = digest_decompressed(layer, done_bytes, bytes_max);
    if (!digest) return fail(digest.error().in("layer " + oci_digest(layer.digest)));
    unpacked.at({layer.digest, *layer.compression}) = *digest;
    return {};
  }));
  for (const LayerToCheck& layer : layers) {
    const Sha256 found = layer.compression ? unpacked.at({layer.digest, *layer.compression}) : layer.digest;
    if (found != layer.diff_id)
      return fail(ErrorCode::invalid, "layer " + oci_digest(layer.digest) + ": uncompressed it is " + oci_digest(found) +
                                          ", the image's configuration says " + oci_digest(layer.diff_id) + " (diff_ids)");
  }
  return {};
}

}  // namespace packyard
