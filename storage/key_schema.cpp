#include "storage/key_schema.h"

#include <array>

namespace packyard {
namespace {

constexpr std::string_view first_release = R"sql(
CREATE TABLE keys(
  id           TEXT PRIMARY KEY,
  digest       BLOB NOT NULL UNIQUE CHECK(length(digest) = 32),
  pepper_id    TEXT NOT NULL,
  component    TEXT NOT NULL,
  label        TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  revoked_at   INTEGER,
  last_used_at INTEGER,
  use_count    INTEGER NOT NULL,
  generation   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_generation ON keys(generation);
CREATE TABLE store(only_row INTEGER PRIMARY KEY CHECK(only_row = 1), generation INTEGER NOT NULL) STRICT;
INSERT INTO store VALUES (1, 0);
)sql";

// Several components, years, formats and addresses, a time before and one of grace, metadata of the operator's.
constexpr std::string_view wider_scope = R"sql(
ALTER TABLE keys RENAME COLUMN component TO components;
ALTER TABLE keys ADD COLUMN years TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN formats TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN addresses TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN not_before INTEGER;
ALTER TABLE keys ADD COLUMN grace_seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN metadata TEXT NOT NULL DEFAULT '';
)sql";

// A digest opens one key, be it that key's current secret or a former one: the triggers hold it across both tables.
constexpr std::string_view rotation = R"sql(
ALTER TABLE keys ADD COLUMN suspended_at INTEGER;
CREATE TABLE former_secrets(
  digest      BLOB PRIMARY KEY CHECK(length(digest) = 32),
  key_id      TEXT NOT NULL REFERENCES keys(id),
  pepper_id   TEXT NOT NULL,
  valid_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX former_secrets_by_key ON former_secrets(key_id);
CREATE TRIGGER new_digest_is_no_former_one BEFORE INSERT ON keys
  WHEN EXISTS(SELECT 1 FROM former_secrets WHERE digest = NEW.digest)
  BEGIN SELECT RAISE(ABORT, 'the digest is that of a former secret'); END;
CREATE TRIGGER changed_digest_is_no_former_one BEFORE UPDATE OF digest ON keys
  WHEN EXISTS(SELECT 1 FROM former_secrets WHERE digest = NEW.digest)
  BEGIN SELECT RAISE(ABORT, 'the digest is that of a former secret'); END;
CREATE TRIGGER former_digest_is_no_current_one BEFORE INSERT ON former_secrets
  WHEN EXISTS(SELECT 1 FROM keys WHERE digest = NEW.digest)
  BEGIN SELECT RAISE(ABORT, 'the digest is that of a current secret'); END;
)sql";

constexpr std::string_view pages = R"sql(
CREATE INDEX keys_by_creation ON keys(created_at, id);
)sql";

// How each key was used, by day (days since 1970, UTC). Addresses are kept apart and for a short time alone; their number stays.
constexpr std::string_view usage = R"sql(
CREATE TABLE usage_days(
  key_id    TEXT NOT NULL REFERENCES keys(id),
  day       INTEGER NOT NULL,
  requests  INTEGER NOT NULL,
  denied    INTEGER NOT NULL,
  first_at  INTEGER,
  last_at   INTEGER,
  addresses INTEGER NOT NULL,
  clients   TEXT NOT NULL,
  PRIMARY KEY(key_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_days_by_day ON usage_days(day);
CREATE TABLE usage_addresses(
  day     INTEGER NOT NULL,
  key_id  TEXT NOT NULL,
  address BLOB NOT NULL CHECK(length(address) = 16),
  PRIMARY KEY(day, key_id, address)
) STRICT, WITHOUT ROWID;
)sql";

// The index holds the few keys that gates ask for again and again.
constexpr std::string_view limits = R"sql(
ALTER TABLE keys ADD COLUMN requests_per_day INTEGER;
ALTER TABLE keys ADD COLUMN addresses_per_day INTEGER;
CREATE INDEX keys_with_limits ON keys(id) WHERE requests_per_day IS NOT NULL OR addresses_per_day IS NOT NULL;
)sql";

constexpr auto steps = std::to_array<std::string_view>({first_release, wider_scope, rotation, pages, usage, limits});

}  // namespace

std::span<const std::string_view> key_schema() { return steps; }

}  // namespace packyard
