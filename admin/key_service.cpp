#include "admin/key_service.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "admin/label.h"
#include "auth/subscriber_key.h"

namespace packyard {
namespace {

constexpr std::string_view id_prefix = "key_";
constexpr std::size_t id_random_length = 16;

bool may_be_an_id(std::string_view text) {
  return text.size() == id_prefix.size() + id_random_length && text.starts_with(id_prefix);
}

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

ApiResult<std::optional<Timestamp>> expiry_of(const KeyRequest& request, Timestamp now) {
  if (!request.expires_at) return std::optional<Timestamp>();
  const auto time = Timestamp::parse_rfc3339(*request.expires_at);
  if (!time) return refuse(ApiError::expires_at_invalid);
  if (*time <= now) return refuse(ApiError::expires_at_past);
  return std::optional(*time);
}

}  // namespace

KeyService::KeyService(Parts parts) : parts_(std::move(parts)) {
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

ApiResult<CreatedKey> KeyService::create(const KeyRequest& request) {
  const auto component =
      std::ranges::find_if(parts_.components, [&](const ComponentName& name) { return name.text() == request.component; });
  if (component == parts_.components.end()) return refuse(ApiError::component_unknown);
  if (!is_label(request.label)) return refuse(ApiError::label_invalid);
  const Timestamp now = parts_.clock.now();
  auto expires_at = expiry_of(request, now);
  if (!expires_at) return std::unexpected(std::move(expires_at).error());

  Secret key = make_subscriber_key(parts_.random);
  KeyRecord record{.id = KeyId{std::string(id_prefix) + random_base62(parts_.random, id_random_length)},
                   .digest = digest_of_key(parts_.pepper, key.reveal()),
                   .pepper_id = parts_.pepper.id.text,
                   .component = *component,
                   .label = request.label,
                   .created_at = now,
                   .expires_at = *expires_at,
                   .revoked_at = std::nullopt,
                   .last_used_at = std::nullopt,
                   .use_count = 0};
  {
    const AnnouncedChange announced(parts_.signal);
    if (const auto stored = parts_.store.insert(record); !stored) return std::unexpected(failure_of(stored.error()));
  }
  parts_.log.info("key_created", {{"id", record.id.text}, {"component", record.component.text()}});
  return CreatedKey{std::move(record), std::move(key)};
}

ApiResult<std::vector<KeyRecord>> KeyService::list() {
  auto records = parts_.store.list();
  if (!records) return std::unexpected(failure_of(records.error()));
  return std::move(*records);
}

ApiResult<KeyRecord> KeyService::find(std::string_view id) {
  if (!may_be_an_id(id)) return refuse(ApiError::key_not_found);
  auto record = parts_.store.find(KeyId{std::string(id)});
  if (!record) return std::unexpected(failure_of(record.error()));
  if (!*record) return refuse(ApiError::key_not_found);
  return std::move(**record);
}

ApiResult<KeyRecord> KeyService::revoke(std::string_view id) {
  if (!may_be_an_id(id)) return refuse(ApiError::key_not_found);
  auto record = [&] {
    const AnnouncedChange announced(parts_.signal);
    return parts_.store.revoke(KeyId{std::string(id)}, parts_.clock.now());
  }();
  if (!record) return std::unexpected(failure_of(record.error()));
  if (!*record) return refuse(ApiError::key_not_found);
  parts_.log.info("key_revoked", {{"id", (*record)->id.text}, {"component", (*record)->component.text()}});
  return std::move(**record);
}

}  // namespace packyard
