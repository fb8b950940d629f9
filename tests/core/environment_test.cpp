#include "core/environment.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(Environment, HoldsWhatTheProcessHas) {
  setenv("ENVIRONMENT_TEST", "a=b", 1);
  EXPECT_EQ(read_environment().at("ENVIRONMENT_TEST"), "a=b");
  unsetenv("ENVIRONMENT_TEST");
  EXPECT_FALSE(read_environment().contains("ENVIRONMENT_TEST"));
}

}  // namespace
}  // namespace packyard
