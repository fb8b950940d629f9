#include "promote/decompressor.h"

#include "promote/gzip_stream.h"
#include "promote/xz_stream.h"
#include "promote/zstd_stream.h"

namespace packyard {

std::unique_ptr<Decompressor> make_decompressor(Compression compression, ByteSource source) {
  switch (compression) {
    case Compression::gzip: return make_gzip_decompressor(std::move(source));
    case Compression::xz: return make_xz_decompressor(std::move(source));
    case Compression::zstd: return make_zstd_decompressor(std::move(source));
  }
  return make_gzip_decompressor(std::move(source));
}

}  // namespace packyard
