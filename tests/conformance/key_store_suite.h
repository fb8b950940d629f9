// What every KeyStore must do. A store's own test file instantiates it:
//   INSTANTIATE_TEST_SUITE_P(Memory, KeyStoreSuite, testing::Values([] { return std::make_unique<...>(); }));
// A maker makes a new, empty store each time it is called.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "storage/key_store.h"

namespace packyard {

using KeyStoreMaker = std::function<std::unique_ptr<KeyStore>()>;

class KeyStoreSuite : public testing::TestWithParam<KeyStoreMaker> {
 protected:
  void SetUp() override {
    store_ = GetParam()();
    ASSERT_NE(store_, nullptr);
  }
  std::unique_ptr<KeyStore> store_;
};

// A record with everything set that follows from the number: ids sort as the numbers do (below 10).
KeyRecord sample_key_record(int number);

}  // namespace packyard
