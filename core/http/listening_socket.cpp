#include "core/http/listening_socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <utility>

namespace packyard::http {
namespace {

// Many proxies open a new connection per check; a short queue would refuse them in a burst. The kernel caps it at somaxconn.
constexpr int backlog = 4096;

Result<std::uint16_t> port_of(int descriptor, const std::string& attempted) {
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &length) != 0) return fail(system_error(attempted));
  if (bound.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port);
  return ntohs(reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
}

std::string text_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, text.data(), text.size());
    return text.data();
  }
  inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr, text.data(), text.size());
  const std::string_view plain = text.data();
  return std::string(plain.starts_with("::ffff:") && plain.find('.') != std::string_view::npos ? plain.substr(7) : plain);
}

}  // namespace

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), port_(other.port_) {}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(port_, other.port_);
  return *this;
}

ListeningSocket::~ListeningSocket() { close(); }

void ListeningSocket::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

Result<ListeningSocket> ListeningSocket::open(const ListenAddress& address) {
  const std::string attempted = "listening on " + address.host + ":" + std::to_string(address.port);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &wanted, &found);
  if (failure != 0)
    return fail(ErrorCode::invalid, attempted + ": " + gai_strerror(failure) + "; give an address of this machine, like 127.0.0.1");
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  ListeningSocket listening;
  listening.descriptor_ = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listening.descriptor_ < 0) return fail(system_error(attempted));
  const int on = 1;
  setsockopt(listening.descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listening.descriptor_, found->ai_addr, found->ai_addrlen) != 0) {
    const bool taken = errno == EADDRINUSE;
    Error error = system_error(attempted);
    if (taken) error = Error{ErrorCode::unavailable, error.message + "; another program has this port, choose another in the settings"};
    return fail(std::move(error));
  }
  if (listen(listening.descriptor_, backlog) != 0) return fail(system_error(attempted));
  TRY_ASSIGN(listening.port_, port_of(listening.descriptor_, attempted));
  return listening;
}

std::expected<Accepted, int> accept_connection(int listening_descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  const int descriptor =
      accept4(listening_descriptor, reinterpret_cast<sockaddr*>(&address), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) return std::unexpected(errno);
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return Accepted{descriptor, text_of(address)};
}

}  // namespace packyard::http
