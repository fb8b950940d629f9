// ScriptedServer: a TCP server on 127.0.0.1 that answers each connection with exactly the bytes it was told, whatever was asked;
// then closes, resets or waits until the test ends. What was asked is kept. For clients that must not trust a server.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "core/guarded.h"

namespace packyard {

enum class AfterAnswer { close, reset, wait };

struct ScriptedAnswer {
  std::string bytes;
  AfterAnswer after = AfterAnswer::close;
};

class ScriptedServer {
 public:
  // One answer per connection, in this order; the last one for all that follow.
  explicit ScriptedServer(std::vector<ScriptedAnswer> answers);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // The request of each connection, with as much of a body as its Content-Length says.
  std::vector<std::string> requests();

 private:
  void serve();
  void answer(int connection, const ScriptedAnswer& answer);

  std::vector<ScriptedAnswer> answers_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  Guarded<std::vector<std::string>> requests_;
  Guarded<std::vector<int>> waiting_;
  std::thread thread_;
};

}  // namespace packyard
