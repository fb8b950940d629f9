#include "promote/zstd_stream.h"

#include <zstd.h>

#include <vector>

#include "core/check.h"

namespace packyard {
namespace {

constexpr std::size_t block_size_bytes = 64 * 1024;
constexpr int level = 6;
constexpr int window_log_max = 27;  // 128 MiB

class ZstdCompressor final : public Compressor {
 public:
  explicit ZstdCompressor(ByteSink sink) : sink_(std::move(sink)), block_(block_size_bytes), context_(ZSTD_createCCtx()) {
    CHECK(context_ != nullptr);
    CHECK(ZSTD_isError(ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level)) == 0);
    CHECK(ZSTD_isError(ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1)) == 0);
  }
  ZstdCompressor(const ZstdCompressor&) = delete;
  ZstdCompressor& operator=(const ZstdCompressor&) = delete;
  ~ZstdCompressor() override { ZSTD_freeCCtx(context_); }

  Result<void> write(std::string_view bytes) override {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    while (input.pos < input.size) {
      TRY_ASSIGN([[maybe_unused]] const std::size_t left_bytes, step(input, ZSTD_e_continue));
    }
    return {};
  }
  Result<void> finish() override {
    ZSTD_inBuffer input{nullptr, 0, 0};
    while (true) {
      TRY_ASSIGN(const std::size_t left_bytes, step(input, ZSTD_e_end));
      if (left_bytes == 0) return {};
    }
  }

 private:
  Result<std::size_t> step(ZSTD_inBuffer& input, ZSTD_EndDirective directive) {
    ZSTD_outBuffer output{block_.data(), block_.size(), 0};
    const std::size_t left_bytes = ZSTD_compressStream2(context_, &output, &input, directive);
    if (ZSTD_isError(left_bytes) != 0)
      return fail(ErrorCode::internal, std::string("compressing with zstd: ") + ZSTD_getErrorName(left_bytes));
    if (output.pos > 0) TRY(sink_({block_.data(), output.pos}));
    return left_bytes;
  }

  ByteSink sink_;
  std::vector<char> block_;
  ZSTD_CCtx* context_;
};

class ZstdDecompressor final : public Decompressor {
 public:
  explicit ZstdDecompressor(ByteSource source)
      : source_(std::move(source)), block_(block_size_bytes), context_(ZSTD_createDCtx()) {
    CHECK(context_ != nullptr);
    CHECK(ZSTD_isError(ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, window_log_max)) == 0);
  }
  ZstdDecompressor(const ZstdDecompressor&) = delete;
  ZstdDecompressor& operator=(const ZstdDecompressor&) = delete;
  ~ZstdDecompressor() override { ZSTD_freeDCtx(context_); }

  Result<std::string_view> read() override {
    while (true) {
      // A full output block may hide more that zstd still holds: ask again before taking new input.
      if (input_.pos == input_.size && !output_was_full_) {
        TRY_ASSIGN(const std::string_view piece, source_());
        if (piece.empty()) {
          if (at_frame_end_ && any_frame_) return std::string_view();
          return fail(ErrorCode::invalid, "the zstd stream is truncated");
        }
        input_ = ZSTD_inBuffer{piece.data(), piece.size(), 0};
      }
      ZSTD_outBuffer output{block_.data(), block_.size(), 0};
      const std::size_t outcome = ZSTD_decompressStream(context_, &output, &input_);
      if (ZSTD_isError(outcome) != 0)
        return fail(ErrorCode::invalid, std::string("the zstd stream is damaged: ") + ZSTD_getErrorName(outcome));
      at_frame_end_ = outcome == 0;
      any_frame_ = any_frame_ || at_frame_end_;
      output_was_full_ = output.pos == output.size && !at_frame_end_;
      if (output.pos > 0) return std::string_view(block_.data(), output.pos);
    }
  }

 private:
  ByteSource source_;
  std::vector<char> block_;
  ZSTD_DCtx* context_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  bool output_was_full_ = false, at_frame_end_ = true, any_frame_ = false;
};

}  // namespace

std::unique_ptr<Compressor> make_zstd_compressor(ByteSink sink) { return std::make_unique<ZstdCompressor>(std::move(sink)); }
std::unique_ptr<Decompressor> make_zstd_decompressor(ByteSource source) {
  return std::make_unique<ZstdDecompressor>(std::move(source));
}

}  // namespace packyard
