#include "tests/support/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>

namespace packyard {
namespace {

constexpr int deadline_s = 30;

}  // namespace

std::optional<std::string> RawAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0) return value;
  return std::nullopt;
}

RawClient::RawClient(std::uint16_t port) {
  descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval deadline{.tv_sec = deadline_s, .tv_usec = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return;
  close(descriptor_);
  descriptor_ = -1;
}

RawClient::~RawClient() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::end_sending() { shutdown(descriptor_, SHUT_WR); }

bool RawClient::receive_some() {
  char bytes[65536];
  const ssize_t got = recv(descriptor_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::optional<RawAnswer> RawClient::read_answer(AnswerBody body) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!receive_some()) return std::nullopt;
  RawAnswer answer;
  const std::string head = buffer_.substr(0, end);
  buffer_.erase(0, end + 4);
  answer.version = head.substr(0, head.find(' '));
  answer.status = std::atoi(head.c_str() + head.find(' '));
  for (std::size_t line = head.find("\r\n"); line != std::string::npos; line = head.find("\r\n", line + 2)) {
    const std::size_t colon = head.find(": ", line);
    const std::size_t next = head.find("\r\n", line + 2);
    answer.headers.emplace_back(head.substr(line + 2, colon - line - 2), head.substr(colon + 2, next - colon - 2));
  }
  const auto length = answer.header("Content-Length");
  if (!length || body == AnswerBody::absent) return answer;
  const auto wanted = static_cast<std::size_t>(std::stoul(*length));
  while (buffer_.size() < wanted)
    if (!receive_some()) return std::nullopt;
  answer.body = buffer_.substr(0, wanted);
  buffer_.erase(0, wanted);
  return answer;
}

std::optional<std::string> RawClient::read_to_end() {
  while (true) {
    char bytes[65536];
    const ssize_t got = recv(descriptor_, bytes, sizeof bytes, 0);
    if (got == 0 || (got < 0 && errno == ECONNRESET)) return std::exchange(buffer_, {});
    if (got < 0) return std::nullopt;
    buffer_.append(bytes, static_cast<std::size_t>(got));
  }
}

bool RawClient::has_ended() {
  const auto rest = read_to_end();
  return rest && rest->empty();
}

}  // namespace packyard
