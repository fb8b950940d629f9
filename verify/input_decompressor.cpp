#include "verify/input_decompressor.h"

#include <fcntl.h>
#include <lzma.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <vector>

#include "core/check.h"

namespace packyard {
namespace {

constexpr std::size_t block_bytes = 128 * 1024;
constexpr std::uint64_t xz_memory_bytes_max = 256 * 1024 * 1024;

std::unexpected<Error> damaged(std::string_view what) { return fail(ErrorCode::invalid, "is damaged: " + std::string(what)); }

}  // namespace

Packing packing_of(std::string_view file_name) {
  if (file_name.ends_with(".gz")) return Packing::gzip;
  if (file_name.ends_with(".xz")) return Packing::xz;
  if (file_name.ends_with(".zst")) return Packing::zstd;
  return Packing::none;
}

struct InputDecompressor::State {
  State(Packing given, std::uint64_t limit, Sink to) : packing(given), left_bytes(limit), sink(std::move(to)),
      block(block_bytes) {
    if (packing == Packing::gzip) CHECK(inflateInit2(&gzip, 15 + 16) == Z_OK);
    if (packing == Packing::xz) CHECK(lzma_stream_decoder(&xz, xz_memory_bytes_max, LZMA_CONCATENATED) == LZMA_OK);
    if (packing == Packing::zstd) CHECK((zstd = ZSTD_createDStream()) != nullptr);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (packing == Packing::gzip) inflateEnd(&gzip);
    if (packing == Packing::xz) lzma_end(&xz);
    if (zstd != nullptr) ZSTD_freeDStream(zstd);
  }

  Result<void> give(std::string_view bytes) {
    if (bytes.size() > left_bytes) return fail(ErrorCode::invalid, "unpacks to more bytes than promised");
    left_bytes -= bytes.size();
    if (bytes.empty()) return {};
    return sink(bytes);
  }

  Result<void> feed_gzip(std::string_view packed) {
    gzip.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    gzip.avail_in = static_cast<uInt>(packed.size());
    while (gzip.avail_in > 0) {
      if (complete) {  // another member follows
        CHECK(inflateReset(&gzip) == Z_OK);
        complete = false;
      }
      TRY(inflate_some());
    }
    return {};
  }

  Result<void> inflate_some() {
    do {
      gzip.next_out = reinterpret_cast<Bytef*>(block.data());
      gzip.avail_out = static_cast<uInt>(block.size());
      const int status = inflate(&gzip, Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return damaged("not valid gzip data");
      complete = status == Z_STREAM_END;
      TRY(give({block.data(), block.size() - gzip.avail_out}));
    } while (!complete && gzip.avail_out == 0);
    return {};
  }

  Result<void> feed_xz(std::string_view packed, lzma_action action) {
    xz.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
    xz.avail_in = packed.size();
    while (true) {
      xz.next_out = reinterpret_cast<std::uint8_t*>(block.data());
      xz.avail_out = block.size();
      const lzma_ret status = lzma_code(&xz, action);
      if (status == LZMA_BUF_ERROR && action == LZMA_RUN) return {};
      if (status != LZMA_OK && status != LZMA_STREAM_END) return damaged("not valid xz data");
      TRY(give({block.data(), block.size() - xz.avail_out}));
      complete = status == LZMA_STREAM_END;
      if (complete || (action == LZMA_RUN && xz.avail_in == 0 && xz.avail_out > 0)) return {};
    }
  }

  Result<void> feed_zstd(std::string_view packed) {
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    ZSTD_outBuffer output{};
    do {
      output = {block.data(), block.size(), 0};
      const std::size_t status = ZSTD_decompressStream(zstd, &output, &input);
      if (ZSTD_isError(status) != 0) return damaged("not valid zstd data");
      complete = status == 0;
      TRY(give({block.data(), output.pos}));
      // A full block may hide more of this frame; after its end there is nothing to ask for.
    } while (input.pos < input.size || (!complete && output.pos == output.size));
    return {};
  }

  Packing packing;
  std::uint64_t left_bytes;
  Sink sink;
  std::vector<char> block;
  bool complete = false;
  z_stream gzip{};
  lzma_stream xz = LZMA_STREAM_INIT;
  ZSTD_DStream* zstd = nullptr;
};

InputDecompressor::InputDecompressor(Packing packing, std::uint64_t output_bytes_max, Sink sink)
    : state_(std::make_unique<State>(packing, output_bytes_max, std::move(sink))) {}
InputDecompressor::~InputDecompressor() = default;

Result<void> InputDecompressor::feed(std::string_view packed) {
  if (packed.empty()) return {};
  switch (state_->packing) {
    case Packing::none: return state_->give(packed);
    case Packing::gzip: return state_->feed_gzip(packed);
    case Packing::xz: return state_->feed_xz(packed, LZMA_RUN);
    case Packing::zstd: return state_->feed_zstd(packed);
  }
  return {};
}

Result<void> InputDecompressor::finish() {
  if (state_->packing == Packing::none) return {};
  if (state_->packing == Packing::xz && !state_->complete) TRY(state_->feed_xz({}, LZMA_FINISH));
  if (!state_->complete) return damaged("it ends early");
  return {};
}

Result<FileDigest> unpack_file(const std::filesystem::path& file, Packing packing, std::uint64_t output_bytes_max,
                               const InputDecompressor::Sink& sink) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return fail(system_error("opening " + file.string()));
  Sha256Stream hash;
  std::uint64_t size_bytes = 0;
  InputDecompressor decompressor(packing, output_bytes_max, [&](std::string_view bytes) -> Result<void> {
    hash.update(bytes);
    size_bytes += bytes.size();
    return sink(bytes);
  });
  std::vector<char> block(block_bytes);
  Result<void> outcome;
  while (outcome) {
    const ssize_t got = read(descriptor, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) outcome = fail(system_error("reading " + file.string()));
    if (got <= 0) break;
    outcome = decompressor.feed({block.data(), static_cast<std::size_t>(got)});
  }
  close(descriptor);
  if (outcome) outcome = decompressor.finish();
  if (!outcome) return fail(outcome.error());
  return FileDigest{hash.finish(), size_bytes};
}

}  // namespace packyard
