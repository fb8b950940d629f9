#include "core/settings_text.h"

namespace packyard {
namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

template <class Items, class Show>
std::string joined(const Items& items, Show show) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + show(item);
  return "[" + text + "]";
}

std::string address(const ListenAddress& listen) {
  const bool is_v6 = listen.host.find(':') != std::string::npos;
  return quoted((is_v6 ? "[" + listen.host + "]" : listen.host) + ":" + std::to_string(listen.port));
}

std::string family(ProxyFamily family) {
  switch (family) {
    case ProxyFamily::forwarded: return "traefik";
    case ProxyFamily::nginx: return "nginx";
    case ProxyFamily::envoy: return "envoy";
  }
  return "traefik";
}

std::string keep_text(const std::optional<std::uint32_t>& keep) { return keep ? ", keep: " + std::to_string(*keep) : ""; }

std::string targets_text(const Settings& settings) {
  std::string text = "targets:\n  rpm:\n";
  for (const RpmTargetSettings& target : settings.rpm_targets)
    text += "    - {name: " + target.name.text() + ", compression: " + std::string(to_string(target.compression)) +
            keep_text(target.keep_versions) + "}\n";
  text += "  deb:\n";
  for (const DebTargetSettings& target : settings.deb_targets) {
    text += "    - {suite: " + target.name.text() +
            ", architectures: " + joined(target.architectures, [](const std::string& a) { return a; }) +
            ", origin: " + quoted(target.origin) + ", label: " + quoted(target.label) + ", codename: " + quoted(target.codename) +
            ", contents: " + (target.contents ? "true" : "false");
    if (target.valid_until) text += ", valid_until_days: " + std::to_string(target.valid_until->count() / 24);
    text += keep_text(target.keep_versions) + "}\n";
  }
  text += "  oci:\n";
  for (const OciTargetSettings& target : settings.oci_targets)
    text += "    - {image: " + target.name.text() + ", floating_tags: " + joined(target.floating_tags, quoted) + "}\n";
  return text;
}

std::string s3_text(const S3Settings& s3) {
  return "{s3: {endpoint: " + quoted(s3.endpoint.url()) + ", region: " + quoted(s3.region) + ", bucket: " + quoted(s3.bucket) +
         ", prefix: " + quoted(s3.prefix) + ", style: " + (s3.style == S3Style::path ? "path" : "virtual-host") + "}}";
}

std::string storage_text(const StorageSettings& storage) {
  std::string text = "storage:\n  staging: ";
  if (storage.staging_s3) {
    text += s3_text(*storage.staging_s3);
  } else {
    text += quoted(storage.staging);
  }
  if (!storage.archive.empty()) text += "\n  archive: " + quoted(storage.archive);
  return text + "\n  state: " + quoted(storage.state) + "\n  published: " + quoted(storage.published) +
         "\n  public_keys: " + quoted(storage.public_keys) + "\n";
}

std::string signing_text(const SigningSettings& signing) {
  std::string text = "signing:\n  key_id: " + quoted(signing.key_id) + "\n";
  if (signing.subkey) text += "  subkey: " + quoted(*signing.subkey) + "\n";
  return text + "  parallel_homes: " + std::to_string(signing.parallel_homes) +
         "\n  foreign_signature: " + (signing.foreign == ForeignSignature::refuse ? "refuse" : "re-sign") +
         "\n  image_signatures: " +
         joined(signing.image_signatures,
                [](ImageSignature form) { return std::string(form == ImageSignature::legacy ? "legacy" : "bundle"); }) +
         "\n";
}

}  // namespace

std::string settings_text(const BackupSettings& backup) {
  std::string text = "backup:\n";
  if (backup.destination_s3)
    text += "  destination: " + s3_text(*backup.destination_s3) + "\n";
  else if (!backup.destination.empty())
    text += "  destination: " + quoted(backup.destination) + "\n";
  text += "  recipients: " + joined(backup.recipients, quoted) + "\n  keep_daily: " + std::to_string(backup.keep_daily) +
          "\n  keep_before_change: " + std::to_string(backup.keep_before_change) + "\n";
  if (!backup.keys.empty()) text += "  keys: " + quoted(backup.keys) + "\n";
  return text + "  also: " + joined(backup.also, [](const std::filesystem::path& file) { return quoted(file); }) + "\n";
}

std::string settings_text(const Settings& settings) {
  std::string text = "site: " + quoted(settings.site) + "\ncomponents:\n";
  for (const ComponentSettings& component : settings.components)
    text += "  - {name: " + component.name.text() +
            ", years: " + joined(component.years, [](const Year& year) { return year.text(); }) + "}\n";
  text += targets_text(settings);
  text += storage_text(settings.storage);
  text += "gate:\n  listen: " + address(settings.gate.listen) + "\n  registry_listen: " + address(settings.gate.registry_listen) +
          "\n  metrics_listen: " + address(settings.gate.metrics_listen) +
          "\n  threads: " + std::to_string(settings.gate.threads) + "\n  proxies: " + joined(settings.gate.families, family) +
          "\n  trusted_proxies: " +
          joined(settings.gate.trusted_proxies, [](const AddressRange& range) { return quoted(range.text()); }) +
          "\n  scope_denial_status: " + std::to_string(settings.gate.scope_denial_status) +
          "\n  expiry_denial_status: " + std::to_string(settings.gate.expiry_denial_status) + "\n";
  text += "admin:\n  listen: " + address(settings.admin.listen) +
          "\n  allowed_hosts: " + joined(settings.admin.allowed_hosts, quoted) +
          "\n  allow_non_loopback: " + (settings.admin.allow_non_loopback ? "true" : "false") +
          "\n  token_file: " + quoted(settings.admin.token_file) + "\n  tokens: " +
          joined(settings.admin.tokens,
                 [](const AdminTokenSettings& token) {
                   return "{name: " + quoted(token.name) + ", role: " + std::string(to_string(token.role)) +
                          ", file: " + quoted(token.file) + "}";
                 }) +
          "\n";
  text += signing_text(settings.signing);
  text += "retention:\n  keep_for_days: " + std::to_string(settings.retention.keep_for.count() / 24) +
          "\n  keep_generations_min: " + std::to_string(settings.retention.keep_generations_min) +
          "\n  untagged_images: " + (settings.retention.untagged_images == UntaggedImages::keep ? "keep" : "remove") + "\n";
  text += std::string("worker:\n  resident: ") + (settings.worker.resident ? "true" : "false") +
          "\n  queue: " + quoted(settings.worker.queue) + "\n";
  return text + "log:\n  level: " + settings.log.level + "\n";
}

}  // namespace packyard
