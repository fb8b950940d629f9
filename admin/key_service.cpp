#include "admin/key_service.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "admin/key_audit.h"
#include "admin/key_rules.h"
#include "admin/request_object.h"
#include "auth/denial_status.h"
#include "auth/subscriber_key.h"

namespace packyard {
namespace {

constexpr std::string_view id_prefix = "key_";
constexpr std::size_t id_random_length = 16;

// Gates look before each decision; one that looked between the first raise and the commit looks again after the second.
class AnnouncedChange {
 public:
  explicit AnnouncedChange(ChangeSignal& signal) : signal_(signal) { signal_.raise(); }
  AnnouncedChange(const AnnouncedChange&) = delete;
  AnnouncedChange& operator=(const AnnouncedChange&) = delete;
  ~AnnouncedChange() { signal_.raise(); }

 private:
  ChangeSignal& signal_;
};

std::string component_list(const KeyScope& scope) {
  std::string text;
  for (const ComponentName& component : scope.components) text += (text.empty() ? "" : " ") + component.text();
  return text;
}

}  // namespace

KeyService::KeyService(Parts parts) : parts_(std::move(parts)), peppers_{&parts_.pepper} {
  peppers_.insert(peppers_.end(), parts_.earlier_peppers.begin(), parts_.earlier_peppers.end());
  // An admin that died between a commit and its second raise left gates unaware.
  parts_.signal.raise();
}

ApiFailure KeyService::failure_of(const Error& error) const {
  parts_.log.error("key_store_failed", {{"code", to_string(error.code)}, {"error", error.message}});
  switch (error.code) {
    case ErrorCode::not_found:  // the database was replaced under us
    case ErrorCode::unavailable: return {ApiError::store_unavailable, {}};
    case ErrorCode::corrupt: return {ApiError::store_damaged, {}};
    default: return {ApiError::internal, {}};
  }
}

ApiFailure KeyService::audit_failure_of(const Error& error) const {
  parts_.log.error("audit_log_failed", {{"code", to_string(error.code)}, {"error", error.message}});
  return {ApiError::audit_unavailable, {}};
}

ApiResult<std::unique_ptr<AuditTurn>> KeyService::begin_turn() {
  auto turn = parts_.audit.begin(parts_.clock.now());
  if (!turn) return std::unexpected(audit_failure_of(turn.error()));
  if (is_settled_) return std::move(*turn);
  const auto count = write_changes_not_made(**turn, parts_.store, parts_.clock.now());
  if (!count) return std::unexpected(failure_of(count.error()));
  if (*count > 0) parts_.log.warning("audited_changes_not_made", {{"count", *count}});
  is_settled_ = true;
  return std::move(*turn);
}

template <class Change>
KeyService::Made<Change> KeyService::make_audited(AuditTurn& turn, const std::vector<AuditEntry>& entries, Change change) {
  if (const auto written = turn.write(entries, parts_.clock.now()); !written) return std::unexpected(audit_failure_of(written.error()));
  auto made = [&] {
    const AnnouncedChange announced(parts_.signal);
    return change();
  }();
  if (made) {
    if constexpr (std::is_void_v<typename decltype(made)::value_type>)
      return {};
    else
      return std::move(*made);
  }
  const ApiFailure failure =
      made.error().code == ErrorCode::conflict ? ApiFailure{ApiError::key_exists, {}} : failure_of(made.error());
  if (const auto told = turn.write_failed(entries, made.error().message, parts_.clock.now()); !told) {
    is_settled_ = false;
    (void)audit_failure_of(told.error());
  }
  return std::unexpected(failure);
}

ApiResult<void> KeyService::name_changes_not_made() {
  if (const auto turn = begin_turn(); !turn) return std::unexpected(turn.error());
  return {};
}

ApiResult<CreatedKey> KeyService::new_key(const KeyFields& fields) {
  if (!fields.components) return missing_field("component");
  if (!fields.label) return missing_field("label");
  const Timestamp now = parts_.clock.now();
  KeyRecord record{.id = {}, .digest = {}, .pepper_id = parts_.pepper.id.text, .scope = {}, .label = {}, .created_at = now};
  if (auto applied = apply_key_fields(fields, parts_.components, now, record); !applied)
    return std::unexpected(std::move(applied).error());
  Secret key = make_subscriber_key(parts_.random);
  record.id = KeyId{std::string(id_prefix) + random_base62(parts_.random, id_random_length)};
  record.digest = digest_of_key(parts_.pepper, key.reveal());
  return CreatedKey{std::move(record), std::move(key)};
}

ApiResult<CreatedKey> KeyService::create(const KeyFields& fields, const AdminCaller& caller) {
  auto created = new_key(fields);
  if (!created) return created;
  const KeyRecord& record = created->record;
  auto turn = begin_turn();
  if (!turn) return std::unexpected(std::move(turn).error());
  const auto stored = make_audited(**turn, {key_audit_entry("key_created", caller, nullptr, record)},
                                   [&] { return parts_.store.insert(record); });
  if (!stored) return std::unexpected(stored.error());
  parts_.log.info("key_created", {{"id", record.id.text}, {"components", component_list(record.scope)}});
  return created;
}

ApiResult<std::vector<CreatedKey>> KeyService::create_all(const std::vector<KeyFields>& all, const AdminCaller& caller) {
  std::vector<CreatedKey> created;
  std::vector<KeyRecord> records;
  std::vector<AuditEntry> entries;
  for (const KeyFields& fields : all) {
    auto made = new_key(fields);
    if (!made) {
      const std::string_view message = catalog_entry(made.error().error).message;
      return refuse(made.error().error, "key " + std::to_string(created.size() + 1) + ": " +
                                            (made.error().detail.empty() ? std::string(message) : made.error().detail));
    }
    records.push_back(made->record);
    entries.push_back(key_audit_entry("key_created", caller, nullptr, made->record));
    created.push_back(std::move(*made));
  }
  auto turn = begin_turn();
  if (!turn) return std::unexpected(std::move(turn).error());
  const auto stored = make_audited(**turn, entries, [&] { return parts_.store.insert_all(records); });
  if (!stored) return std::unexpected(stored.error());
  parts_.log.info("keys_created", {{"count", records.size()}});
  return created;
}

bool KeyService::knows_pepper(std::string_view id) const {
  return std::ranges::any_of(peppers_, [&](const Pepper* pepper) { return pepper->id.text == id; });
}

ApiResult<ImportedKeys> KeyService::import_all(const std::vector<KeyRecord>& records, const AdminCaller& caller) {
  auto turn = begin_turn();
  if (!turn) return std::unexpected(std::move(turn).error());
  ImportedKeys imported;
  std::vector<KeyRecord> fresh;
  std::vector<AuditEntry> entries;
  for (const KeyRecord& record : records) {
    bool readable = knows_pepper(record.pepper_id);
    for (const FormerSecret& secret : record.former_secrets) readable = readable && knows_pepper(secret.pepper_id);
    if (!readable)
      return refuse(ApiError::pepper_unknown, "key " + record.id.text + " names a pepper that is not here: copy it from the exporter's " +
                                                  "state/peppers/ and restart packyard");
    auto kept = parts_.store.find(record.id);
    if (!kept) return std::unexpected(failure_of(kept.error()));
    if (*kept && (*kept)->digest != record.digest)
      return refuse(ApiError::key_exists, "key " + record.id.text + " exists with another secret");
    if (*kept) {
      ++imported.skipped;
      continue;
    }
    fresh.push_back(record);
    entries.push_back(key_audit_entry("key_imported", caller, nullptr, record));
  }
  const auto stored = make_audited(**turn, entries, [&] { return parts_.store.insert_all(fresh); });
  if (!stored) return std::unexpected(stored.error());
  imported.imported = fresh.size();
  parts_.log.info("keys_imported", {{"count", imported.imported}, {"skipped", imported.skipped}});
  return imported;
}

ApiResult<KeyPage> KeyService::list(const KeyQuery& query) {
  auto page = parts_.store.list(query);
  if (!page) return std::unexpected(failure_of(page.error()));
  return std::move(*page);
}

ApiResult<KeyRecord> KeyService::find(std::string_view id) {
  if (!is_key_id(id)) return refuse(ApiError::key_not_found);
  auto record = parts_.store.find(KeyId{std::string(id)});
  if (!record) return std::unexpected(failure_of(record.error()));
  if (!*record) return refuse(ApiError::key_not_found);
  return std::move(**record);
}

ApiResult<UsagePage> KeyService::usage_of(std::string_view id, const UsageQuery& query) {
  if (const auto record = find(id); !record) return std::unexpected(record.error());
  auto page = parts_.store.usage_of(KeyId{std::string(id)}, query);
  if (!page) return std::unexpected(failure_of(page.error()));
  return std::move(*page);
}

// Again: the first revocation's time stays.
ApiResult<KeyRecord> KeyService::revoke(std::string_view id, const AdminCaller& caller) {
  const Timestamp now = parts_.clock.now();
  return edit(id, "key_revoked", caller, [&](KeyRecord& record) -> ApiResult<void> {
    if (!record.revoked_at) record.revoked_at = now;
    return {};
  });
}

// Nobody else changes keys during the turn, so that what was judged is what is stored.
ApiResult<KeyRecord> KeyService::edit(std::string_view id, std::string_view event, const AdminCaller& caller, const Edit& edit) {
  if (!is_key_id(id)) return refuse(ApiError::key_not_found);
  auto turn = begin_turn();
  if (!turn) return std::unexpected(std::move(turn).error());
  auto kept = find(id);
  if (!kept) return kept;
  KeyRecord wanted = *kept;
  if (auto judged = edit(wanted); !judged) return std::unexpected(std::move(judged).error());
  if (wanted == *kept) return kept;
  auto record = make_audited(**turn, {key_audit_entry(event, caller, &*kept, wanted)},
                             [&]() -> Result<KeyRecord> {
                               TRY_ASSIGN(auto stored, parts_.store.edit(kept->id, [&](KeyRecord& now) { (void)edit(now); }));
                               if (!stored) return fail(ErrorCode::not_found, "the key is gone from the store");
                               return std::move(*stored);
                             });
  if (!record) return record;
  parts_.log.info(event, {{"id", record->id.text}, {"components", component_list(record->scope)}});
  return record;
}

ApiResult<KeyRecord> KeyService::change(std::string_view id, const KeyFields& fields, const AdminCaller& caller) {
  const Timestamp now = parts_.clock.now();
  return edit(id, "key_changed", caller, [&](KeyRecord& record) { return apply_key_fields(fields, parts_.components, now, record); });
}

ApiResult<CreatedKey> KeyService::rotate(std::string_view id, std::uint64_t overlap_seconds, const AdminCaller& caller) {
  if (overlap_seconds > overlap_seconds_max) return refuse(ApiError::overlap_invalid);
  Secret key = make_subscriber_key(parts_.random);
  const Sha256 digest = digest_of_key(parts_.pepper, key.reveal());
  const Timestamp now = parts_.clock.now();
  auto record = edit(id, "key_rotated", caller, [&](KeyRecord& kept) -> ApiResult<void> {
    if (kept.revoked_at) return refuse(ApiError::key_revoked);
    if (auto replaced = replace_secret(kept, now, std::chrono::seconds(overlap_seconds)); !replaced) return replaced;
    kept.digest = digest;
    kept.pepper_id = parts_.pepper.id.text;
    return {};
  });
  if (!record) return std::unexpected(std::move(record).error());
  return CreatedKey{std::move(*record), std::move(key)};
}

ApiResult<CheckAnswer> KeyService::check(const CheckRequest& request) {
  if (!request.key_id.empty() && !is_key_id(request.key_id)) return refuse(ApiError::key_not_found);
  auto decision = KeyCheck(parts_.store, peppers_, parts_.clock).ask(request, parts_.random);
  if (!decision) return std::unexpected(failure_of(decision.error()));
  if (!*decision) return refuse(ApiError::key_not_found);
  const ProxyFamily family = parts_.gate.families.empty() ? ProxyFamily::forwarded : parts_.gate.families.front();
  const unsigned status = answer_status(**decision, family, parts_.gate);
  (*decision)->path.reset();  // it points into the question
  return CheckAnswer{std::move(**decision), status};
}

ApiResult<KeyRecord> KeyService::suspend(std::string_view id, const AdminCaller& caller) {
  const Timestamp now = parts_.clock.now();
  return edit(id, "key_suspended", caller, [&](KeyRecord& record) -> ApiResult<void> {
    if (record.revoked_at) return refuse(ApiError::key_revoked);
    if (!record.suspended_at) record.suspended_at = now;
    return {};
  });
}

ApiResult<KeyRecord> KeyService::resume(std::string_view id, const AdminCaller& caller) {
  return edit(id, "key_resumed", caller, [](KeyRecord& record) -> ApiResult<void> {
    if (record.revoked_at) return refuse(ApiError::key_revoked);
    record.suspended_at.reset();
    return {};
  });
}

}  // namespace packyard
