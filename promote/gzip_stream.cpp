#include "promote/gzip_stream.h"

#include <zlib.h>

#include <vector>

#include "core/check.h"

namespace packyard {
namespace {

constexpr std::size_t block_size_bytes = 64 * 1024;
constexpr int gzip_wrapper = 16;  // added to the window bits: zlib writes and checks the gzip header and trailer
constexpr int level = 6;

class GzipCompressor final : public Compressor {
 public:
  explicit GzipCompressor(ByteSink sink) : sink_(std::move(sink)), block_(block_size_bytes) {
    CHECK(deflateInit2(&stream_, level, Z_DEFLATED, MAX_WBITS + gzip_wrapper, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  GzipCompressor(const GzipCompressor&) = delete;
  GzipCompressor& operator=(const GzipCompressor&) = delete;
  ~GzipCompressor() override { deflateEnd(&stream_); }

  Result<void> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, block_size_bytes);
      TRY(push(piece, Z_NO_FLUSH));
      bytes.remove_prefix(piece.size());
    }
    return {};
  }
  Result<void> finish() override { return push({}, Z_FINISH); }

 private:
  Result<void> push(std::string_view piece, int flush) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream_.avail_in = static_cast<uInt>(piece.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(block_.data());
      stream_.avail_out = static_cast<uInt>(block_.size());
      const int outcome = deflate(&stream_, flush);
      if (outcome == Z_STREAM_ERROR) return fail(ErrorCode::internal, "compressing with gzip: zlib lost its state");
      if (const std::size_t made = block_.size() - stream_.avail_out; made > 0) TRY(sink_({block_.data(), made}));
    } while (stream_.avail_out == 0);
    return {};
  }

  ByteSink sink_;
  std::vector<char> block_;
  z_stream stream_{};  // deflate writes a header without name and with time 0 unless told otherwise
};

class GzipDecompressor final : public Decompressor {
 public:
  explicit GzipDecompressor(ByteSource source) : source_(std::move(source)), block_(block_size_bytes) {
    CHECK(inflateInit2(&stream_, MAX_WBITS + gzip_wrapper) == Z_OK);
  }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;
  ~GzipDecompressor() override { inflateEnd(&stream_); }

  Result<std::string_view> read() override {
    while (true) {
      // A full output block may hide more that zlib still holds: ask again before taking new input.
      if (stream_.avail_in == 0 && !output_was_full_) {
        TRY_ASSIGN(const std::string_view piece, source_());
        if (piece.empty()) {
          if (between_streams_ && any_stream_) return std::string_view();
          return fail(ErrorCode::invalid, "the gzip stream is truncated");
        }
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
        stream_.avail_in = static_cast<uInt>(piece.size());
      }
      between_streams_ = false;
      stream_.next_out = reinterpret_cast<Bytef*>(block_.data());
      stream_.avail_out = static_cast<uInt>(block_.size());
      const int outcome = inflate(&stream_, Z_NO_FLUSH);
      if (outcome == Z_STREAM_END) {
        between_streams_ = any_stream_ = true;
        CHECK(inflateReset(&stream_) == Z_OK);
      } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
        return fail(ErrorCode::invalid,
                    std::string("the gzip stream is damaged: ") + (stream_.msg != nullptr ? stream_.msg : "bad data"));
      }
      output_was_full_ = stream_.avail_out == 0 && !between_streams_;
      if (const std::size_t made = block_.size() - stream_.avail_out; made > 0) return std::string_view(block_.data(), made);
    }
  }

 private:
  ByteSource source_;
  std::vector<char> block_;
  z_stream stream_{};
  bool between_streams_ = true, any_stream_ = false, output_was_full_ = false;
};

}  // namespace

std::unique_ptr<Compressor> make_gzip_compressor(ByteSink sink) { return std::make_unique<GzipCompressor>(std::move(sink)); }
std::unique_ptr<Decompressor> make_gzip_decompressor(ByteSource source) {
  return std::make_unique<GzipDecompressor>(std::move(source));
}

}  // namespace packyard
