#include "auth/decision.h"

#include "tests/auth/gate_fixture.h"

namespace packyard {
namespace {

class DecisionTest : public GateFixture {
 protected:
  Decision ask(std::string_view target, const std::vector<std::string>& authorization, std::string_view method = "GET") {
    std::vector<std::string_view> views(authorization.begin(), authorization.end());
    return gatekeeper_.decide({target, method, views});
  }
  Reason reason(std::string_view target, const std::vector<std::string>& authorization, std::string_view method = "GET") {
    const Decision decision = ask(target, authorization, method);
    EXPECT_EQ(decision.outcome == Outcome::allow, outcome_of(decision.reason) == Outcome::allow);
    return decision.reason;
  }
  static constexpr std::string_view core_file = "/rpm/core/2025/el9-x86_64/repodata/repomd.xml";
  static constexpr std::string_view plus_file = "/deb/plus/2025/dists/bookworm/InRelease";
};

TEST_F(DecisionTest, AKeyOpensItsComponentAndNothingElse) {
  const std::string core = basic(make_key("core"));
  EXPECT_EQ(reason(core_file, {core}), Reason::ok);
  EXPECT_EQ(reason(core_file, {core}, "HEAD"), Reason::ok);
  EXPECT_EQ(reason("/deb/core/2025/pool/bookworm/a/acme/acme_1.0%2bb1_amd64.deb", {core}), Reason::ok);
  EXPECT_EQ(reason(plus_file, {core}), Reason::wrong_component);
  EXPECT_EQ(reason("/rpm/core-extra/2025/el9-x86_64/repodata/repomd.xml", {core}), Reason::wrong_component);
  EXPECT_EQ(reason("/v2/plus/2025/server/manifests/1.0", {core}), Reason::wrong_component);
  EXPECT_EQ(reason("/v2/core/2025/server/manifests/1.0", {core}), Reason::ok);
}

TEST_F(DecisionTest, DenialsSayWhy) {
  const std::string good = basic(make_key("core"));
  EXPECT_EQ(reason(core_file, {}), Reason::no_key);
  EXPECT_EQ(reason(core_file, {"Bearer x"}), Reason::bad_key);
  EXPECT_EQ(reason(core_file, {basic("pky_short")}), Reason::bad_key);
  EXPECT_EQ(reason(core_file, {basic(make_subscriber_key(random_).reveal())}), Reason::bad_key);
  EXPECT_EQ(reason(core_file, {good, good}), Reason::bad_key);
  EXPECT_EQ(reason(core_file, {good}, "PUT"), Reason::bad_method);
  EXPECT_EQ(reason(core_file, {good}, "get"), Reason::bad_method);
  EXPECT_EQ(reason("/rpm/core/..%2Fplus/x", {good}), Reason::bad_path);
  EXPECT_TRUE(ask("/rpm/core/..%2Fplus/x", {good}).rejection);
}

TEST_F(DecisionTest, RevocationAndExpiryHoldAtTheNextRequest) {
  const std::string first = basic(make_key("core"));
  const std::string second = basic(make_key("core", Timestamp{clock_.now().seconds + 10}));
  EXPECT_EQ(reason(core_file, {first}), Reason::ok);
  EXPECT_EQ(reason(core_file, {second}), Reason::ok);
  revoke(1);
  EXPECT_EQ(reason(core_file, {first}), Reason::revoked);
  EXPECT_EQ(ask(core_file, {first}).key_id, "key_1");
  clock_.set(Timestamp{clock_.now().seconds + 9});
  EXPECT_EQ(reason(core_file, {second}), Reason::ok);
  clock_.set(Timestamp{clock_.now().seconds + 1});
  EXPECT_EQ(reason(core_file, {second}), Reason::expired);
}

TEST_F(DecisionTest, AKeyIsValidFromAndUntilItsTimes) {
  const Timestamp start = clock_.now();
  KeyRecord record{.id = {},
                   .digest = {},
                   .pepper_id = {},
                   .scope = KeyScope::of(ComponentName::parse("core").value()),
                   .label = "label",
                   .created_at = start,
                   .not_before = Timestamp{start.seconds + 10},
                   .expires_at = Timestamp{start.seconds + 20},
                   .grace = std::chrono::seconds(5)};
  const std::string key = basic(make_key(record));
  const auto at = [&](int second) {
    clock_.set(Timestamp{start.seconds + second});
    return reason(core_file, {key});
  };
  EXPECT_EQ(at(9), Reason::not_yet_valid);
  EXPECT_EQ(at(10), Reason::ok);
  EXPECT_EQ(at(19), Reason::ok);
  EXPECT_EQ(at(20), Reason::in_grace);
  EXPECT_EQ(ask(core_file, {key}).outcome, Outcome::allow);
  EXPECT_EQ(at(24), Reason::in_grace);
  EXPECT_EQ(at(25), Reason::expired);
  EXPECT_EQ(reason(plus_file, {key}), Reason::expired);
  ASSERT_TRUE(usage_.flush(store_, clock_.now()));
  EXPECT_EQ(store_.find(KeyId{"key_1"}).value()->use_count, 5u);
}

TEST_F(DecisionTest, ARotatedSecretLivesAsLongAsItsOverlap) {
  const std::string old_key = basic(make_key("core", Timestamp{clock_.now().seconds + 100}));
  const Secret fresh = make_subscriber_key(random_);
  const Timestamp until{clock_.now().seconds + 10};
  const auto edit = [&](const KeyEdit& change) {
    signal_.raise();
    ASSERT_TRUE(store_.edit(KeyId{"key_1"}, change));
    signal_.raise();
  };
  edit([&](KeyRecord& record) {
    record.former_secrets = {{record.digest, record.pepper_id, until}};
    record.digest = digest_of_key(pepper_, fresh.reveal());
  });
  const std::string new_key = basic(fresh.reveal());
  EXPECT_EQ(reason(core_file, {old_key}), Reason::ok);
  EXPECT_EQ(reason(core_file, {new_key}), Reason::ok);
  clock_.set(until);
  EXPECT_EQ(reason(core_file, {old_key}), Reason::replaced);
  EXPECT_EQ(reason(core_file, {new_key}), Reason::ok);
  edit([&](KeyRecord& record) { record.suspended_at = until; });
  EXPECT_EQ(reason(core_file, {new_key}), Reason::suspended);
  EXPECT_EQ(reason(core_file, {old_key}), Reason::suspended);
  edit([&](KeyRecord& record) { record.suspended_at = std::nullopt; });
  EXPECT_EQ(reason(core_file, {new_key}), Reason::ok);
  edit([&](KeyRecord& record) { record.former_secrets.clear(); });
  EXPECT_EQ(reason(core_file, {old_key}), Reason::bad_key);
  clock_.set(Timestamp{until.seconds + 90});
  EXPECT_EQ(reason(core_file, {new_key}), Reason::expired);
}

TEST_F(DecisionTest, ThePingTakesAnyValidKeyAndPublicKeysNone) {
  EXPECT_EQ(reason("/v2/", {}), Reason::no_key);
  EXPECT_EQ(reason("/v2/", {basic(make_key("plus"))}), Reason::ok);
  EXPECT_EQ(reason("/gpg/lts.asc", {}), Reason::public_file);
  EXPECT_EQ(reason("/gpg/lts.asc", {}, "PUT"), Reason::bad_method);
}

TEST_F(DecisionTest, APushIsRefusedToWhoMayReadAndOthersHearOfTheirKey) {
  const std::string core = basic(make_key("core"));
  for (const char* target : {"/v2/", "/v2", "/v2/core/2025/server/manifests/1.0", "/v2/core/2025/server/blobs/uploads/"})
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"}) {
      EXPECT_EQ(reason(target, {core}, method), Reason::bad_method) << method << " " << target;
      EXPECT_EQ(reason(target, {}, method), Reason::no_key) << method << " " << target;
    }
  EXPECT_EQ(reason("/v2/plus/2025/server/blobs/uploads/", {core}, "POST"), Reason::wrong_component);
  revoke(1);
  EXPECT_EQ(reason("/v2/core/2025/server/blobs/uploads/", {core}, "POST"), Reason::revoked);
  ASSERT_TRUE(usage_.flush(store_, clock_.now()));
  EXPECT_EQ(store_.find(KeyId{"key_1"}).value()->use_count, 0u);
}

TEST_F(DecisionTest, WhatCannotBeKnownIsAnErrorNeverAnAllow) {
  const std::string key = basic(make_key("core"));
  EXPECT_EQ(reason(core_file, {key}), Reason::ok);
  store_.fail_with(Error{ErrorCode::unavailable, "locked"});
  signal_.raise();
  const Decision decision = ask(core_file, {key});
  EXPECT_EQ(decision.outcome, Outcome::error);
  EXPECT_EQ(decision.reason, Reason::not_current);
}

TEST_F(DecisionTest, KeysOfAnEarlierPepperStillOpen) {
  const std::string old_key = make_key("core");
  const Pepper newer = make_pepper(Secret(std::string(pepper_size_bytes, 'q')));
  const std::vector<const Pepper*> both = {&newer, &pepper_};
  Gatekeeper gatekeeper(follower_, index_, both, clock_);
  const std::string header = basic(old_key);
  const std::vector<std::string_view> authorization = {header};
  EXPECT_EQ(gatekeeper.decide({core_file, "GET", authorization}).reason, Reason::ok);
}

TEST_F(DecisionTest, ALimitOfTheDayHoldsOverGatesAndRestarts) {
  const std::string key = basic(make_key(KeyRecord{.id = {},
                                                   .digest = {},
                                                   .pepper_id = {},
                                                   .scope = KeyScope::of(ComponentName::parse("core").value()),
                                                   .label = "label",
                                                   .created_at = clock_.now(),
                                                   .limits = {.requests_per_day = 5}}));
  const std::string_view authorization = key;
  const auto said = [&](FurtherGate& gate) { return gate.keeper.decide({core_file, "GET", {&authorization, 1}}).reason; };
  FurtherGate first(*this), second(*this);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(said(first), Reason::ok);
  EXPECT_EQ(said(second), Reason::ok);
  ASSERT_TRUE(first.usage.flush(store_, clock_.now()) && second.usage.flush(store_, clock_.now()));
  // The second gate knows of all, the first heard before the second had told: both may serve what they believe is left.
  EXPECT_EQ(said(second), Reason::ok);
  EXPECT_EQ(said(second), Reason::limit_reached);
  EXPECT_EQ(said(first), Reason::ok);
  ASSERT_TRUE(second.usage.flush(store_, clock_.now()) && first.usage.flush(store_, clock_.now()));
  EXPECT_EQ(said(first), Reason::limit_reached);
  EXPECT_EQ(said(second), Reason::limit_reached);
  EXPECT_EQ(reason(plus_file, {key}), Reason::wrong_component) << "a limit is looked at last";
  FurtherGate restarted(*this);
  EXPECT_EQ(said(restarted), Reason::limit_reached);
  EXPECT_EQ(store_.find(KeyId{"key_1"}).value()->use_count, 6u) << "what was denied is no use";
  store_.fail_with(Error{ErrorCode::unavailable, "locked"});
  EXPECT_FALSE(restarted.usage.flush(store_, clock_.now()));
  EXPECT_EQ(said(restarted), Reason::limit_reached);
  clock_.set(UtcDay::of(clock_.now()).before(-1).start());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(said(restarted), Reason::ok);
  EXPECT_EQ(said(restarted), Reason::limit_reached);
  store_.fail_with({});
  ASSERT_TRUE(restarted.usage.flush(store_, clock_.now()));
  const auto days = store_.usage_of(KeyId{"key_1"}, {})->days;
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[0].requests, 6u);
  EXPECT_EQ(days[1].requests, 5u);
  EXPECT_EQ(days[0].denied + days[1].denied, 4u) << "what the first two gates said last is not written yet";
}

