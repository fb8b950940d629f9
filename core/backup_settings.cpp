#include "core/backup_settings.h"

#include <algorithm>

#include "core/durable_file.h"
#include "core/storage_settings.h"
#include "core/yaml_document.h"

namespace packyard {
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;

// Goes into an argument list: one line, and nothing that age could take for an option.
bool is_recipient(std::string_view text) {
  constexpr std::size_t bytes_max = 4096;
  const bool is_known = text.starts_with("age1") || text.starts_with("ssh-ed25519 ") || text.starts_with("ssh-rsa ");
  return is_known && text.size() <= bytes_max && std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

void read_destination(SettingsSection& section, BackupSettings& backup, const std::filesystem::path& folder) {
  const bool is_s3 = section.section_instead("destination", [&](SettingsSection& destination) {
    destination.section("s3", [&](SettingsSection& s3) { backup.destination_s3 = read_s3_settings(s3); });
  });
  if (is_s3) return;
  const auto value = section.scalar("destination");
  if (value && !value->text.empty()) backup.destination = (folder / value->text).lexically_normal();
}

}  // namespace

BackupSettings read_backup_settings(SettingsSection& section, const std::filesystem::path& folder) {
  BackupSettings backup;
  read_destination(section, backup, folder);
  for (const SettingsText& text : section.list("recipients").value_or(std::vector<SettingsText>{})) {
    if (is_recipient(text.text))
      backup.recipients.push_back(text.text);
    else
      section.problem(text.origin, "recipients",
                      "expected a recipient of age, like age1… (age-keygen -y prints it) or ssh-ed25519 …; never an identity");
  }
  section.number("keep_daily", 1, 1000, backup.keep_daily);
  section.number("keep_before_change", 1, 1000, backup.keep_before_change);
  if (const auto keys = section.scalar("keys"); keys && !keys->text.empty())
    backup.keys = (folder / keys->text).lexically_normal();
  for (const SettingsText& text : section.list("also").value_or(std::vector<SettingsText>{})) {
    if (text.text.empty())
      section.problem(text.origin, "also", "empty path");
    else
      backup.also.push_back((folder / text.text).lexically_normal());
  }
  return backup;
}

Result<BackupSettings> parse_backup_settings(std::string_view text, const std::filesystem::path& folder, std::string_view name,
                                             const Environment& environment) {
  auto tree = parse_yaml(text);
  if (!tree) return fail(tree.error().in(std::string(name)));
  SettingsProblems problems;
  BackupSettings backup;
  SettingsSection top(*tree, "", environment, problems);
  top.section("backup", [&](SettingsSection& section) { backup = read_backup_settings(section, folder); });
  if (problems.found.empty()) return backup;
  std::string message = std::string(name) + ": " + std::to_string(problems.found.size()) + " wrong setting(s)";
  for (const std::string& problem : problems.found) message += "\n  " + std::string(name) + ": " + problem;
  return fail(ErrorCode::invalid, message);
}

Result<BackupSettings> load_backup_settings(const std::filesystem::path& file, const Environment& environment) {
  const auto text = read_small_file(file, file_bytes_max);
  if (!text) return fail(text.error().in("reading the settings (choose another file with --config or PACKYARD_CONFIG)"));
  return parse_backup_settings(*text, std::filesystem::absolute(file).parent_path(), file.string(), environment);
}

}  // namespace packyard
