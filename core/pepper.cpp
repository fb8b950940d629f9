#include "core/pepper.h"

#include <utility>

#include "core/digest.h"

namespace packyard {

Pepper make_pepper(Secret bytes) {
  PepperId id{sha256(bytes.reveal()).hex().substr(0, 8)};
  return Pepper{std::move(id), std::move(bytes)};
}

}  // namespace packyard