TEST_F(DecisionTest, ALimitThatIsSetInTheDayCountsWhatPassedBefore) {
  const std::string key = basic(make_key("core"));
  const auto limit = [&](std::optional<std::uint64_t> requests) {
    signal_.raise();
    ASSERT_TRUE(store_.edit(KeyId{"key_1"}, [&](KeyRecord& record) { record.limits.requests_per_day = requests; }));
    signal_.raise();
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reason(core_file, {key}), Reason::ok);
  limit(4);
  EXPECT_EQ(reason(core_file, {key}), Reason::ok);
  EXPECT_EQ(reason(core_file, {key}), Reason::limit_reached);
  ASSERT_TRUE(usage_.flush(store_, clock_.now()));
  EXPECT_EQ(reason(core_file, {key}), Reason::limit_reached);
  limit({});
  EXPECT_EQ(reason(core_file, {key}), Reason::ok);
  limit(5);
  EXPECT_EQ(reason(core_file, {key}), Reason::limit_reached);
  limit(6);
  EXPECT_EQ(reason(core_file, {key}), Reason::ok);
}

TEST_F(DecisionTest, AllowedRequestsAreCountedPerKey) {
  const std::string key = basic(make_key("core"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reason(core_file, {key}), Reason::ok);
  EXPECT_EQ(reason(plus_file, {key}), Reason::wrong_component);
  ASSERT_TRUE(usage_.flush(store_, clock_.now()));
  EXPECT_EQ(store_.find(KeyId{"key_1"}).value()->use_count, 3u);
}

}  // namespace
}  // namespace packyard
