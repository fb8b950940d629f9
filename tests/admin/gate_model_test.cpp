// Random sequences of key operations over the admin's service, and requests at two gates, against a model so plain that it can be
// checked by reading. PACKYARD_MODEL_SEQUENCES sets how many (500; the full run is 1,000,000), PACKYARD_MODEL_SEED where to start.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "admin/key_service.h"
#include "auth/decision.h"
#include "core/base64.h"
#include "tests/support/memory_audit_log.h"
#include "tests/support/memory_key_store.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

constexpr std::int64_t start_seconds = 1'800'057'590;  // shortly before midnight UTC
constexpr std::array<const char*, 3> components = {"core", "plus", "extra"};
constexpr std::array<const char*, 2> years = {"2025", "2026"};
constexpr std::array<const char*, 3> formats = {"rpm", "deb", "oci"};
constexpr std::array<const char*, 3> ranges = {"203.0.113.0/24", "203.0.113.7", "2001:db8::/32"};
constexpr std::array<const char*, 5> clients = {"203.0.113.7", "203.0.113.8", "198.51.100.1", "2001:db8::1", ""};

std::uint64_t number_from(const char* variable, std::uint64_t fallback) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

struct ModelSecret {
  std::string text;
  std::int64_t ends_at;  // far away for the current one
};
struct ModelKey {
  std::string id;
  std::vector<ModelSecret> secrets;
  std::vector<std::string> components{}, years{}, formats{}, ranges{};
  std::optional<std::int64_t> not_before{}, expires_at{};
  std::int64_t grace = 0;
  bool revoked = false, suspended = false;
  std::optional<std::uint64_t> requests_a_day{}, addresses_a_day{};
  // What passed, by day.
  std::map<std::int64_t, std::uint64_t> requests_by_day{};
  std::map<std::int64_t, std::set<std::string>> clients_by_day{};
};
struct ModelRequest {
  std::string secret, component, year, format, client, method;
  bool is_ping = false;
};
constexpr std::int64_t for_ever = 1ll << 60;

bool may(const std::vector<std::string>& list, const std::string& value) {
  return list.empty() || std::ranges::find(list, value) != list.end();
}

bool is_in_range(const std::string& client, const std::string& range) {
  if (range == "203.0.113.0/24") return client.starts_with("203.0.113.");
  if (range == "2001:db8::/32") return client.starts_with("2001:db8:");
  return client == range;
}

bool is_beyond_a_limit(ModelKey& key, const ModelRequest& request, std::int64_t day) {
  std::set<std::string>& seen = key.clients_by_day[day];
  if (key.requests_a_day && key.requests_by_day[day] >= *key.requests_a_day) return true;
  const bool is_new = !request.client.empty() && !seen.contains(request.client);
  if (key.addresses_a_day && is_new && seen.size() >= *key.addresses_a_day) return true;
  ++key.requests_by_day[day];
  if (is_new) seen.insert(request.client);
  return false;
}

