#include "core/json_document.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace packyard {
namespace {

constexpr std::size_t levels_max = 32;
constexpr std::size_t values_max = 200'000;

// Builds the tree event by event: duplicates stay visible, and nothing grows before it is counted.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  JsonNode root;
  std::string problem;

  bool null() override { return add({}) != nullptr; }
  bool boolean(bool value) override { return add({.kind = JsonNode::Kind::boolean, .is_true = value}) != nullptr; }
  bool number_integer(number_integer_t value) override {
    return add({.kind = JsonNode::Kind::number, .text = std::to_string(value)}) != nullptr;
  }
  bool number_unsigned(number_unsigned_t value) override {
    return add({.kind = JsonNode::Kind::number, .whole = value, .text = std::to_string(value)}) != nullptr;
  }
  bool number_float(number_float_t, const string_t& written) override {
    return add({.kind = JsonNode::Kind::number, .text = written}) != nullptr;
  }
  bool string(string_t& value) override { return add({.kind = JsonNode::Kind::text, .text = std::move(value)}) != nullptr; }
  bool binary(binary_t&) override { return refuse("it has binary data"); }
  bool start_object(std::size_t) override { return open(JsonNode::Kind::object); }
  bool start_array(std::size_t) override { return open(JsonNode::Kind::list); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    name_ = std::move(value);
    return true;
  }
  bool end_object() override {
    std::vector<std::string_view> names;
    for (const JsonNode& item : open_.back()->items) names.emplace_back(item.name);
    std::ranges::sort(names);
    if (std::ranges::adjacent_find(names) != names.end()) return refuse(std::string(json_name_twice));
    return close();
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return refuse("not JSON near byte " + std::to_string(position));
  }

 private:
  bool refuse(std::string why) {
    if (problem.empty()) problem = std::move(why);
    return false;
  }

  // Where an item of a list grows the list moves, but then no item of it is open.
  JsonNode* add(JsonNode node) {
    if (++values_ > values_max) {
      refuse("more than 200,000 values");
      return nullptr;
    }
    if (open_.empty()) {
      root = std::move(node);
      return &root;
    }
    if (open_.back()->kind == JsonNode::Kind::object) node.name = std::exchange(name_, {});
    open_.back()->items.push_back(std::move(node));
    return &open_.back()->items.back();
  }

  bool open(JsonNode::Kind kind) {
    if (open_.size() == levels_max) return refuse("more than 32 levels");
    JsonNode* const added = add({.kind = kind});
    if (added == nullptr) return false;
    open_.push_back(added);
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::size_t values_ = 0;
  std::string name_;
  std::vector<JsonNode*> open_;  // from the root to where we are
};

}  // namespace

const JsonNode* JsonNode::find(std::string_view entry) const {
  if (kind != Kind::object) return nullptr;
  const auto found = std::ranges::find(items, entry, &JsonNode::name);
  return found != items.end() ? &*found : nullptr;
}

Result<JsonNode> parse_json(std::string_view text) {
  // The library would pass over the mark and end at a NUL.
  if (text.starts_with("\xef\xbb\xbf")) return fail(ErrorCode::invalid, "it begins with a byte order mark, which JSON has not");
  if (text.contains('\0')) return fail(ErrorCode::invalid, "not JSON: it has a NUL byte");
  TreeBuilder builder;
  if (!nlohmann::json::sax_parse(text, &builder)) return fail(ErrorCode::invalid, builder.problem);
  return std::move(builder.root);
}

}  // namespace packyard
