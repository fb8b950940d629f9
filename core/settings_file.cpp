#include "core/settings_file.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/admin_settings.h"
#include "core/backup_settings.h"
#include "core/durable_file.h"
#include "core/listen_address.h"
#include "core/settings_section.h"
#include "core/storage_settings.h"

namespace packyard {
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;

// A Name type from a scalar, or a problem.
template <class NameType>
std::optional<NameType> read_name(SettingsSection& section, std::string_view field, const std::optional<SettingsText>& value) {
  if (!value) {
    section.problem(section.line(), field, "missing");
    return std::nullopt;
  }
  auto name = NameType::parse(value->text);
  if (name) return *name;
  section.problem(value->origin, field, "'" + value->text + "': " + name.error().message);
  return std::nullopt;
}

template <class Item>
void add_once(SettingsSection& section, std::string_view field, std::vector<Item>& items, Item item) {
  const bool twice = std::ranges::any_of(items, [&](const Item& other) { return other.name == item.name; });
  if (twice)
    section.problem(section.line(), field, "'" + item.name.text() + "' is listed twice");
  else
    items.push_back(std::move(item));
}

void read_component(SettingsSection& section, Settings& settings) {
  const auto name = read_name<ComponentName>(section, "name", section.scalar("name"));
  const auto years = section.list("years");
  if (!name) return;
  ComponentSettings component{*name, {}};
  for (const SettingsText& text : years.value_or(std::vector<SettingsText>{}))
    if (const auto year = read_name<Year>(section, "years", text)) component.years.push_back(*year);
  if (component.years.empty()) section.problem(section.line(), "years", "list at least one year, like [2025]");
  add_once(section, "name", settings.components, std::move(component));
}

// "el9" and newer, Fedora: zstd; anything older or unknown: gzip, which every client reads.
Compression default_compression(const std::string& os) {
  if (os.starts_with("fc") || os.starts_with("fedora")) return Compression::zstd;
  int release = 0;
  if (os.starts_with("el")) std::from_chars(os.data() + 2, os.data() + os.size(), release);
  return release >= 9 ? Compression::zstd : Compression::gzip;
}

void read_keep(SettingsSection& section, std::optional<std::uint32_t>& into) {
  std::uint32_t keep = 0;
  section.number("keep", 1, 1'000'000, keep);
  if (keep != 0) into = keep;
}

void read_rpm_target(SettingsSection& section, Settings& settings) {
  const auto name = read_name<TargetName>(section, "name", section.scalar("name"));
  const auto compression = section.scalar("compression");
  std::optional<std::uint32_t> keep;
  read_keep(section, keep);
  if (!name) return;
  RpmTargetSettings target{*name, {}, {}, RpmTargetKind::binary, Compression::gzip, keep};
  std::string_view rest = target.name.text();
  const std::size_t dash = rest.find('-');
  if (dash == std::string_view::npos)
    return section.problem(section.line(), "name", "an RPM target is os-arch, like el9-x86_64, el9-source or el9-x86_64-debug");
  target.os = rest.substr(0, dash);
  rest.remove_prefix(dash + 1);
  if (rest == "source") {
    target.kind = RpmTargetKind::source;
  } else {
    if (rest.ends_with("-debug")) {
      target.kind = RpmTargetKind::debug;
      rest.remove_suffix(6);
    }
    target.architecture = rest;
  }
  target.compression = default_compression(target.os);
  if (compression) {
    if (compression->text == "gz")
      target.compression = Compression::gzip;
    else if (compression->text == "xz")
      target.compression = Compression::xz;
    else if (compression->text == "zstd")
      target.compression = Compression::zstd;
    else
      section.problem(compression->origin, "compression", "expected gz, xz or zstd");
  }
  add_once(section, "name", settings.rpm_targets, std::move(target));
}

bool is_one_line(std::string_view text) {
  return !text.empty() && text.size() <= 100 && std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

void read_deb_target(SettingsSection& section, Settings& settings) {
  const auto name = read_name<TargetName>(section, "suite", section.scalar("suite"));
  const auto architectures = section.list("architectures");
  std::string origin, label, codename = name ? name->text() : "";
  section.text("origin", origin);
  section.text("label", label);
  section.text("codename", codename);
  std::uint32_t valid_until_days = 0;
  section.number("valid_until_days", 1, 3650, valid_until_days);
  bool contents = false;
  section.flag("contents", contents);
  std::optional<std::uint32_t> keep;
  read_keep(section, keep);
  if (!name) return;
  DebTargetSettings target{*name, {}, origin, label, name->text(), codename, {}, contents, keep};
  for (const SettingsText& text : architectures.value_or(std::vector<SettingsText>{})) {
    if (!is_plain_name(text.text) || text.text == "all" || text.text == "source")
      section.problem(text.origin, "architectures", "'" + text.text + "' is no Debian architecture (all is always included)");
    else if (std::ranges::find(target.architectures, text.text) != target.architectures.end())
      section.problem(text.origin, "architectures", "'" + text.text + "' is listed twice");
    else
      target.architectures.push_back(text.text);
  }
  if (target.architectures.empty()) section.problem(section.line(), "architectures", "list at least one, like [amd64]");
  for (const auto& [field, value] :
       {std::pair{"origin", &target.origin}, {"label", &target.label}, {"codename", &target.codename}})
    if (!is_one_line(*value))
      section.problem(section.line(), field, "needs 1 to 100 printable characters; apt stops when it changes later");
  if (valid_until_days != 0) target.valid_until = std::chrono::hours(24 * valid_until_days);
  add_once(section, "suite", settings.deb_targets, std::move(target));
}

bool is_tag_pattern(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-' ||
           c == '*';
  });
}

