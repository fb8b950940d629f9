// RandomSource: unpredictable bytes for keys and ids. Thread-safe. The system one reads getrandom(2) and stops the program
// when the kernel cannot give any: a weak key must never be made.
#pragma once

#include <cstddef>
#include <span>

namespace packyard {

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(std::span<std::byte> bytes) = 0;
};

class SystemRandomSource final : public RandomSource {
 public:
  void fill(std::span<std::byte> bytes) override;
};

}  // namespace packyard
