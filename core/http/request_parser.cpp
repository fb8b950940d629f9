#include "core/http/request_parser.h"

// Only the basic parser is used, not Beast's streams and messages: it compiles quickly and allocates nothing.
#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <string>

namespace packyard::http {
namespace {

namespace beast = boost::beast;
using ErrorCode = beast::error_code;
using View = beast::string_view;

struct Place {
  std::uint32_t begin = 0;
  std::uint32_t length = 0;
};
struct FieldPlace {
  Place name;
  Place value;
};

// Keeps places relative to the first byte of the request, because the bytes may move between two feeds.
class PlacingParser final : public beast::http::basic_parser<true> {
 public:
  PlacingParser(const ListenerLimits& limits, std::vector<FieldPlace>& fields, std::string& body)
      : fields_(fields), body_(body), header_bytes_max_(limits.header_bytes_max) {
    eager(true);
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    body_limit(limits.body_bytes_max);
    fields_.clear();
    body_.clear();
  }

  std::string_view bytes;  // from the request's first byte; set before each put
  Place method, target;
  bool http_1_1 = true;
  bool expects_continue = false;
  unsigned refusal = 0;  // a status when we refuse what Beast would take

 private:
  bool place(View text, Place& place) {
    const char* const begin = bytes.data();
    if (text.empty()) {
      place = {};
      return true;
    }
    if (text.data() < begin || text.data() + text.size() > begin + bytes.size()) return false;
    place = {static_cast<std::uint32_t>(text.data() - begin), static_cast<std::uint32_t>(text.size())};
    return true;
  }

  void refuse(unsigned status, ErrorCode& error) {
    refusal = status;
    error = beast::http::error::bad_value;
  }

  void on_request_impl(beast::http::verb, View method_text, View target_text, int version, ErrorCode& error) override {
    http_1_1 = version >= 11;
    if (!place(method_text, method) || !place(target_text, target)) refuse(400, error);
  }

  void on_field_impl(beast::http::field known, View name, View value, ErrorCode& error) override {
    if (is_header_done()) return;  // a trailer: never read (facts/forwardauth.md 1.8 rule 6)
    FieldPlace field;
    // A folded line is unfolded by Beast into a buffer of its own: outside our bytes.
    if (!place(name, field.name) || !place(value, field.value)) return refuse(400, error);
    switch (known) {
      case beast::http::field::host:
        ++hosts_;
        break;
      case beast::http::field::content_length:
        if (++content_lengths_ > 1) return refuse(400, error);
        break;
      case beast::http::field::transfer_encoding:
        // Beast takes "gzip" alone for no body at all, which would make the body the next request.
        if (!beast::iequals(value, "chunked") || !http_1_1) return refuse(http_1_1 ? 501 : 400, error);
        break;
      case beast::http::field::expect:
        expects_continue = http_1_1 && beast::iequals(value, "100-continue");
        break;
      default:
        break;
    }
    fields_.push_back(field);
  }

  void on_header_impl(ErrorCode& error) override {
    // Beast limits what one put leaves over; the whole header is limited here.
    if (!fields_.empty() && fields_.back().value.begin + fields_.back().value.length + 4 > header_bytes_max_) return refuse(431, error);
    if (hosts_ > 1 || (http_1_1 && hosts_ != 1)) refuse(400, error);
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(View body, ErrorCode&) override {
    body_.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, ErrorCode&) override {
    body_.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(ErrorCode&) override {}
  void on_response_impl(int, View, int, ErrorCode&) override {}

  std::vector<FieldPlace>& fields_;
  std::string& body_;
  std::size_t header_bytes_max_;
  unsigned hosts_ = 0;
  unsigned content_lengths_ = 0;
};

std::string_view at(std::string_view bytes, Place place) { return bytes.substr(place.begin, place.length); }

}  // namespace

struct RequestParser::State {
  explicit State(const ListenerLimits& listener_limits) : limits(listener_limits) {}

  ParseStatus fail(unsigned status) {
    error_status = status;
    return ParseStatus::failed;
  }

  const ListenerLimits limits;
  std::vector<FieldPlace> fields;
  std::string body;
  std::optional<PlacingParser> parser;
  std::size_t parsed = 0;
  unsigned error_status = 0;
};

RequestParser::RequestParser(const ListenerLimits& limits) : state_(std::make_unique<State>(limits)) { reset(); }
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

void RequestParser::reset() {
  state_->parser.emplace(state_->limits, state_->fields, state_->body);
  state_->parsed = 0;
  state_->error_status = 0;
  if (state_->body.capacity() > 4096) state_->body = std::string();
}

ParseStatus RequestParser::feed(std::string_view bytes) {
  State& state = *state_;
  PlacingParser& parser = *state.parser;
  parser.bytes = bytes;
  while (state.parsed < bytes.size()) {
    ErrorCode error;
    const bool in_header = !parser.is_header_done();
    const std::size_t taken =
        parser.put(boost::asio::const_buffer(bytes.data() + state.parsed, bytes.size() - state.parsed), error);
    state.parsed += taken;
    // Beast counts what is left over from the last put only, so that a header sent in drops could grow without end.
    if (in_header && !parser.is_header_done() && bytes.size() > state.limits.header_bytes_max) return state.fail(431);
    if (error == beast::http::error::need_more) break;
    if (error == beast::http::error::header_limit) return state.fail(431);
    if (error == beast::http::error::body_limit) return state.fail(413);
    if (error) return state.fail(parser.refusal != 0 ? parser.refusal : 400);
    if (parser.is_done()) return ParseStatus::complete;
    if (taken == 0) break;
  }
  // Chunk headers and trailers count too: what is held for one request has an end.
  if (bytes.size() > state.limits.header_bytes_max + 2 * state.limits.body_bytes_max) return state.fail(413);
  return ParseStatus::need_more;
}

std::size_t RequestParser::request_bytes() const { return state_->parsed; }

bool RequestParser::keep_alive() const { return state_->parser->keep_alive(); }

void RequestParser::fill(std::string_view bytes, Request& request) const {
  const PlacingParser& parser = *state_->parser;
  request.method = at(bytes, parser.method);
  request.target = at(bytes, parser.target);
  request.version = parser.http_1_1 ? Version::http_1_1 : Version::http_1_0;
  request.headers.clear();
  for (const FieldPlace& field : state_->fields) request.headers.push_back({at(bytes, field.name), at(bytes, field.value)});
  request.body = state_->body;
}

bool RequestParser::expects_continue() const { return state_->parser->is_header_done() && state_->parser->expects_continue; }

unsigned RequestParser::error_status() const { return state_->error_status; }

}  // namespace packyard::http
