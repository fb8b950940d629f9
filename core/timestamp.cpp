#include "core/timestamp.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace packyard {
namespace {

std::tm to_utc(std::int64_t seconds) {
  std::tm parts{};
  const std::time_t time = seconds;
  gmtime_r(&time, &parts);
  return parts;
}

std::string format(const char* pattern, std::int64_t seconds) {
  const std::tm parts = to_utc(seconds);
  std::array<char, 64> buffer{};
  const std::size_t length = std::strftime(buffer.data(), buffer.size(), pattern, &parts);
  return std::string(buffer.data(), length);
}

bool read_number(std::string_view text, std::size_t at, std::size_t digits, int& value) {
  value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  return true;
}

}  // namespace

Result<Timestamp> Timestamp::parse_rfc3339(std::string_view text) {
  const auto refuse = [&] { return fail(ErrorCode::invalid, "not a time in RFC 3339 UTC form like 2026-01-31T12:00:00Z"); };
  if (text.size() != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text[19] != 'Z')
    return refuse();
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!read_number(text, 0, 4, year) || !read_number(text, 5, 2, month) || !read_number(text, 8, 2, day) ||
      !read_number(text, 11, 2, hour) || !read_number(text, 14, 2, minute) || !read_number(text, 17, 2, second))
    return refuse();
  std::tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  parts.tm_sec = second;
  if (year < 1970) return refuse();
  const Timestamp result{timegm(&parts)};
  if (result.rfc3339() != text) return refuse();  // 31 February and the like come back as another day
  return result;
}

std::string Timestamp::rfc3339() const { return format("%Y-%m-%dT%H:%M:%SZ", seconds); }
std::string Timestamp::rfc5322_utc() const { return format("%a, %d %b %Y %H:%M:%S UTC", seconds); }

}  // namespace packyard
