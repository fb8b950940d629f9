// SequenceRandomSource: bytes 0, 1, 2 … 255, 0 … so that a test knows what is made and no two fills of a short test are alike.
// Not for anything but tests. Not shared between threads.
#pragma once

#include "core/random_source.h"

namespace packyard {

class SequenceRandomSource final : public RandomSource {
 public:
  void fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(next_++);
  }

 private:
  unsigned char next_ = 0;
};

}  // namespace packyard
