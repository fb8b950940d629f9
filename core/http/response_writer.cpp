#include "core/http/response_writer.h"

#include <array>
#include <charconv>
#include <ctime>

namespace packyard::http {
namespace {

void append_number(std::string& buffer, std::size_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  buffer.append(digits.data(), end);
}

// A header value of ours holds no control bytes; should one slip in, it must not become a header or a body.
void append_line_text(std::string& buffer, std::string_view text) {
  const std::size_t begin = buffer.size();
  buffer.append(text);
  for (std::size_t i = begin; i < buffer.size(); ++i) {
    const auto c = static_cast<unsigned char>(buffer[i]);
    if (c < 0x20 || c == 0x7f) [[unlikely]]
      buffer[i] = ' ';
  }
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    default: return "Unknown";
  }
}

void append_response(std::string& buffer, const Response& response, const ResponseFrame& frame) {
  buffer.append("HTTP/1.1 ");
  append_number(buffer, response.status);
  buffer.push_back(' ');
  buffer.append(reason_phrase(response.status));
  buffer.append("\r\nDate: ");
  buffer.append(frame.date);
  const bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
  if (!bodiless) {
    buffer.append("\r\nContent-Length: ");
    append_number(buffer, response.body.size());
  }
  if (frame.connection == ConnectionUse::close) buffer.append("\r\nConnection: close");
  else if (frame.version == Version::http_1_0) buffer.append("\r\nConnection: keep-alive");
  for (const ResponseHeader& header : response.headers) {
    buffer.append("\r\n");
    append_line_text(buffer, header.name);
    buffer.append(": ");
    append_line_text(buffer, header.value);
  }
  buffer.append("\r\n\r\n");
  if (!bodiless && frame.body == BodyUse::send) buffer.append(response.body);
}

std::string_view DateText::now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME_COARSE, &time);
  if (time.tv_sec == second_) return text_;
  second_ = time.tv_sec;
  static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  tm parts{};
  gmtime_r(&time.tv_sec, &parts);
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                                   months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                                   parts.tm_min, parts.tm_sec);
  text_.assign(text.data(), static_cast<std::size_t>(length));
  return text_;
}

}  // namespace packyard::http
