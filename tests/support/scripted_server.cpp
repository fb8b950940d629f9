#include "tests/support/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/check.h"

namespace packyard {

ScriptedServer::ScriptedServer(std::vector<ScriptedAnswer> answers) : answers_(std::move(answers)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(listener_, 16) == 0);
  CHECK(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
  waiting_.with([](auto& waiting) {
    for (const int connection : waiting) close(connection);
  });
}

std::vector<std::string> ScriptedServer::requests() {
  return requests_.with([](auto& requests) { return requests; });
}

void ScriptedServer::serve() {
  for (std::size_t number = 0;; ++number) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    answer(connection, answers_[std::min(number, answers_.size() - 1)]);
  }
}

void ScriptedServer::answer(int connection, const ScriptedAnswer& answer) {
  std::string request;
  std::size_t wanted = std::string::npos;
  while (request.size() < wanted) {
    char block[4096];
    const ssize_t got = recv(connection, block, sizeof block, 0);
    if (got <= 0) break;
    request.append(block, static_cast<std::size_t>(got));
    const std::size_t end = request.find("\r\n\r\n");
    if (end == std::string::npos || wanted != std::string::npos) continue;
    const std::size_t length = request.find("Content-Length: ");
    wanted = end + 4 + (length < end ? static_cast<std::size_t>(std::atoll(request.c_str() + length + 16)) : 0);
  }
  requests_.with([&](auto& requests) { requests.push_back(std::move(request)); });
  for (std::size_t sent = 0; sent < answer.bytes.size();) {
    const ssize_t count = send(connection, answer.bytes.data() + sent, answer.bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) break;
    sent += static_cast<std::size_t>(count);
  }
  if (answer.after == AfterAnswer::wait) {
    waiting_.with([&](auto& waiting) { waiting.push_back(connection); });
    return;
  }
  if (answer.after == AfterAnswer::reset) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  close(connection);
}

}  // namespace packyard
