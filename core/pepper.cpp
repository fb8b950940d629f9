#include "core/pepper.h"

#include <utility>

namespace packyard {

Pepper make_pepper(Secret bytes) {
  PepperId id{sha256(bytes.reveal()).hex().substr(0, 8)};
  HmacSha256 hmac(bytes);
  return Pepper{std::move(id), std::move(bytes), std::move(hmac)};
}

}  // namespace packyard