void read_oci_target(SettingsSection& section, Settings& settings) {
  const auto name = read_name<TargetName>(section, "image", section.scalar("image"));
  const auto floating = section.list("floating_tags");
  if (!name) return;
  OciTargetSettings target{*name, {}};
  for (const SettingsText& text : floating.value_or(std::vector<SettingsText>{})) {
    if (is_tag_pattern(text.text))
      target.floating_tags.push_back(text.text);
    else
      section.problem(text.origin, "floating_tags",
                      "'" + text.text + "' is no pattern of tags (letters, digits, '.', '_', '-' and '*')");
  }
  add_once(section, "image", settings.oci_targets, std::move(target));
}

void read_trusted_proxies(SettingsSection& section, GateSettings& gate) {
  const auto ranges = section.list("trusted_proxies");
  if (!ranges) return;
  gate.trusted_proxies.clear();
  for (const SettingsText& text : *ranges) {
    const auto range = AddressRange::parse(text.text);
    if (range)
      gate.trusted_proxies.push_back(*range);
    else
      section.problem(text.origin, "trusted_proxies", "'" + text.text + "': " + range.error().message);
  }
}

void read_status(SettingsSection& section, std::string_view name, std::initializer_list<std::uint32_t> allowed,
                 std::uint32_t& into) {
  section.number(name, 401, 403, into);
  if (std::ranges::find(allowed, into) == allowed.end())
    section.problem(section.line(), name, std::to_string(into) + " is not one of the statuses it may be (see config/packyard.yml)");
}

