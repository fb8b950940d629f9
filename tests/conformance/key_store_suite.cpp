#include "tests/conformance/key_store_suite.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "storage/key_query.h"

namespace packyard {

KeyRecord sample_key_record(int number) {
  return KeyRecord{.id = KeyId{"key_000000000000000" + std::to_string(number)},
                   .digest = sha256("key " + std::to_string(number)),
                   .pepper_id = "0badcafe",
                   .scope = KeyScope::of(ComponentName::parse(number % 2 == 0 ? "core" : "core-extra").value()),
                   .label = "Müller & Söhne \"" + std::to_string(number) + "\"",
                   .created_at = Timestamp{1'800'000'000 - number},
                   .expires_at = Timestamp{1'900'000'000}};
}

namespace {

std::set<std::string> ids_of(const std::vector<KeyRecord>& records) {
  std::set<std::string> ids;
  for (const KeyRecord& record : records) ids.insert(record.id.text);
  return ids;
}

TEST_P(KeyStoreSuite, StartsEmpty) {
  EXPECT_TRUE(store_->list()->empty());
  EXPECT_EQ(store_->find(KeyId{"key_absent"}).value(), std::nullopt);
  EXPECT_TRUE(store_->pepper_ids()->empty());
  EXPECT_TRUE(store_->changes_since(0)->changed.empty());
  EXPECT_EQ(store_->changes_since(0)->generation, store_->generation().value());
}

TEST_P(KeyStoreSuite, GivesBackWhatWasStored) {
  KeyRecord full = sample_key_record(1);
  full.revoked_at = Timestamp{1'850'000'000};
  full.last_used_at = Timestamp{1'840'000'000};
  full.use_count = 1ull << 40;
  full.scope = {{ComponentName::parse("core").value(), ComponentName::parse("plus").value()},
                {Year::parse("2024").value(), Year::parse("2025").value()},
                {Format::rpm, Format::oci},
                {AddressRange::parse("203.0.113.0/24").value(), AddressRange::parse("2001:db8::/32").value()}};
  full.not_before = Timestamp{1'700'000'000};
  full.grace = std::chrono::hours(48);
  full.metadata = R"({"customer":"Müller","n":1e2})";
  full.digest.bytes.fill(0);
  full.digest.bytes[5] = 0xFF;
  KeyRecord bare = sample_key_record(2);
  bare.expires_at = std::nullopt;
  ASSERT_TRUE(store_->insert(full));
  ASSERT_TRUE(store_->insert(bare));
  EXPECT_EQ(store_->find(full.id).value(), full);
  EXPECT_EQ(store_->find(bare.id).value(), bare);
}

TEST_P(KeyStoreSuite, ListsByCreationThenId) {
  KeyRecord same_second = sample_key_record(3);
  same_second.created_at = sample_key_record(1).created_at;
  for (const KeyRecord& record : {same_second, sample_key_record(1), sample_key_record(2)}) ASSERT_TRUE(store_->insert(record));
  const auto listed = store_->list();
  ASSERT_EQ(listed->size(), 3u);
  EXPECT_EQ((*listed)[0].id, sample_key_record(2).id);
  EXPECT_EQ((*listed)[1].id, sample_key_record(1).id);
  EXPECT_EQ((*listed)[2].id, same_second.id);
}

std::vector<std::string> ids_of_page(const Result<KeyPage>& page) {
  std::vector<std::string> ids;
  for (const KeyRecord& record : page.value().records) ids.push_back(record.id.text.substr(4));
  return ids;
}

KeyRecord named_record(const std::string& name, std::int64_t created_at) {
  KeyRecord record = sample_key_record(1);
  record.id.text = "key_" + name;
  record.digest = sha256(name);
  record.created_at = Timestamp{created_at};
  return record;
}

TEST_P(KeyStoreSuite, PagesFollowEachOtherWhateverIsMadeMeanwhile) {
  for (const auto& [name, created_at] : {std::pair{"c", 5}, {"a", 5}, {"d", 7}, {"b", 6}, {"e", 4}})
    ASSERT_TRUE(store_->insert(named_record(name, created_at)));
  KeyQuery query{.limit = 2};
  const auto first = store_->list(query);
  EXPECT_EQ(ids_of_page(first), (std::vector<std::string>{"e", "a"}));
  ASSERT_TRUE(first->next);
  ASSERT_TRUE(store_->insert(named_record("f", 8)));
  ASSERT_TRUE(store_->revoke(KeyId{"key_a"}, Timestamp{9}));
  query.after = first->next;
  const auto second = store_->list(query);
  EXPECT_EQ(ids_of_page(second), (std::vector<std::string>{"c", "b"}));
  query.after = second->next;
  const auto third = store_->list(query);
  EXPECT_EQ(ids_of_page(third), (std::vector<std::string>{"d", "f"}));
  EXPECT_FALSE(third->next);
  query.after = KeyCursor{Timestamp{8}, KeyId{"key_f"}};
  EXPECT_TRUE(store_->list(query)->records.empty());
  EXPECT_EQ(store_->list(KeyQuery{})->records, store_->list().value());
}

TEST_P(KeyStoreSuite, QueriesNarrow) {
  KeyRecord both = named_record("both", 1), plain = named_record("plain", 2), extra = named_record("extra", 3);
  both.scope.components = {ComponentName::parse("core").value(), ComponentName::parse("plus").value()};
  both.label = "Müller GmbH 100%";
  plain.scope = KeyScope::of(ComponentName::parse("core").value());
  plain.expires_at = Timestamp{50};
  plain.metadata = "{\"mail\":\"Ops@Example.org\"}";
  extra.scope = KeyScope::of(ComponentName::parse("core-extra").value());
  extra.expires_at = std::nullopt;
  for (const KeyRecord& record : {both, plain, extra}) ASSERT_TRUE(store_->insert(record));
  using Ids = std::vector<std::string>;
  const auto found = [&](const KeyQuery& query) { return ids_of_page(store_->list(query)); };
  EXPECT_EQ(found({.component = ComponentName::parse("core").value()}), (Ids{"both", "plain"}));
  EXPECT_EQ(found({.component = ComponentName::parse("plus").value()}), Ids{"both"});
  EXPECT_EQ(found({.component = ComponentName::parse("extra").value()}), Ids{});
  EXPECT_EQ(found({.search = "MÜLLER"}), Ids{}) << "letters beyond ASCII are compared as they are";
  EXPECT_EQ(found({.search = "MüLLER gmbh"}), Ids{"both"});
  EXPECT_EQ(found({.search = "0%"}), Ids{"both"});
  EXPECT_EQ(found({.search = "_"}), (Ids{"both", "plain", "extra"})) << "no pattern, and every id has one";
  EXPECT_EQ(found({.search = "ops@example"}), Ids{"plain"});
  EXPECT_EQ(found({.search = "KEY_PL"}), Ids{"plain"});
  EXPECT_EQ(found({.expires_before = Timestamp{50}}), Ids{});
  EXPECT_EQ(found({.expires_before = Timestamp{51}}), Ids{"plain"});
  EXPECT_EQ(found({.component = ComponentName::parse("core").value(), .search = "gmbh", .limit = 1}), Ids{"both"});
}

// Every status at every second of a key's life, with all its times present or absent.
TEST_P(KeyStoreSuite, StoresAgreeOnTheStatusOfAKey) {
  std::vector<KeyRecord> records;
  for (unsigned bits = 0; bits < 32; ++bits) {
    KeyRecord record = named_record(std::to_string(100 + bits), bits);
    record.not_before = (bits & 1) != 0 ? std::optional(Timestamp{10}) : std::nullopt;
    record.expires_at = (bits & 2) != 0 ? std::optional(Timestamp{20}) : std::nullopt;
    record.grace = std::chrono::seconds((bits & 4) != 0 ? 5 : 0);
    record.suspended_at = (bits & 8) != 0 ? std::optional(Timestamp{1}) : std::nullopt;
    record.revoked_at = (bits & 16) != 0 ? std::optional(Timestamp{1}) : std::nullopt;
    ASSERT_TRUE(store_->insert(record));
    records.push_back(record);
  }
  for (const KeyStatus status : all_key_statuses)
    for (const int second : {9, 10, 19, 20, 24, 25}) {
      std::vector<std::string> expected;
      for (const KeyRecord& record : records)
        if (status_of(record, Timestamp{second}) == status) expected.push_back(record.id.text.substr(4));
      EXPECT_EQ(ids_of_page(store_->list({.status = status, .now = Timestamp{second}})), expected) << to_string(status) << second;
    }
}

TEST_P(KeyStoreSuite, AKeyIsFoundByAnyOfItsSecrets) {
  KeyRecord record = sample_key_record(1);
  record.former_secrets = {{sha256("former"), "0badcafe", Timestamp{10}}};
  ASSERT_TRUE(store_->insert(record));
  ASSERT_TRUE(store_->insert(sample_key_record(2)));
  EXPECT_EQ(store_->find_by_digest(record.digest).value(), record);
  EXPECT_EQ(store_->find_by_digest(sha256("former")).value(), record);
  EXPECT_EQ(store_->find_by_digest(sha256("nobody's")).value(), std::nullopt);
}

TEST_P(KeyStoreSuite, RefusesASecondRowWithTheSameIdOrDigest) {
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  const std::uint64_t before = store_->generation().value();
  KeyRecord same_id = sample_key_record(2);
  same_id.id = sample_key_record(1).id;
  KeyRecord same_digest = sample_key_record(2);
  same_digest.digest = sample_key_record(1).digest;
  EXPECT_EQ(store_->insert(same_id).error().code, ErrorCode::conflict);
  EXPECT_EQ(store_->insert(same_digest).error().code, ErrorCode::conflict);
  EXPECT_EQ(store_->list()->size(), 1u);
  EXPECT_EQ(store_->generation().value(), before);
  EXPECT_TRUE(store_->insert(sample_key_record(2)));
}

TEST_P(KeyStoreSuite, ManyAreAddedAsOneChangeOrNoneIs) {
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  const std::uint64_t before = store_->generation().value();
  ASSERT_TRUE(store_->insert_all({}));
  const auto refused = store_->insert_all({sample_key_record(2), sample_key_record(3), sample_key_record(1)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_NE(refused.error().message.find(sample_key_record(1).id.text), std::string::npos);
  EXPECT_EQ(store_->insert_all({sample_key_record(2), sample_key_record(2)}).error().code, ErrorCode::conflict);
  EXPECT_EQ(store_->list()->size(), 1u);
  EXPECT_EQ(store_->generation().value(), before);
  ASSERT_TRUE(store_->insert_all({sample_key_record(2), sample_key_record(3)}));
  EXPECT_EQ(store_->list()->size(), 3u);
  EXPECT_EQ(store_->changes_since(before)->changed.size(), 2u);
  EXPECT_EQ(store_->find(sample_key_record(3).id).value(), sample_key_record(3));
}

TEST_P(KeyStoreSuite, RevokingKeepsTheRowAndTheFirstTime) {
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  const auto revoked = store_->revoke(sample_key_record(1).id, Timestamp{1'810'000'000});
  ASSERT_TRUE(revoked && *revoked);
  EXPECT_EQ((*revoked)->revoked_at, Timestamp{1'810'000'000});
  const std::uint64_t after = store_->generation().value();
  const auto again = store_->revoke(sample_key_record(1).id, Timestamp{1'820'000'000});
  ASSERT_TRUE(again && *again);
  EXPECT_EQ((*again)->revoked_at, Timestamp{1'810'000'000});
  EXPECT_EQ(store_->generation().value(), after);
  EXPECT_EQ(store_->list()->size(), 1u);
  EXPECT_EQ(store_->find(sample_key_record(1).id).value(), **revoked);
}

TEST_P(KeyStoreSuite, RevokingAnAbsentKeyIsNotAnError) {
  const std::uint64_t before = store_->generation().value();
  EXPECT_EQ(store_->revoke(KeyId{"key_absent"}, Timestamp{1}).value(), std::nullopt);
  EXPECT_EQ(store_->generation().value(), before);
}

TEST_P(KeyStoreSuite, FollowersSeeEveryChangeOnce) {
  const std::uint64_t start = store_->generation().value();
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  ASSERT_TRUE(store_->insert(sample_key_record(2)));
  const auto first = store_->changes_since(start);
  EXPECT_GT(first->generation, start);
  EXPECT_EQ(ids_of(first->changed), (std::set{sample_key_record(1).id.text, sample_key_record(2).id.text}));
  EXPECT_TRUE(store_->changes_since(first->generation)->changed.empty());

  ASSERT_TRUE(store_->revoke(sample_key_record(2).id, Timestamp{1'810'000'000}));
  const auto second = store_->changes_since(first->generation);
  EXPECT_GT(second->generation, first->generation);
  ASSERT_EQ(second->changed.size(), 1u);
  EXPECT_EQ(second->changed[0].id, sample_key_record(2).id);
  EXPECT_TRUE(second->changed[0].revoked_at);
  EXPECT_EQ(store_->changes_since(start)->changed.size(), 2u);
  EXPECT_TRUE(store_->changes_since(second->generation + 1000)->changed.empty());
}

TEST_P(KeyStoreSuite, AnEditChangesEverythingButWhatNoChangeMayTouch) {
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  ASSERT_TRUE(store_->insert(sample_key_record(2)));
  ASSERT_TRUE(store_->add_usage({{sample_key_record(1).id, 3, Timestamp{2000}}}));
  const std::uint64_t before = store_->generation().value();
  KeyRecord wanted = sample_key_record(1);
  wanted.digest = sha256("new");
  wanted.pepper_id = "12345678";
  wanted.scope = KeyScope::of(ComponentName::parse("plus").value());
  wanted.scope.years = {Year::parse("2025").value()};
  wanted.scope.formats = {Format::deb};
  wanted.scope.addresses = {AddressRange::parse("::1").value()};
  wanted.label = "changed";
  wanted.not_before = Timestamp{1};
  wanted.expires_at = std::nullopt;
  wanted.grace = std::chrono::seconds(9);
  wanted.revoked_at = Timestamp{3};
  wanted.suspended_at = Timestamp{4};
  wanted.metadata = "{\"a\":1}";
  wanted.former_secrets = {{sample_key_record(1).digest, "0badcafe", Timestamp{20}}, {sha256("older"), "0badcafe", Timestamp{10}}};
  const auto edited = store_->edit(wanted.id, [&](KeyRecord& record) {
    record = wanted;
    record.id = KeyId{"key_other"};
    record.created_at = Timestamp{0};
    record.use_count = 99;
    record.last_used_at = std::nullopt;
    std::swap(record.former_secrets[0], record.former_secrets[1]);
  });
  ASSERT_TRUE(edited) << edited.error().message;
  wanted.use_count = 3;
  wanted.last_used_at = Timestamp{2000};
  EXPECT_EQ(*edited, wanted);
  EXPECT_EQ(store_->find(wanted.id).value(), wanted);
  const auto changes = store_->changes_since(before);
  EXPECT_GT(changes->generation, before);
  EXPECT_EQ(changes->changed, std::vector{wanted});
  EXPECT_EQ(store_->find(sample_key_record(2).id).value(), sample_key_record(2));
  EXPECT_EQ(store_->pepper_ids().value(), (std::vector<std::string>{"0badcafe", "12345678"}));
}

TEST_P(KeyStoreSuite, AnEditThatChangesNothingIsNoChange) {
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  const std::uint64_t before = store_->generation().value();
  EXPECT_EQ(store_->edit(sample_key_record(1).id, [](KeyRecord&) {}).value(), sample_key_record(1));
  EXPECT_EQ(store_->edit(KeyId{"key_absent"}, [](KeyRecord&) { FAIL(); }).value(), std::nullopt);
  EXPECT_EQ(store_->generation().value(), before);
}

TEST_P(KeyStoreSuite, ADigestOpensOneKeyEvenWhenItIsAFormerOne) {
  KeyRecord first = sample_key_record(1);
  first.former_secrets = {{sha256("former"), "0badcafe", Timestamp{10}}};
  ASSERT_TRUE(store_->insert(first));
  EXPECT_EQ(store_->find(first.id).value(), first);
  ASSERT_TRUE(store_->insert(sample_key_record(2)));
  KeyRecord same = sample_key_record(3);
  same.digest = sha256("former");
  EXPECT_EQ(store_->insert(same).error().code, ErrorCode::conflict);
  const std::uint64_t before = store_->generation().value();
  const auto take = [&](const Sha256& digest) {
    return store_->edit(sample_key_record(2).id, [&](KeyRecord& record) { record.digest = digest; });
  };
  const auto take_as_former = [&](const Sha256& digest) {
    return store_->edit(sample_key_record(2).id,
                        [&](KeyRecord& record) { record.former_secrets = {{digest, "0badcafe", Timestamp{10}}}; });
  };
  for (const Sha256& digest : {first.digest, sha256("former")}) {
    EXPECT_EQ(take(digest).error().code, ErrorCode::conflict);
    EXPECT_EQ(take_as_former(digest).error().code, ErrorCode::conflict);
  }
  EXPECT_EQ(store_->generation().value(), before);
  EXPECT_EQ(store_->find(sample_key_record(2).id).value(), sample_key_record(2));
  // A secret that is forgotten is free again.
  ASSERT_TRUE(store_->edit(first.id, [](KeyRecord& record) { record.former_secrets.clear(); }));
  EXPECT_TRUE(take(sha256("former")));
}

TEST_P(KeyStoreSuite, ManyRecordsHaveTheirFormerSecretsToo) {
  for (int i = 0; i < 100; ++i) {
    KeyRecord record = sample_key_record(1);
    record.id.text = "key_" + std::to_string(1000 + i);
    record.digest = sha256(record.id.text);
    if (i % 3 == 0)
      record.former_secrets = {{sha256("a" + record.id.text), "x", Timestamp{9}}, {sha256("b" + record.id.text), "x", Timestamp{8}}};
    ASSERT_TRUE(store_->insert(record));
  }
  const auto listed = store_->list();
  ASSERT_EQ(listed->size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ((*listed)[static_cast<std::size_t>(i)].former_secrets.size(), i % 3 == 0 ? 2u : 0u);
  EXPECT_EQ(store_->changes_since(0)->changed.size(), 100u);
  EXPECT_EQ(store_->changes_since(0)->changed.front().former_secrets.size(), 2u);
}

TEST_P(KeyStoreSuite, UsageAddsUpWithoutBeingAChange) {
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  const std::uint64_t before = store_->generation().value();
  ASSERT_TRUE(store_->add_usage({}));
  ASSERT_TRUE(store_->add_usage({{sample_key_record(1).id, 3, Timestamp{2000}}, {KeyId{"key_absent"}, 1, Timestamp{2000}}}));
  ASSERT_TRUE(store_->add_usage({{sample_key_record(1).id, 2, Timestamp{1000}}}));  // a slower gate, told later
  const auto found = store_->find(sample_key_record(1).id);
  EXPECT_EQ((*found)->use_count, 5u);
  EXPECT_EQ((*found)->last_used_at, Timestamp{2000});
  EXPECT_EQ(store_->generation().value(), before);
  EXPECT_EQ(store_->list()->size(), 1u);
}

TEST_P(KeyStoreSuite, NamesEachPepperOnce) {
  KeyRecord other = sample_key_record(3);
  other.pepper_id = "12345678";
  for (const KeyRecord& record : {sample_key_record(1), sample_key_record(2), other}) ASSERT_TRUE(store_->insert(record));
  EXPECT_EQ(store_->pepper_ids().value(), (std::vector<std::string>{"0badcafe", "12345678"}));
}

// A follower that goes on from each generation it was told misses no row, whatever runs beside it.
TEST_P(KeyStoreSuite, ThreadsMayShareIt) {
  constexpr int rows = 200;
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::thread writer([&] {
    for (int i = 0; i < rows; ++i) {
      KeyRecord record = sample_key_record(1);
      record.id.text = "key_" + std::to_string(i);
      record.digest = sha256(record.id.text);
      if (!store_->insert(record) || !store_->revoke(record.id, Timestamp{1'810'000'000})) ++failures;
      if (!store_->add_usage({{record.id, 1, Timestamp{1}}})) ++failures;
    }
    done = true;
  });
  std::set<std::string> seen;
  std::set<std::string> revoked;
  std::uint64_t generation = 0;
  bool last_round = false;
  while (!last_round) {
    last_round = done;
    const auto changes = store_->changes_since(generation);
    ASSERT_TRUE(changes);
    generation = changes->generation;
    for (const KeyRecord& record : changes->changed) {
      seen.insert(record.id.text);
      if (record.revoked_at) revoked.insert(record.id.text);
    }
  }
  writer.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(rows));
  EXPECT_EQ(revoked, seen);
}

}  // namespace
}  // namespace packyard
