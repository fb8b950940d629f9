#include "promote/deb_relations.h"

#include <algorithm>
#include <array>

namespace packyard {
namespace {

enum class Alternatives { allowed, refused };
struct RelationField {
  std::string_view name;
  Alternatives alternatives;
};
constexpr std::array<RelationField, 9> relation_fields = {{{"Depends", Alternatives::allowed},
                                                           {"Pre-Depends", Alternatives::allowed},
                                                           {"Recommends", Alternatives::allowed},
                                                           {"Suggests", Alternatives::allowed},
                                                           {"Enhances", Alternatives::allowed},
                                                           {"Conflicts", Alternatives::refused},
                                                           {"Breaks", Alternatives::refused},
                                                           {"Replaces", Alternatives::refused},
                                                           {"Provides", Alternatives::refused}}};
// '<' and '>' alone are older than Policy 1.6 and still read by dpkg and apt.
constexpr std::array<std::string_view, 7> operators = {"<<", "<=", ">>", ">=", "=", "<", ">"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }
bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

class RelationReader {
 public:
  RelationReader(std::string_view text, Alternatives alternatives) : text_(text), alternatives_(alternatives) {}

  // What is wrong with the field; empty when nothing is.
  std::string problem() {
    skip_blanks();
    while (!text_.empty()) {
      if (std::string found = read_relation(); !found.empty()) return found;
      if (text_.empty()) break;
      const char joint = text_.front();
      if (joint != ',' && joint != '|') return "has '" + shown(text_) + "' behind " + last_name_;
      if (joint == '|' && alternatives_ == Alternatives::refused) return "may not have alternatives ('|')";
      text_.remove_prefix(1);
      skip_blanks();
      if (joint == '|' && text_.empty()) return "ends with '|'";
    }
    return {};
  }

 private:
  static std::string shown(std::string_view text) { return std::string(text.substr(0, 40)); }

  void skip_blanks() {
    while (!text_.empty() && is_blank(text_.front())) text_.remove_prefix(1);
  }

  std::string_view take_while(auto&& fits) {
    const std::string_view whole = text_;
    while (!text_.empty() && fits(text_.front())) text_.remove_prefix(1);
    return whole.substr(0, whole.size() - text_.size());
  }

  std::string read_relation() {
    const std::string_view before = text_;
    const std::string_view name = take_while([](char c) { return is_alphanumeric(c) || std::string_view("+-._").contains(c); });
    if (name.empty() || !is_alphanumeric(name.front())) return "has '" + shown(before) + "' where a package name is due";
    last_name_ = shown(name);
    if (text_.starts_with(':')) {
      text_.remove_prefix(1);
      if (take_while([](char c) { return is_alphanumeric(c) || c == '-'; }).empty())
        return "names no architecture behind " + last_name_ + ":";
    }
    skip_blanks();
    if (!text_.starts_with('(')) return {};
    text_.remove_prefix(1);
    return read_version();
  }

  std::string read_version() {
    skip_blanks();
    const auto found = std::ranges::find_if(operators, [this](std::string_view each) { return text_.starts_with(each); });
    if (found == operators.end()) return "has no <<, <=, =, >= or >> before the version of " + last_name_;
    text_.remove_prefix(found->size());
    skip_blanks();
    const std::string_view version =
        take_while([](char c) { return is_alphanumeric(c) || std::string_view(".+-~:").contains(c); });
    skip_blanks();
    if (version.empty() || !text_.starts_with(')')) return "has a malformed or unclosed version of " + last_name_;
    text_.remove_prefix(1);
    skip_blanks();
    return {};
  }

  std::string_view text_;
  Alternatives alternatives_;
  std::string last_name_;
};

}  // namespace

Result<void> check_deb_relations(const DebControl& control) {
  for (const RelationField& field : relation_fields) {
    const std::string problem = RelationReader(control.value(field.name), field.alternatives).problem();
    if (!problem.empty())
      return fail(ErrorCode::invalid, "control file: field " + std::string(field.name) + " " + problem +
                                          "; apt could not read an index with it: correct the package");
  }
  return {};
}

}  // namespace packyard
