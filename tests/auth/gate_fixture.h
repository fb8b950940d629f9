// GateFixture: keys in a memory store, an index that follows it and a Gatekeeper over both, for tests of the decision and of what
// stands in front of it. One per test.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "auth/decision.h"
#include "tests/support/memory_key_store.h"
#include "tests/support/temporary_folder.h"

namespace packyard {

class GateFixture : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(follower_.load()); }

  // Makes a key as the admin does: signal, commit, signal.
  std::string make_key(std::string_view component, std::optional<Timestamp> expires_at = {}) {
    return make_key(KeyRecord{.id = {},
                              .digest = {},
                              .pepper_id = {},
                              .scope = KeyScope::of(ComponentName::parse(component).value()),
                              .label = "label",
                              .created_at = clock_.now(),
                              .expires_at = expires_at});
  }
  // Of the record, id and digest are made here.
  std::string make_key(KeyRecord record) {
    const Secret key = make_subscriber_key(random_);
    record.id = KeyId{"key_" + std::to_string(++made_)};
    record.digest = digest_of_key(pepper_, key.reveal());
    record.pepper_id = pepper_.id.text;
    signal_.raise();
    EXPECT_TRUE(store_.insert(record));
    signal_.raise();
    return std::string(key.reveal());
  }
  void revoke(int number) {
    signal_.raise();
    EXPECT_TRUE(store_.revoke(KeyId{"key_" + std::to_string(number)}, clock_.now()));
    signal_.raise();
  }
  static std::string basic(std::string_view key);

  // Another gate over the same store, as a process of its own has its parts; started as the program does.
  struct FurtherGate {
    explicit FurtherGate(GateFixture& world)
        : follower(world.store_, world.signal_, index, world.log_), keeper(follower, index, world.peppers_, world.clock_) {
      EXPECT_TRUE(follower.load());
      EXPECT_TRUE(usage.flush(world.store_, world.clock_.now()));
    }
    UsageRecorder usage;
    KeyIndex index{usage};
    IndexFollower follower;
    Gatekeeper keeper;
  };

  TemporaryFolder folder_;
  MemoryKeyStore store_;
  ChangeSignal signal_ = ChangeSignal::open(folder_.path() / "signal").value();
  ManualClock clock_{Timestamp{1'800'000'000}};
  SystemRandomSource random_;
  Log log_{LogLevel::error};
  Pepper pepper_ = make_pepper(Secret(std::string(pepper_size_bytes, 'p')));
  std::vector<const Pepper*> peppers_{&pepper_};
  UsageRecorder usage_;
  KeyIndex index_{usage_};
  IndexFollower follower_{store_, signal_, index_, log_};
  Gatekeeper gatekeeper_{follower_, index_, peppers_, clock_};
  int made_ = 0;
};

inline std::string GateFixture::basic(std::string_view key) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string plain = "subscriber:" + std::string(key);
  std::string text = "Basic ";
  for (std::size_t i = 0; i < plain.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = (bits << 8) | (i + j < plain.size() ? static_cast<unsigned char>(plain[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) text += i + j <= plain.size() ? alphabet[(bits >> (18 - 6 * j)) & 63] : '=';
  }
  return text;
}

}  // namespace packyard
