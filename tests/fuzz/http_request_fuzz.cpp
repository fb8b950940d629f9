// Bytes of a connection, in pieces (a byte 0xff cuts). However they are cut, the same requests are seen; and after an error, a
// close or a timeout not one more.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/check.h"
#include "core/http/conversation.h"

namespace {

using namespace packyard::http;

struct Heard {
  std::vector<std::string> requests;
  std::size_t answers = 0;
  Conversation::End end = Conversation::End::open;
};

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

Heard hear(const std::vector<std::string>& pieces) {
  Heard heard;
  const Handler handler = [&heard](const Request& request) {
    std::string text = std::string(request.method) + " " + std::string(request.target) + "\n";
    for (const Header& header : request.headers) {
      CHECK(header.value.find('\n') == std::string_view::npos && header.value.find('\0') == std::string_view::npos);
      text += std::string(header.name) + ":" + std::string(header.value) + "\n";
    }
    heard.requests.push_back(text + std::string(request.body));
    return Response{};
  };
  ListenerLimits limits;
  limits.header_bytes_max = 512;
  limits.body_bytes_max = 256;
  ConversationDesk desk{.handler = handler, .date = {}, .request = {}, .output = {}};
  Conversation conversation(limits);
  conversation.restart("127.0.0.1");
  for (const std::string& piece : pieces) {
    const std::size_t before = heard.requests.size();
    const bool was_open = conversation.end() == Conversation::End::open;
    conversation.take(piece, desk);
    CHECK(was_open || heard.requests.size() == before);
  }
  heard.end = conversation.end();
  heard.answers = count_of(desk.output, "HTTP/1.1 ") - count_of(desk.output, "HTTP/1.1 100 ");
  CHECK(heard.answers == heard.requests.size() ||
        (heard.answers == heard.requests.size() + 1 && heard.end != Conversation::End::open));
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> pieces(1);
  std::string whole;
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0xff) {
      pieces.emplace_back();
      continue;
    }
    pieces.back() += static_cast<char>(data[i]);
    whole += static_cast<char>(data[i]);
  }
  const Heard in_pieces = hear(pieces);
  const Heard at_once = hear({whole});
  // An oversize may be noticed a piece later; what was heard before it is the same.
  for (std::size_t i = 0; i < std::min(in_pieces.requests.size(), at_once.requests.size()); ++i)
    CHECK(in_pieces.requests[i] == at_once.requests[i]);
  return 0;
}
