// Structured log lines on standard error, one line per event: a fixed event name and typed fields, as JSON or logfmt-like text.
//   log.info("promotion_done", {{"release", 42}, {"target", "rpm/core/2025/el9-x86_64"}});
// Never give it a secret (Secret does not convert). Control characters and bytes beyond ASCII are escaped, values cut at 200
// bytes. Thread-safe. spdlog stays in log.cpp.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace packyard {

enum class LogLevel { debug, info, warning, error };

struct LogField {
  LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, const std::string& text) : name(field_name), value(text) {}
  template <class Number>
  requires std::is_integral_v<Number> LogField(std::string_view field_name, Number number)
      : name(field_name), value(std::to_string(number)) {}
  std::string_view name;
  std::string value;
};

class Log {
 public:
  explicit Log(LogLevel least);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) const { write(LogLevel::debug, event, fields); }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) const { write(LogLevel::info, event, fields); }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) const { write(LogLevel::error, event, fields); }

 private:
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) const;
  struct State;
  std::unique_ptr<State> state_;
};

// Text safe for a log line or terminal: printable ASCII stays, the rest becomes \xNN, cut at limit_bytes with "…" as "...".
std::string escape_for_log(std::string_view text, std::size_t limit_bytes = 200);

}  // namespace packyard
