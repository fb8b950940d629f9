#include "core/random_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace packyard {
namespace {

TEST(SystemRandomSource, FillsAllBytesDifferentlyEachTime) {
  SystemRandomSource random;
  std::array<std::byte, 64> first{}, second{};
  random.fill(first);
  random.fill(second);
  EXPECT_NE(first, second);
  EXPECT_FALSE(std::ranges::all_of(std::span(first).last(16), [](std::byte b) { return b == std::byte{0}; }));
}

}  // namespace
}  // namespace packyard
