// RequestParser: reads HTTP/1.x requests of one connection from a growing run of bytes. Boost.Beast does the parsing and stays
// in request_parser.cpp; what is refused on top of it: folded header lines, trailers as headers, a Transfer-Encoding other than
// one "chunked", Content-Length twice, HTTP/1.1 without exactly one Host. RFC 9112. Owned by one connection, one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "core/http/http_message.h"

namespace packyard::http {

enum class ParseStatus { need_more, complete, failed };

class RequestParser {
 public:
  explicit RequestParser(const ListenerLimits& limits);
  ~RequestParser();
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;

  // Begins a new request.
  void reset();
  // `bytes` is everything from the first byte of this request on: the same bytes as last time, wherever they lie now, and more.
  ParseStatus feed(std::string_view bytes);

  // After complete.
  std::size_t request_bytes() const;  // how many of the bytes were this request
  bool keep_alive() const;
  // Views into `bytes` (and this parser for the body); headers are replaced, their vector reused.
  void fill(std::string_view bytes, Request& request) const;

  // After need_more: the client waits for "100 Continue" before it sends the body. After failed: the status to answer with.
  bool expects_continue() const;
  unsigned error_status() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace packyard::http
