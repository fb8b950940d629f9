#include "promote/xz_stream.h"

#include <lzma.h>

#include <vector>

#include "core/check.h"

namespace packyard {
namespace {

constexpr std::size_t block_size_bytes = 64 * 1024;
// Measured on 16 MB of Packages: preset 1 takes 0.8 s and 11 MB for 3.5 MB, preset 6 takes 7.8 s and 97 MB for 2.8 MB. Publishing
// follows the size of the repository, so speed wins.
constexpr std::uint32_t preset = 1;
constexpr std::uint64_t decoder_memory_bytes_max = 160ULL << 20;  // dpkg-deb -z9 needs 65 MiB

class XzCompressor final : public Compressor {
 public:
  explicit XzCompressor(ByteSink sink) : sink_(std::move(sink)), block_(block_size_bytes) {
    CHECK(lzma_easy_encoder(&stream_, preset, LZMA_CHECK_CRC64) == LZMA_OK);
  }
  XzCompressor(const XzCompressor&) = delete;
  XzCompressor& operator=(const XzCompressor&) = delete;
  ~XzCompressor() override { lzma_end(&stream_); }

  Result<void> write(std::string_view bytes) override {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    stream_.avail_in = bytes.size();
    while (stream_.avail_in > 0) {
      TRY_ASSIGN([[maybe_unused]] const bool ended, step(LZMA_RUN));
    }
    return {};
  }
  Result<void> finish() override {
    while (true) {
      TRY_ASSIGN(const bool ended, step(LZMA_FINISH));
      if (ended) return {};
    }
  }

 private:
  Result<bool> step(lzma_action action) {
    stream_.next_out = reinterpret_cast<std::uint8_t*>(block_.data());
    stream_.avail_out = block_.size();
    const lzma_ret outcome = lzma_code(&stream_, action);
    if (outcome != LZMA_OK && outcome != LZMA_STREAM_END)
      return fail(ErrorCode::internal, "compressing with xz: liblzma error " + std::to_string(outcome));
    if (const std::size_t made = block_.size() - stream_.avail_out; made > 0) TRY(sink_({block_.data(), made}));
    return outcome == LZMA_STREAM_END;
  }

  ByteSink sink_;
  std::vector<char> block_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

class XzDecompressor final : public Decompressor {
 public:
  explicit XzDecompressor(ByteSource source) : source_(std::move(source)), block_(block_size_bytes) {
    CHECK(lzma_stream_decoder(&stream_, decoder_memory_bytes_max, LZMA_CONCATENATED) == LZMA_OK);
  }
  XzDecompressor(const XzDecompressor&) = delete;
  XzDecompressor& operator=(const XzDecompressor&) = delete;
  ~XzDecompressor() override { lzma_end(&stream_); }

  Result<std::string_view> read() override {
    while (!ended_) {
      if (stream_.avail_in == 0 && !input_ended_) {
        TRY_ASSIGN(const std::string_view piece, source_());
        input_ended_ = piece.empty();
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(piece.data());
        stream_.avail_in = piece.size();
      }
      stream_.next_out = reinterpret_cast<std::uint8_t*>(block_.data());
      stream_.avail_out = block_.size();
      const lzma_ret outcome = lzma_code(&stream_, input_ended_ ? LZMA_FINISH : LZMA_RUN);
      ended_ = outcome == LZMA_STREAM_END;
      if (outcome == LZMA_MEMLIMIT_ERROR) return fail(ErrorCode::invalid, "the xz stream needs more than 160 MiB to decompress");
      if (outcome == LZMA_BUF_ERROR) return fail(ErrorCode::invalid, "the xz stream is truncated");
      if (outcome != LZMA_OK && !ended_) return fail(ErrorCode::invalid, "the xz stream is damaged");
      if (const std::size_t made = block_.size() - stream_.avail_out; made > 0) return std::string_view(block_.data(), made);
    }
    return std::string_view();
  }

 private:
  ByteSource source_;
  std::vector<char> block_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool input_ended_ = false, ended_ = false;
};

}  // namespace

std::unique_ptr<Compressor> make_xz_compressor(ByteSink sink) { return std::make_unique<XzCompressor>(std::move(sink)); }
std::unique_ptr<Decompressor> make_xz_decompressor(ByteSource source) {
  return std::make_unique<XzDecompressor>(std::move(source));
}

}  // namespace packyard
