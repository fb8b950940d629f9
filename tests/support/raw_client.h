// RawClient: a TCP connection to 127.0.0.1 that sends exactly the bytes it is given and reads answers as they come, so that a
// test sees what a proxy would see. Every wait ends after a generous deadline; a test fails then, it does not hang.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace packyard {

struct RawAnswer {
  int status = 0;
  std::string version;  // "HTTP/1.1"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // The value of the first header of that name (any case), or nothing.
  std::optional<std::string> header(std::string_view name) const;
};

enum class AnswerBody { present, absent };  // absent: the request was HEAD

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool is_connected() const { return descriptor_ >= 0; }
  bool send(std::string_view bytes);  // false when the other side has closed
  void end_sending();
  // The next answer, or nothing when the connection ended or the deadline passed before it was whole.
  std::optional<RawAnswer> read_answer(AnswerBody body = AnswerBody::present);
  // Everything until the connection ends; nothing when it did not end in time.
  std::optional<std::string> read_to_end();
  bool has_ended();  // reads on; true when the other side closes without a further byte

 private:
  bool receive_some();
  int descriptor_ = -1;
  std::string buffer_;
};

}  // namespace packyard
