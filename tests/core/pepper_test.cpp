#include "core/pepper.h"

#include <gtest/gtest.h>

#include <string>

namespace packyard {
namespace {

// The id computed with Python's hashlib.
TEST(Pepper, IdFollowsFromTheBytes) {
  const Pepper pepper = make_pepper(Secret(std::string(pepper_size_bytes, '\x01')));
  EXPECT_EQ(pepper.id.text, "72cd6e84");
  EXPECT_EQ(pepper.bytes.reveal(), std::string(pepper_size_bytes, '\x01'));
  EXPECT_NE(make_pepper(Secret(std::string(pepper_size_bytes, '\x02'))).id, pepper.id);
}

}  // namespace
}  // namespace packyard
