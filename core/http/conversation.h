// Conversation: what happens on one connection, without the socket: bytes come in, answers go out, and it says when the
// connection must end. Both listeners speak through it, so that they behave alike: after a parse error, an oversize or a
// timeout there is one answer at most, the connection ends, and no later byte is ever read as a request.
// Pipelined requests are answered in order into one buffer. RFC 9112. Owned by one connection; one thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/http/http_message.h"
#include "core/http/request_parser.h"
#include "core/http/response_writer.h"

namespace packyard::http {

// What a listener's thread lends to the conversation it serves; reused from request to request.
struct ConversationDesk {
  const Handler& handler;
  DateText date;
  Request request;
  std::string output;     // answers; the listener sends and clears it
  bool draining = false;  // answers say Connection: close
};

class Conversation {
 public:
  // linger: send what there is, then read on for a moment, so that the answer is not lost to a reset.
  enum class End { open, close, linger };

  explicit Conversation(const ListenerLimits& limits);
  // Back to a new connection's state, for reuse.
  void restart(std::string peer_address);

  // Answers every whole request. May stop early when the answers are many: then more_waits() and take({}) goes on.
  void take(std::string_view bytes, ConversationDesk& desk);
  // The request took too long: one 408.
  void time_out(ConversationDesk& desk);

  End end() const { return end_; }
  bool in_request() const { return in_request_; }  // some bytes of a request have come, not all
  bool more_waits() const { return more_waits_; }
  bool has_answered() const { return has_answered_; }

 private:
  std::size_t answer_whole_requests(std::string_view bytes, ConversationDesk& desk);
  void answer(std::string_view request_bytes, ConversationDesk& desk);
  void answer_error(unsigned status, ConversationDesk& desk);

  RequestParser parser_;
  std::string peer_address_;
  std::string held_;  // an unfinished request, or some that wait
  End end_ = End::open;
  bool in_request_ = false;
  bool more_waits_ = false;
  bool has_answered_ = false;
  bool continued_ = false;  // "100 Continue" was sent for the current request
};

}  // namespace packyard::http
