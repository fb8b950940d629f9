#include "core/settings_section.h"

#include <algorithm>
#include <charconv>

namespace packyard {
namespace {

const YamlNode empty_map{YamlNode::Kind::map, 1, {}, {}, {}};

}  // namespace

SettingsSection::SettingsSection(const YamlNode& node, std::string path, const Environment& environment,
                                 SettingsProblems& problems)
    : node_(node.kind == YamlNode::Kind::map ? node : empty_map),
      path_(std::move(path)),
      environment_(environment),
      problems_(problems) {
  if (node.kind != YamlNode::Kind::map && node.kind != YamlNode::Kind::null)
    problems_.found.push_back("line " + std::to_string(node.line) + ": " + path_ + ": expected names and values below it");
}

std::string SettingsSection::full_name(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

const YamlNode* SettingsSection::find(std::string_view name) {
  known_.emplace_back(name);
  for (const YamlNode& entry : node_.items)
    if (entry.name == name) return &entry;
  return nullptr;
}

std::string SettingsSection::variable_of(std::string_view name) const {
  std::string variable = "PACKYARD_" + full_name(name);
  std::ranges::replace(variable, '.', '_');
  std::ranges::transform(variable, variable.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return variable;
}

std::optional<SettingsText> SettingsSection::from_variable(std::string_view name) {
  if (path_.find('[') != std::string::npos) return std::nullopt;
  const std::string variable = variable_of(name);
  problems_.used_variables.insert(variable);
  const auto found = environment_.find(variable);
  if (found == environment_.end()) return std::nullopt;
  return SettingsText{found->second, "variable " + variable};
}

std::optional<SettingsText> SettingsSection::scalar(std::string_view name) {
  const YamlNode* node = find(name);
  if (auto variable = from_variable(name)) return variable;
  if (node == nullptr || node->kind == YamlNode::Kind::null) return std::nullopt;
  if (node->kind != YamlNode::Kind::scalar) {
    problem("line " + std::to_string(node->line), name, "expected one value");
    return std::nullopt;
  }
  return SettingsText{node->text, "line " + std::to_string(node->line)};
}

void SettingsSection::text(std::string_view name, std::string& into) {
  if (const auto value = scalar(name)) into = value->text;
}

void SettingsSection::number(std::string_view name, std::uint32_t least, std::uint32_t most, std::uint32_t& into) {
  const auto value = scalar(name);
  if (!value) return;
  std::uint32_t parsed = 0;
  const char* end = value->text.data() + value->text.size();
  const auto [stopped, failure] = std::from_chars(value->text.data(), end, parsed);
  if (failure != std::errc() || stopped != end || parsed < least || parsed > most)
    problem(value->origin, name, "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  else
    into = parsed;
}

void SettingsSection::flag(std::string_view name, bool& into) {
  const auto value = scalar(name);
  if (!value) return;
  if (value->text == "true")
    into = true;
  else if (value->text == "false")
    into = false;
  else
    problem(value->origin, name, "expected true or false");
}

std::optional<std::vector<SettingsText>> SettingsSection::list(std::string_view name) {
  const YamlNode* node = find(name);
  std::vector<SettingsText> result;
  if (const auto variable = from_variable(name)) {
    std::string_view rest = variable->text;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      result.push_back({std::string(rest.substr(0, comma)), variable->origin});
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    return result;
  }
  if (node == nullptr) return std::nullopt;
  if (node->kind != YamlNode::Kind::list) {
    problem("line " + std::to_string(node->line), name, "expected a list, like [a, b]");
    return std::nullopt;
  }
  for (const YamlNode& item : node->items) {
    if (item.kind != YamlNode::Kind::scalar)
      problem("line " + std::to_string(item.line), name, "expected plain values in this list");
    else
      result.push_back({item.text, "line " + std::to_string(item.line)});
  }
  return result;
}

void SettingsSection::each(std::string_view name, const std::function<void(SettingsSection&)>& read) {
  const YamlNode* node = find(name);
  if (node == nullptr || node->kind == YamlNode::Kind::null) return;
  if (node->kind != YamlNode::Kind::list)
    return problem("line " + std::to_string(node->line), name, "expected a list of entries");
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    SettingsSection item(node->items[i], full_name(name) + "[" + std::to_string(i) + "]", environment_, problems_);
    read(item);
    item.finish();
  }
}

void SettingsSection::section(std::string_view name, const std::function<void(SettingsSection&)>& read) {
  const YamlNode* node = find(name);
  SettingsSection inner(node == nullptr ? empty_map : *node, full_name(name), environment_, problems_);
  read(inner);
  inner.finish();
}

bool SettingsSection::section_instead(std::string_view name, const std::function<void(SettingsSection&)>& read) {
  const YamlNode* node = find(name);
  const std::string variable = variable_of(name);
  if (environment_.contains(variable)) return false;
  const auto below = environment_.lower_bound(variable + "_");
  const bool is_set_below = below != environment_.end() && below->first.starts_with(variable + "_");
  const bool has_names = node != nullptr && node->kind == YamlNode::Kind::map;
  if (!has_names && !is_set_below) return false;
  SettingsSection inner(has_names ? *node : empty_map, full_name(name), environment_, problems_);
  read(inner);
  inner.finish();
  return true;
}

void SettingsSection::problem(const std::string& origin, std::string_view name, const std::string& why) {
  problems_.found.push_back(origin + ": " + full_name(name) + ": " + why);
}

void SettingsSection::finish() {
  for (const YamlNode& entry : node_.items) {
    if (std::ranges::find(known_, entry.name) != known_.end()) continue;
    std::string names;
    for (const std::string& known : known_) names += (names.empty() ? "" : ", ") + known;
    problem("line " + std::to_string(entry.line), entry.name, "unknown name; known here: " + names);
  }
}

}  // namespace packyard
