#include "verify/json_value.h"

#include <algorithm>

namespace packyard {
namespace {

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
    if (left_ == 0) return fail(ErrorCode::invalid, "is malformed: too many values");
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
    if (open_.empty()) whole = std::move(value);
    else if (open_.back().is_object) open_.back().object.emplace(std::move(open_.back().name), std::move(value));
    else open_.back().list.push_back(std::move(value));
    return {};
  }

  std::size_t left_;
  std::vector<Open> open_;
};

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

Result<std::map<std::string, std::string>> read_text_map(const JsonValue& value, std::string_view what) {
  const JsonObject* object = value.object();
  if (object == nullptr) return fail(ErrorCode::invalid, "is malformed: " + std::string(what));
  std::map<std::string, std::string> texts;
  for (const auto& [name, entry] : *object) {
    if (entry.text() == nullptr) return fail(ErrorCode::invalid, "is malformed: " + name + " of " + std::string(what));
    texts.emplace(name, *entry.text());
  }
  return texts;
}

}  // namespace packyard