void read_gate(SettingsSection& section, GateSettings& gate) {
  read_address(section, "listen", gate.listen);
  read_address(section, "registry_listen", gate.registry_listen);
  read_address(section, "metrics_listen", gate.metrics_listen);
  section.number("threads", 1, 256, gate.threads);
  read_trusted_proxies(section, gate);
  read_status(section, "scope_denial_status", {401, 403}, gate.scope_denial_status);
  read_status(section, "expiry_denial_status", {401, 402, 403}, gate.expiry_denial_status);
  const auto proxies = section.list("proxies");
  if (!proxies) return;
  gate.families.clear();
  for (const SettingsText& text : *proxies) {
    if (text.text == "traefik" || text.text == "caddy" || text.text == "haproxy")
      gate.families.push_back(ProxyFamily::forwarded);
    else if (text.text == "nginx")
      gate.families.push_back(ProxyFamily::nginx);
    else if (text.text == "envoy")
      gate.families.push_back(ProxyFamily::envoy);
    else
      section.problem(text.origin, "proxies", "expected traefik, caddy, haproxy, nginx or envoy");
  }
  if (gate.families.empty()) section.problem(section.line(), "proxies", "name at least one proxy");
}

void read_signing(SettingsSection& section, SigningSettings& signing) {
  section.text("key_id", signing.key_id);
  if (const auto subkey = section.scalar("subkey")) signing.subkey = subkey->text;
  section.number("parallel_homes", 1, 16, signing.parallel_homes);
  if (const auto forms = section.list("image_signatures")) {
    signing.image_signatures.clear();
    for (const SettingsText& text : *forms) {
      if (text.text == "legacy")
        signing.image_signatures.push_back(ImageSignature::legacy);
      else if (text.text == "bundle")
        signing.image_signatures.push_back(ImageSignature::bundle);
      else
        section.problem(text.origin, "image_signatures", "expected legacy or bundle");
    }
    if (signing.image_signatures.empty())
      section.problem(section.line(), "image_signatures", "name at least one of legacy and bundle");
  }
  const auto foreign = section.scalar("foreign_signature");
  if (!foreign) return;
  if (foreign->text == "refuse")
    signing.foreign = ForeignSignature::refuse;
  else if (foreign->text == "re-sign")
    signing.foreign = ForeignSignature::re_sign;
  else
    section.problem(foreign->origin, "foreign_signature", "expected refuse or re-sign");
}

