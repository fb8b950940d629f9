// SettingsSection: reads one map of the settings tree field by field, lets PACKYARD_… variables override scalars, and collects
// every problem with its line; what was never asked for is an unknown name. Used only by settings_file.cpp while loading.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/environment.h"
#include "core/yaml_document.h"

namespace packyard {

// Shared by all sections of one load.
struct SettingsProblems {
  std::vector<std::string> found;  // "line 12: gate.threads: …"
  std::set<std::string> used_variables;
};

// A scalar with where it came from, for error messages.
struct SettingsText {
  std::string text;
  std::string origin;  // "line 12" or "variable PACKYARD_GATE_THREADS"
};

class SettingsSection {
 public:
  // path is "" for the whole file, "gate" below; overridable sections give variables, list items do not.
  SettingsSection(const YamlNode& node, std::string path, const Environment& environment, SettingsProblems& problems);

  std::optional<SettingsText> scalar(std::string_view name);
  void text(std::string_view name, std::string& into);
  void number(std::string_view name, std::uint32_t least, std::uint32_t most, std::uint32_t& into);
  void flag(std::string_view name, bool& into);
  // A list of scalars; a variable gives it separated by commas.
  std::optional<std::vector<SettingsText>> list(std::string_view name);
  // Each map of a list of maps.
  void each(std::string_view name, const std::function<void(SettingsSection&)>& read);
  void section(std::string_view name, const std::function<void(SettingsSection&)>& read);

  // Where one value or names below it may stand: reads the names and gives true when the file has some, or when a variable sets
  // one over the file's value.
  bool section_instead(std::string_view name, const std::function<void(SettingsSection&)>& read);

  void problem(const std::string& origin, std::string_view name, const std::string& why);
  std::string line() const { return "line " + std::to_string(node_.line); }
  // Call last: reports names that nobody asked for.
  void finish();

 private:
  const YamlNode* find(std::string_view name);
  std::string full_name(std::string_view name) const;
  std::string variable_of(std::string_view name) const;
  std::optional<SettingsText> from_variable(std::string_view name);

  const YamlNode& node_;
  std::string path_;
  const Environment& environment_;
  SettingsProblems& problems_;
  std::vector<std::string> known_;
};

}  // namespace packyard
