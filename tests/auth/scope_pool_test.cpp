#include "auth/scope_pool.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

KeyScope scope_of(int number) {
  return {{ComponentName::parse("core").value()}, {}, {}, {AddressRange::parse("10.0.0." + std::to_string(number % 256)).value()}};
}

TEST(ScopePool, EqualScopesAreOneObject) {
  ScopePool pool;
  const auto first = pool.one_of(scope_of(1));
  EXPECT_EQ(pool.one_of(scope_of(1)), first);
  EXPECT_NE(pool.one_of(scope_of(2)), first);
  EXPECT_EQ(*first, scope_of(1));
}

TEST(ScopePool, WhatNobodyHoldsDoesNotPileUp) {
  ScopePool pool;
  const auto kept = pool.one_of(KeyScope::of(ComponentName::parse("plus").value()));
  for (int round = 0; round < 50; ++round)
    for (int number = 0; number < 256; ++number) {
      KeyScope scope = scope_of(number);
      scope.components = {ComponentName::parse("c" + std::to_string(round)).value()};
      pool.one_of(scope);
    }
  EXPECT_LT(pool.size(), 1000u);
  EXPECT_EQ(pool.one_of(KeyScope::of(ComponentName::parse("plus").value())), kept);
}

}  // namespace
}  // namespace packyard