void read_retention(SettingsSection& section, RetentionSettings& retention) {
  std::uint32_t days = 30;
  section.number("keep_for_days", 1, 36'500, days);
  retention.keep_for = std::chrono::hours(24 * days);
  section.number("keep_generations_min", 2, 10'000, retention.keep_generations_min);
  const auto untagged = section.scalar("untagged_images");
  if (!untagged) return;
  if (untagged->text == "remove")
    retention.untagged_images = UntaggedImages::remove;
  else if (untagged->text != "keep")
    section.problem(untagged->origin, "untagged_images", "expected keep or remove");
}

// The admin and the worker may have states of their own, so what they share has a place of its own.
void read_worker(SettingsSection& section, Settings& settings, const std::filesystem::path& folder) {
  section.flag("resident", settings.worker.resident);
  if (const auto queue = section.scalar("queue"); queue && !queue->text.empty())
    settings.worker.queue = (folder / queue->text).lexically_normal();
  else if (!settings.storage.state.empty())
    settings.worker.queue = settings.storage.state / "queue";
  if (!settings.worker.queue.empty() && settings.worker.queue.lexically_relative(settings.storage.published).native().substr(0, 2) != "..")
    section.problem(section.line(), "queue", "must not lie inside published: it would be served");
}

void read_log(SettingsSection& section, LogSettings& log) {
  const auto level = section.scalar("level");
  if (!level) return;
  log.level = level->text;
  if (level->text != "debug" && level->text != "info" && level->text != "warning" && level->text != "error")
    section.problem(level->origin, "level", "expected debug, info, warning or error");
}

void read_all(SettingsSection& top, Settings& settings, const std::filesystem::path& folder) {
  top.text("site", settings.site);
  top.each("components", [&](SettingsSection& section) { read_component(section, settings); });
  top.section("targets", [&](SettingsSection& targets) {
    targets.each("rpm", [&](SettingsSection& section) { read_rpm_target(section, settings); });
    targets.each("deb", [&](SettingsSection& section) { read_deb_target(section, settings); });
    targets.each("oci", [&](SettingsSection& section) { read_oci_target(section, settings); });
  });
  top.section("storage", [&](SettingsSection& section) { read_storage_settings(section, settings.storage, folder); });
  top.section("gate", [&](SettingsSection& section) { read_gate(section, settings.gate); });
  top.section("admin", [&](SettingsSection& section) { read_admin_settings(section, settings.admin, folder); });
  top.section("signing", [&](SettingsSection& section) { read_signing(section, settings.signing); });
  top.section("retention", [&](SettingsSection& section) { read_retention(section, settings.retention); });
  // Judged with all the rest; `packyard backup` alone reads it (core/backup_settings.h).
  top.section("backup", [&](SettingsSection& section) { read_backup_settings(section, folder); });
  top.section("worker", [&](SettingsSection& section) { read_worker(section, settings, folder); });
  top.section("log", [&](SettingsSection& section) { read_log(section, settings.log); });
}

// What stands before the first '/' of an image reference; signatures name it.
bool is_registry_host(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
}

void check_whole(SettingsSection& top, const Settings& settings) {
  if (!settings.oci_targets.empty() && !is_registry_host(settings.site))
    top.problem(
        top.line(), "site",
        "images are signed for the name that customers pull them by: set a host name in lower case, like pkg.example.org, "
        "with :port where it is not 443");
  if (settings.components.empty()) top.problem(top.line(), "components", "list at least one component");
  for (const DebTargetSettings& target : settings.deb_targets)
    if (target.valid_until && !settings.worker.resident)
      top.problem(top.line(), "worker.resident",
                  "suite " + target.name.text() +
                      " sets valid_until_days: without a resident worker that re-signs (packyard release refresh) " +
                      "every customer's apt update fails when it passes; set worker.resident: true or drop valid_until_days");
}

// Variables that other parts of packyard read themselves.
bool is_read_elsewhere(std::string_view variable) {
  if (variable.ends_with("_FILE")) variable.remove_suffix(5);
  constexpr std::array read = {std::string_view("PACKYARD_CONFIG"), std::string_view("PACKYARD_ON_BEHALF_OF"),
                               staging_access_key_variable,         staging_secret_key_variable,
                               backup_access_key_variable,          backup_secret_key_variable};
  return std::ranges::find(read, variable) != read.end();
}

}  // namespace

Result<Settings> parse_settings(std::string_view text, const std::filesystem::path& folder, std::string_view name,
                                const Environment& environment) {
  auto tree = parse_yaml(text);
  if (!tree) return fail(tree.error().in(std::string(name)));
  SettingsProblems problems;
  Settings settings;
  SettingsSection top(*tree, "", environment, problems);
  read_all(top, settings, folder);
  if (const auto domain = environment.find("PKG_DOMAIN"); domain != environment.end() && !domain->second.empty())
    settings.site = domain->second;
  if (const auto key = environment.find("GPG_KEY_ID"); key != environment.end() && !key->second.empty())
    settings.signing.key_id = key->second;
  top.finish();
  check_whole(top, settings);
  for (const auto& [variable, value] : environment)
    if (variable.starts_with("PACKYARD_") && !problems.used_variables.contains(variable) && !is_read_elsewhere(variable))
      problems.found.push_back("variable " + variable + ": names no setting");
  if (problems.found.empty()) return settings;
  std::string message = std::string(name) + ": " + std::to_string(problems.found.size()) + " wrong setting(s)";
  for (const std::string& problem : problems.found) message += "\n  " + std::string(name) + ": " + problem;
  return fail(ErrorCode::invalid, message);
}

Result<Settings> load_settings(const std::filesystem::path& file, const Environment& environment) {
  const auto text = read_small_file(file, file_bytes_max);
  if (!text) return fail(text.error().in("reading the settings (choose another file with --config or PACKYARD_CONFIG)"));
  return parse_settings(*text, std::filesystem::absolute(file).parent_path(), file.string(), environment);
}

}  // namespace packyard
