#include "verify/json_reader.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

namespace packyard {
namespace {

using nlohmann::json;

// Hands nlohmann's events on; holds what our handlers are promised.
class Events final : public nlohmann::json_sax<json> {
 public:
  explicit Events(JsonHandler& handler) : handler_(handler) {}

  bool null() override { return keep(handler_.word(JsonWord::null_value)); }
  bool boolean(bool value) override { return keep(handler_.word(value ? JsonWord::true_value : JsonWord::false_value)); }
  bool number_integer(number_integer_t) override { return keep(handler_.word(JsonWord::other_number)); }
  bool number_unsigned(number_unsigned_t value) override { return keep(handler_.number(value)); }
  bool number_float(number_float_t, const string_t&) override { return keep(handler_.word(JsonWord::other_number)); }
  bool string(string_t& value) override { return keep(handler_.text(std::move(value))); }
  bool binary(binary_t&) override { return refuse("binary data"); }
  bool start_object(std::size_t) override { return enter() && keep(handler_.begin_object()); }
  bool start_array(std::size_t) override { return enter() && keep(handler_.begin_list()); }
  bool end_object() override { return leave() && keep(handler_.end_object()); }
  bool end_array() override { return leave() && keep(handler_.end_list()); }
  bool key(string_t& name) override {
    if (!names_.back().insert(name).second) return refuse("the name " + name + " twice in one object");
    return keep(handler_.name(std::move(name)));
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return refuse("not JSON at byte " + std::to_string(position));
  }

  Result<void> outcome() const { return problem_ ? Result<void>(fail(*problem_)) : Result<void>(); }

 private:
  bool enter() {
    if (names_.size() == json_depth_max) return refuse("nested too deeply");
    names_.emplace_back();
    return true;
  }
  bool leave() {
    names_.pop_back();
    return true;
  }
  bool keep(Result<void> outcome) {
    if (!outcome && !problem_) problem_ = std::move(outcome).error();
    return !problem_;
  }
  bool refuse(const std::string& what) { return keep(fail(ErrorCode::invalid, "is malformed: " + what)); }

  JsonHandler& handler_;
  std::vector<std::set<std::string>> names_;  // of the objects around the place; empty for lists
  std::optional<Error> problem_;
};

}  // namespace

// nlohmann takes a NUL for the end and skips a byte order mark; other parsers do neither.
Result<void> read_json(std::istream& text, JsonHandler& handler) {
  Events events(handler);
  json::sax_parse(text, &events);
  TRY(events.outcome());
  if (text.rdbuf()->sgetc() != std::char_traits<char>::eof())
    return fail(ErrorCode::invalid, "is malformed: something follows the document");
  return {};
}

Result<void> read_json(std::string_view text, JsonHandler& handler) {
  if (text.starts_with("\xef\xbb\xbf")) return fail(ErrorCode::invalid, "is malformed: it begins with a byte order mark");
  if (text.find('\0') != std::string_view::npos) return fail(ErrorCode::invalid, "is malformed: it holds a NUL");
  Events events(handler);
  json::sax_parse(text.begin(), text.end(), &events);
  return events.outcome();
}

}  // namespace packyard
