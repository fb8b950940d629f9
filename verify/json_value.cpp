#include "verify/json_value.h"

#include <algorithm>

namespace packyard {
namespace {

std::unexpected<Error> wrong(const std::string& what) { return fail(ErrorCode::invalid, "is malformed: " + what); }

class TreeBuilder final : public JsonHandler {
 public:
  explicit TreeBuilder(std::size_t values_max) : left_(values_max) {}

  Result<void> begin_object() override { return open({JsonObject(), {}, true, ""}); }
  Result<void> begin_list() override { return open({{}, JsonList(), false, ""}); }
  Result<void> end_object() override {
    JsonObject object = std::move(open_.back().object);
    open_.pop_back();
    return put(JsonValue(std::move(object)));
  }
  Result<void> end_list() override {
    JsonList list = std::move(open_.back().list);
    open_.pop_back();
    return put(JsonValue(std::move(list)));
  }
  Result<void> name(std::string name) override {
    open_.back().name = std::move(name);
    return {};
  }
  Result<void> text(std::string value) override { return add(JsonValue(std::move(value))); }
  Result<void> number(std::uint64_t value) override { return add(JsonValue(value)); }
  Result<void> word(JsonWord value) override { return add(JsonValue(value)); }

  JsonValue whole;

 private:
  struct Open {
    JsonObject object;
    JsonList list;
    bool is_object;
    std::string name;  // of the value to come
  };
  Result<void> count() {
    if (left_ == 0) return wrong("too many values");
    --left_;
    return {};
  }
  Result<void> open(Open next) {
    TRY(count());
    open_.push_back(std::move(next));
    return {};
  }
  Result<void> add(JsonValue value) {
    TRY(count());
    return put(std::move(value));
  }
  Result<void> put(JsonValue value) {
    if (open_.empty())
      whole = std::move(value);
    else if (open_.back().is_object)
      open_.back().object.emplace(std::move(open_.back().name), std::move(value));
    else
      open_.back().list.push_back(std::move(value));
    return {};
  }

  std::size_t left_;
  std::vector<Open> open_;
};

// As Go's encoding/json compares names: letters of both cases are one, and so are the long s and the Kelvin sign.
std::string folded(std::string_view name) {
  constexpr std::string_view long_s = "\xc5\xbf", kelvin = "\xe2\x84\xaa";
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.substr(i).starts_with(long_s)) {
      text += 's';
      i += long_s.size() - 1;
    } else if (name.substr(i).starts_with(kelvin)) {
      text += 'k';
      i += kelvin.size() - 1;
    } else {
      text += name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] + ('a' - 'A')) : name[i];
    }
  }
  return text;
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  const JsonObject* fields = object();
  if (fields == nullptr) return nullptr;
  const auto found = fields->find(name);
  return found == fields->end() ? nullptr : &found->second;
}

const std::string* JsonValue::find_text(std::string_view name) const {
  const JsonValue* value = find(name);
  return value == nullptr ? nullptr : value->text();
}

bool JsonValue::has_exactly(std::initializer_list<std::string_view> names) const {
  const JsonObject* fields = object();
  return fields != nullptr && fields->size() == names.size() &&
         std::ranges::all_of(names, [&](std::string_view name) { return fields->contains(name); });
}

Result<JsonValue> read_json_value(std::string_view json, std::size_t values_max) {
  TreeBuilder builder(values_max);
  TRY(read_json(json, builder));
  return std::move(builder.whole);
}

Result<void> check_names(const JsonValue& value, std::span<const std::string_view> known, std::string_view what) {
  const JsonObject* object = value.object();
  if (object == nullptr) return wrong(std::string(what) + " is no object");
  for (const auto& [name, field] : *object) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::string same = folded(name);
    const auto like = std::ranges::find_if(known, [&](std::string_view one) { return folded(one) == same; });
    if (like != known.end())
      return wrong(std::string(what) + " has a field " + name + " that some clients read as " + std::string(*like));
  }
  return {};
}

Result<std::string> optional_text(const JsonValue& object, std::string_view name) {
  const JsonValue* field = object.find(name);
  if (field == nullptr || field->is_null()) return std::string();
  if (field->text() == nullptr) return wrong(std::string(name) + " is no text");
  return *field->text();
}

Result<std::map<std::string, std::string>> read_text_map(const JsonValue& value, std::string_view what) {
  const JsonObject* object = value.object();
  if (object == nullptr) return wrong(std::string(what));
  std::map<std::string, std::string> texts;
  for (const auto& [name, entry] : *object) {
    if (entry.text() == nullptr) return wrong(name + " of " + std::string(what));
    texts.emplace(name, *entry.text());
  }
  return texts;
}

}  // namespace packyard
