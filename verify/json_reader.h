// JsonReader: reads JSON (RFC 8259) as a stream of events. Refuses names that an object gives twice (readers differ in which one
// they take), deep nesting and what is not UTF-8. nlohmann/json stays in json_reader.cpp, the one file of verify that has it:
// readers of small documents take the tree (json_value.h), readers of long ones handle the events. Outside bytes; errors are
// ErrorCode::invalid. Pure functions.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

// A value that is no text, whole number, object or list.
enum class JsonWord {
  null_value,
  true_value,
  false_value,
  other_number
};  // other_number: negative, a fraction or beyond 64 bits

class JsonHandler {
 public:
  virtual ~JsonHandler() = default;
  virtual Result<void> begin_object() = 0;
  virtual Result<void> end_object() = 0;
  virtual Result<void> begin_list() = 0;
  virtual Result<void> end_list() = 0;
  // Of the object's next value.
  virtual Result<void> name(std::string name) = 0;
  virtual Result<void> text(std::string value) = 0;
  virtual Result<void> number(std::uint64_t value) = 0;
  virtual Result<void> word(JsonWord value) = 0;
};

constexpr std::size_t json_depth_max = 32;

// One document, nothing after it. The first error of the handler ends the reading and is returned.
Result<void> read_json(std::istream& json, JsonHandler& handler);
Result<void> read_json(std::string_view json, JsonHandler& handler);

}  // namespace packyard
