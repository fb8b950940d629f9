// Writes a Response as HTTP/1.1 bytes behind what a buffer already holds, so that pipelined answers go out in one write.
// RFC 9112. No body for HEAD, 204 and 304; bytes that could end a header line early are replaced. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/http/http_message.h"

namespace packyard::http {

enum class BodyUse { send, leave_out };  // leave_out: the request was HEAD

struct ResponseFrame {
  BodyUse body = BodyUse::send;
  Version version = Version::http_1_1;  // of the request
  ConnectionUse connection = ConnectionUse::keep;
  std::string_view date = {};  // RFC 9110 5.6.7
};

std::string_view reason_phrase(unsigned status);
void append_response(std::string& buffer, const Response& response, const ResponseFrame& frame);

// The Date header's value, made anew once a second. Not shared between threads.
class DateText {
 public:
  std::string_view now();

 private:
  std::int64_t second_ = -1;
  std::string text_;
};

}  // namespace packyard::http
