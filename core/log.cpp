#include "core/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/hex.h"

namespace packyard {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

bool needs_quotes(std::string_view text) { return text.empty() || text.find_first_of(" =\"") != std::string_view::npos; }

}  // namespace

struct Log::State {
  explicit State(LogLevel least) : logger("packyard", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_level(to_spdlog(least));
    logger.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger.flush_on(spdlog::level::debug);
  }
  spdlog::logger logger;
};

Log::Log(LogLevel least) : state_(std::make_unique<State>(least)) {}
Log::~Log() = default;

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) const {
  if (!state_->logger.should_log(to_spdlog(level))) return;
  std::string line(event);
  for (const LogField& field : fields) {
    const std::string value = escape_for_log(field.value);
    line += " ";
    line += field.name;
    line += needs_quotes(value) ? "=\"" + value + "\"" : "=" + value;
  }
  state_->logger.log(to_spdlog(level), spdlog::string_view_t(line));
}

std::string escape_for_log(std::string_view text, std::size_t limit_bytes) {
  std::string safe;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == limit_bytes) return safe + "...";
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
      safe += text[i];
    } else {
      safe += "\\x";
      append_hex(safe, byte);
    }
  }
  return safe;
}

}  // namespace packyard
