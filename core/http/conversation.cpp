#include "core/http/conversation.h"

#include <utility>

namespace packyard::http {
namespace {

constexpr std::size_t output_bytes_at_once = 256 * 1024;

}  // namespace

Conversation::Conversation(const ListenerLimits& limits) : parser_(limits) {}

void Conversation::restart(std::string peer_address) {
  parser_.reset();
  peer_address_ = std::move(peer_address);
  held_ = std::string();
  end_ = End::open;
  in_request_ = more_waits_ = has_answered_ = continued_ = false;
}

void Conversation::take(std::string_view bytes, ConversationDesk& desk) {
  if (end_ != End::open) return;  // nothing behind the last answer is ever a request
  if (held_.empty()) {
    const std::size_t done = answer_whole_requests(bytes, desk);
    if (done < bytes.size()) held_.assign(bytes.substr(done));
  } else {
    held_.append(bytes);
    const std::size_t done = answer_whole_requests(held_, desk);
    if (done == held_.size())
      held_ = std::string();  // an idle connection holds no buffer
    else
      held_.erase(0, done);
  }
}

std::size_t Conversation::answer_whole_requests(std::string_view bytes, ConversationDesk& desk) {
  std::size_t done = 0;
  in_request_ = more_waits_ = false;
  while (done < bytes.size()) {
    if (desk.output.size() >= output_bytes_at_once) {
      more_waits_ = true;
      return done;
    }
    const std::string_view rest = bytes.substr(done);
    const ParseStatus status = parser_.feed(rest);
    if (status == ParseStatus::need_more) {
      in_request_ = true;
      if (parser_.expects_continue() && !std::exchange(continued_, true)) desk.output.append("HTTP/1.1 100 Continue\r\n\r\n");
      return done;
    }
    if (status == ParseStatus::failed) {
      answer_error(parser_.error_status(), desk);
      return bytes.size();
    }
    done += parser_.request_bytes();
    answer(rest, desk);
    parser_.reset();
    continued_ = false;
    if (end_ != End::open) return bytes.size();
  }
  return done;
}

void Conversation::answer(std::string_view request_bytes, ConversationDesk& desk) {
  Request& request = desk.request;
  parser_.fill(request_bytes, request);
  request.peer_address = peer_address_;
  Response response;
  try {
    response = desk.handler(request);
  } catch (...) {  // a handler must not throw; when one does, its client learns nothing and no other is harmed
    response = Response{};
    response.status = 500;
    response.connection = ConnectionUse::close;
  }
  const bool asked_to_close = !parser_.keep_alive();
  const bool closes = asked_to_close || response.connection == ConnectionUse::close || desk.draining;
  append_response(desk.output, response,
                  {.body = request.method == "HEAD" ? BodyUse::leave_out : BodyUse::send,
                   .version = request.version,
                   .connection = closes ? ConnectionUse::close : ConnectionUse::keep,
                   .date = desk.date.now()});
  has_answered_ = true;
  if (closes) end_ = asked_to_close ? End::close : End::linger;
}

void Conversation::answer_error(unsigned status, ConversationDesk& desk) {
  Response response;
  response.status = status;
  append_response(desk.output, response, {.connection = ConnectionUse::close, .date = desk.date.now()});
  end_ = End::linger;
  in_request_ = false;
}

void Conversation::time_out(ConversationDesk& desk) {
  if (end_ == End::open) answer_error(408, desk);
}

}  // namespace packyard::http