// What should be said; the whole policy on one page.
Reason expected(std::vector<ModelKey>& keys, const ModelRequest& request, std::int64_t now) {
  for (ModelKey& key : keys)
    for (const ModelSecret& secret : key.secrets) {
      if (secret.text != request.secret) continue;
      if (key.revoked) return Reason::revoked;
      if (key.suspended) return Reason::suspended;
      if (now >= secret.ends_at) return Reason::replaced;
      if (key.expires_at && now >= *key.expires_at + key.grace) return Reason::expired;
      if (key.not_before && now < *key.not_before) return Reason::not_yet_valid;
      const bool from_here = key.ranges.empty() || std::ranges::any_of(key.ranges, [&](const std::string& range) {
                               return is_in_range(request.client, range);
                             });
      if (!from_here) return Reason::wrong_address;
      if (!request.is_ping && std::ranges::find(key.components, request.component) == key.components.end())
        return Reason::wrong_component;
      if (!request.is_ping && !may(key.formats, request.format)) return Reason::wrong_format;
      if (!request.is_ping && !may(key.years, request.year)) return Reason::wrong_year;
      if (request.method != "GET" && request.method != "HEAD") return Reason::bad_method;
      if (is_beyond_a_limit(key, request, now / 86'400)) return Reason::limit_reached;
      return key.expires_at && now >= *key.expires_at ? Reason::in_grace : Reason::ok;
    }
  return Reason::bad_key;
}

// One gate: its own index and follower over the shared store, as a process of its own has them.
struct Gate {
  Gate(KeyStore& store, const ChangeSignal& signal, std::span<const Pepper* const> peppers, const Clock& clock, const Log& log)
      : follower(store, signal, index, log), keeper(follower, index, peppers, clock) {}
  UsageRecorder usage;
  KeyIndex index{usage};
  IndexFollower follower;
  Gatekeeper keeper;
};

class GateModel : public testing::Test {
 protected:
  template <class List>
  std::string one_of(const List& list) {
    return list[random_() % list.size()];
  }
  template <class List>
  std::vector<std::string> some_of(const List& list) {
    std::vector<std::string> some;
    for (const char* item : list)
      if (random_() % 2 == 0) some.emplace_back(item);
    return some;
  }
  KeyFields::Time time_near(int from, int to) {
    if (random_() % 3 == 0) return std::nullopt;
    return Timestamp{clock_.now().seconds + from + static_cast<std::int64_t>(random_() % static_cast<unsigned>(to - from))}.rfc3339();
  }

  KeyFields random_fields(bool whole) {
    KeyFields fields;
    const auto maybe = [&] { return whole || random_() % 3 == 0; };
    if (maybe()) fields.components = some_of(components);
    if (whole && fields.components->empty()) fields.components = KeyFields::Texts{one_of(components)};
    if (whole) fields.label = "x";
    if (maybe()) fields.years = some_of(years);
    if (maybe()) fields.formats = some_of(formats);
    if (maybe()) fields.addresses = random_() % 2 == 0 ? some_of(ranges) : KeyFields::Texts();
    if (maybe()) fields.not_before = time_near(-5, 5);
    if (maybe()) fields.expires_at = time_near(-2, 20);
    if (maybe()) fields.grace_seconds = random_() % 8;
    if (maybe()) fields.requests_per_day = random_() % 2 == 0 ? KeyFields::Limit(1 + random_() % 5) : KeyFields::Limit();
    if (maybe()) fields.addresses_per_day = random_() % 2 == 0 ? KeyFields::Limit(1 + random_() % 3) : KeyFields::Limit();
    return fields;
  }

  static void apply(const KeyFields& fields, ModelKey& key) {
    const auto seconds = [](const KeyFields::Time& time) {
      return time ? std::optional(Timestamp::parse_rfc3339(*time)->seconds) : std::nullopt;
    };
    if (fields.components) key.components = *fields.components;
    if (fields.years) key.years = *fields.years;
    if (fields.formats) key.formats = *fields.formats;
    if (fields.addresses) key.ranges = *fields.addresses;
    if (fields.not_before) key.not_before = seconds(*fields.not_before);
    if (fields.expires_at) key.expires_at = seconds(*fields.expires_at);
    if (fields.requests_per_day) key.requests_a_day = *fields.requests_per_day;
    if (fields.addresses_per_day) key.addresses_a_day = *fields.addresses_per_day;
    if (fields.grace_seconds) key.grace = static_cast<std::int64_t>(*fields.grace_seconds);
  }

  void operate(KeyService& service) {
    const unsigned kind = keys_.empty() ? 0 : static_cast<unsigned>(random_() % 8);
    if (kind == 0) {
      const KeyFields fields = random_fields(true);
      auto made = service.create(fields, caller_);
      if (!made) return;
      ModelKey key{.id = made->record.id.text, .secrets = {{std::string(made->key.reveal()), for_ever}}};
      apply(fields, key);
      keys_.push_back(std::move(key));
      return;
    }
    ModelKey& key = keys_[random_() % keys_.size()];
    if (kind <= 3) {
      const KeyFields fields = random_fields(false);
      if (service.change(key.id, fields, caller_)) apply(fields, key);
    } else if (kind == 4) {
      const std::uint64_t overlap = random_() % 2 == 0 ? 0 : random_() % 10;
      auto rotated = service.rotate(key.id, overlap, caller_);
      if (!rotated) return;
      const std::int64_t end = clock_.now().seconds + static_cast<std::int64_t>(overlap);
      for (ModelSecret& secret : key.secrets)
        if (secret.ends_at == for_ever || overlap == 0) secret.ends_at = std::min(secret.ends_at, end);
      key.secrets.push_back({std::string(rotated->key.reveal()), for_ever});
    } else if (kind == 5) {
      if (service.suspend(key.id, caller_)) key.suspended = true;
    } else if (kind == 6) {
      if (service.resume(key.id, caller_)) key.suspended = false;
    } else if (random_() % 3 == 0) {
      EXPECT_TRUE(service.revoke(key.id, caller_));
      key.revoked = true;
    }
  }

  ModelRequest random_request() {
    ModelRequest request{.secret = "pky_000000000000000000000000000000000000",
                         .component = one_of(components),
                         .year = one_of(years),
                         .format = one_of(formats),
                         .client = one_of(clients),
                         .method = random_() % 10 == 0 ? "PUT" : random_() % 5 == 0 ? "HEAD" : "GET",
                         .is_ping = random_() % 10 == 0};
    if (request.is_ping) request.format = "oci";
    if (request.format != "oci" && request.method == "PUT") request.method = "GET";  // refused before any key is looked at
    if (keys_.empty()) return request;
    const ModelKey& key = keys_[random_() % keys_.size()];
    request.secret = key.secrets[random_() % key.secrets.size()].text;
    return request;
  }

  static std::string target_of(const ModelRequest& request) {
    if (request.is_ping) return "/v2/";
    const std::string scope = request.component + "/" + request.year;
    if (request.format == "rpm") return "/rpm/" + scope + "/el9-x86_64/repodata/repomd.xml";
    if (request.format == "deb") return "/deb/" + scope + "/dists/bookworm/InRelease";
    return "/v2/" + scope + "/server/manifests/1.0";
  }

  // Each hears what all have counted, as it does every 2 s of its own.
  static void tell(std::span<Gate* const> gates, KeyStore& store, Timestamp now) {
    for (int round = 0; round < 2; ++round)
      for (Gate* gate : gates) EXPECT_TRUE(gate->usage.flush(store, now));
  }

  // True when both gates say what the model says.
  bool agrees(std::span<Gate* const> gates, KeyStore& store) {
    const ModelRequest request = random_request();
    const std::string target = target_of(request);
    const std::string header = "Basic " + encode_base64("subscriber:" + request.secret);
    const std::string_view authorization = header;
    const KnownClient client(IpAddress::parse(request.client));
    for (Gate* gate : gates) {
      const Reason wanted = expected(keys_, request, clock_.now().seconds);
      const Reason said = gate->keeper.decide({target, request.method, {&authorization, 1}, &client}).reason;
      // Of a secret that ended long ago the gate may have forgotten whose it was.
      const bool may_be_forgotten = wanted == Reason::replaced || wanted == Reason::revoked || wanted == Reason::suspended;
      const bool same = said == wanted || (said == Reason::bad_key && may_be_forgotten && has_ended(request.secret));
      if (!same) ADD_FAILURE() << target << ": the gate says " << to_string(said) << ", the model " << to_string(wanted);
      if (!same) return false;
      tell(gates, store, clock_.now());
    }
    return true;
  }

  bool has_ended(const std::string& text) const {
    for (const ModelKey& key : keys_)
      for (const ModelSecret& secret : key.secrets)
        if (secret.text == text) return secret.ends_at <= clock_.now().seconds;
    return true;
  }

  const AdminCaller caller_{"tester", "192.0.2.1", AdminRole::all};
  std::mt19937_64 random_;
  ManualClock clock_{Timestamp{start_seconds}};
  std::vector<ModelKey> keys_;
};

TEST_F(GateModel, TwoGatesSayWhatThePlainModelSays) {
  const std::uint64_t sequences = number_from("PACKYARD_MODEL_SEQUENCES", 500), first = number_from("PACKYARD_MODEL_SEED", 1);
  const TemporaryFolder folder;
  ChangeSignal signal = ChangeSignal::open(folder / "changes").value();
  const Pepper pepper = make_pepper(Secret(std::string(pepper_size_bytes, 'p')));
  const std::vector<const Pepper*> peppers = {&pepper};
  const Log log(LogLevel::error);
  SystemRandomSource secrets;
  std::vector<ComponentName> known;
  for (const char* name : components) known.push_back(ComponentName::parse(name).value());
  for (std::uint64_t seed = first; seed < first + sequences; ++seed) {
    random_.seed(seed);
    clock_.set(Timestamp{start_seconds});
    keys_.clear();
    MemoryKeyStore store;
    MemoryAuditLog audit;
    KeyService service({store, signal, audit, pepper, secrets, clock_, log, known});
    Gate one(store, signal, peppers, clock_, log), other(store, signal, peppers, clock_, log);
    ASSERT_TRUE(one.follower.load() && other.follower.load());
    const std::array<Gate*, 2> gates = {&one, &other};
    for (int step = 0; step < 12; ++step) {
      operate(service);
      if (random_() % 3 == 0) clock_.set(Timestamp{clock_.now().seconds + static_cast<std::int64_t>(random_() % 6)});
      tell(gates, store, clock_.now());
      for (int request = 0; request < 3; ++request)
        ASSERT_TRUE(agrees(gates, store)) << "PACKYARD_MODEL_SEED=" << seed << " at step " << step;
    }
  }
}

}  // namespace
}  // namespace packyard
