#include "promote/compressor.h"

#include "promote/gzip_stream.h"
#include "promote/xz_stream.h"
#include "promote/zstd_stream.h"

namespace packyard {

std::unique_ptr<Compressor> make_compressor(Compression compression, ByteSink sink) {
  switch (compression) {
    case Compression::gzip: return make_gzip_compressor(std::move(sink));
    case Compression::xz: return make_xz_compressor(std::move(sink));
    case Compression::zstd: return make_zstd_compressor(std::move(sink));
  }
  return make_gzip_compressor(std::move(sink));
}

std::string_view compression_suffix(Compression compression) {
  switch (compression) {
    case Compression::gzip: return "gz";
    case Compression::xz: return "xz";
    case Compression::zstd: return "zst";
  }
  return "gz";
}

}  // namespace packyard
