// Settings: what config/packyard.yml says, checked, with PACKYARD_… variables laid over it. Plain values, made once at start
// by load_settings (core/settings_file.h), then only read; safe to share between threads. Holds no secrets: those are read by
// the one who needs them from a variable or …_FILE (core/secret_settings.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/address_range.h"
#include "core/http_origin.h"
#include "core/names.h"

namespace packyard {

enum class Compression { gzip, xz, zstd };
std::string_view to_string(Compression compression);

struct ComponentSettings {
  ComponentName name;
  std::vector<Year> years;
};

enum class RpmTargetKind { binary, source, debug };

// os-arch, e.g. el9-x86_64: os "el9", architecture "x86_64". el9-source has kind source; el9-x86_64-debug kind debug.
struct RpmTargetSettings {
  TargetName name;
  std::string os;
  std::string architecture;  // empty for kind source
  RpmTargetKind kind = RpmTargetKind::binary;
  Compression compression = Compression::zstd;  // gz for el8 and older, zstd for el9 and newer unless set
  std::optional<std::uint32_t> keep_versions;   // policy keep: N; unset = every version stays listed
};

// A suite with its architectures ("all" is implied and listed in each).
struct DebTargetSettings {
  TargetName name;
  std::vector<std::string> architectures;
  std::string origin, label, suite, codename;     // fixed at first publication
  std::optional<std::chrono::hours> valid_until;  // unset = no Valid-Until
  bool contents = false;                          // also write Contents-<arch>
  std::optional<std::uint32_t> keep_versions;
};

// An image repository of every component and year: HOST/{component}/{year}/{image}.
struct OciTargetSettings {
  TargetName name;
  std::vector<std::string> floating_tags;  // patterns of tags that may move ('*' stands for any characters); others never do

  bool is_floating(std::string_view tag) const;
};

// How requests name a bucket: https://host/bucket/key or https://bucket.host/key.
enum class S3Style { path, virtual_host };

// A place in an S3 bucket. The access key and its secret are not settings: PACKYARD_STAGING_ACCESS_KEY and …_SECRET_KEY.
struct S3Settings {
  HttpOrigin endpoint;
  std::string region = "us-east-1";
  std::string bucket;
  std::string prefix;  // of every key, without a slash at either end; empty: the whole bucket
  S3Style style = S3Style::path;
};

struct StorageSettings {
  std::filesystem::path staging;         // {component}/{year}/{format}/{target}/{file}; empty when staging_s3 is set
  std::optional<S3Settings> staging_s3;  // the same layout below its prefix
  std::filesystem::path archive;         // published staged files go here; default: .archive in staging; empty: that, on S3
  std::filesystem::path state;           // keys.db, catalog.db, incoming/, peppers: never served; same file system as published
  std::filesystem::path published;       // "public": what nginx reads
  std::filesystem::path public_keys;     // static/content/gpg: lts.asc is served from here
};

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;  // 0 = any free one (tests)
};

enum class ProxyFamily { forwarded, nginx, envoy };  // X-Forwarded-Uri; X-Original-URI; own request line

std::vector<AddressRange> loopback_ranges();

struct GateSettings {
  ListenAddress listen{"127.0.0.1", 8080};
  ListenAddress registry_listen{"127.0.0.1", 8081};  // the OCI read API: only a front that asks the gate may reach it
  ListenAddress metrics_listen{"127.0.0.1", 9090};
  std::vector<ProxyFamily> families{ProxyFamily::forwarded};
  std::vector<AddressRange> trusted_proxies = loopback_ranges();  // whose word about a client's address is taken
  std::uint32_t threads = 1;
  std::uint32_t scope_denial_status = 401;   // a good key outside its scope: 401 or 403
  std::uint32_t expiry_denial_status = 401;  // an expired key: 401, 402 or 403
};

// What a bearer of an admin token may do; each may what the one before it may.
enum class AdminRole {
  read,  // look at everything that is shown, never at a secret
  keys,  // make, change and revoke keys
  all,   // ask for promotions
};
std::string_view to_string(AdminRole role);
std::optional<AdminRole> parse_admin_role(std::string_view text);

struct AdminTokenSettings {
  std::string name;  // who it is given to, as the audit log shows it
  AdminRole role = AdminRole::read;
  std::filesystem::path file;
};
inline constexpr const char* admin_token_name = "admin";  // whose token is in token_file

struct AdminSettings {
  ListenAddress listen{"127.0.0.1", 8088};
  std::vector<std::string> allowed_hosts;  // beyond localhost, 127.0.0.1, [::1]
  bool allow_non_loopback = false;
  std::filesystem::path token_file;  // clients must know its content; empty with no tokens = none asked, only on loopback
  std::vector<AdminTokenSettings> tokens;  // further ones, each with a name and a role

  bool asks_for_token() const { return !token_file.empty() || !tokens.empty(); }
};

// How images are signed: cosign's `.sig` tag (read by skopeo, podman and every cosign), bundle v0.3 as referrer (cosign 3).
enum class ImageSignature { legacy, bundle };

enum class ForeignSignature { refuse, re_sign };  // a package signed by a key we do not know

struct SigningSettings {
  std::string key_id;                 // GPG_KEY_ID or signing.key_id: fingerprint or long id of the primary key
  std::optional<std::string> subkey;  // sign with this subkey instead of the primary
  std::uint32_t parallel_homes = 2;   // gpg-agents working at once
  ForeignSignature foreign = ForeignSignature::refuse;
  std::vector<ImageSignature> image_signatures{ImageSignature::legacy, ImageSignature::bundle};

  bool signs_images_as(ImageSignature form) const;
};

// Images that no tag of a retained release names any more.
enum class UntaggedImages {
  keep,    // readable by digest for ever: clusters pin digests
  remove,  // their bytes go when the last release that named them goes
};

struct RetentionSettings {
  std::chrono::hours keep_for{30 * 24};
  std::uint32_t keep_generations_min = 2;
  UntaggedImages untagged_images = UntaggedImages::keep;
};

// A resident process that re-signs before Valid-Until passes (packyard release refresh); demanded when valid_until is set.
struct WorkerSettings {
  bool resident = false;
  std::filesystem::path queue;  // promotions that the admin was asked for and the worker carries out; default: queue in state
};

struct LogSettings {
  std::string level = "info";
};

struct Settings {
  std::string site;  // "pkg.example.org", with ":port" where it is not 443: for printed hints and image references
  std::vector<ComponentSettings> components;
  std::vector<RpmTargetSettings> rpm_targets;
  std::vector<DebTargetSettings> deb_targets;
  std::vector<OciTargetSettings> oci_targets;
  StorageSettings storage;
  GateSettings gate;
  AdminSettings admin;
  SigningSettings signing;
  RetentionSettings retention;
  WorkerSettings worker;
  LogSettings log;

  const ComponentSettings* find_component(std::string_view name) const;
  const RpmTargetSettings* find_rpm_target(std::string_view name) const;
  const DebTargetSettings* find_deb_target(std::string_view name) const;
  const OciTargetSettings* find_oci_target(std::string_view name) const;
};

}  // namespace packyard
