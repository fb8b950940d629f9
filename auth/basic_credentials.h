// The password of an HTTP Basic Authorization header (RFC 7617, RFC 9110): any user name, the key as password. Strict: what two
// parsers could read differently is refused. Pure function; decodes into a buffer of fixed size, no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace packyard {

inline constexpr std::size_t authorization_bytes_max = 1024;

class BasicCredentials {
 public:
  // header: the value of the one Authorization header. nullopt: not Basic, not base64 to the letter, no colon, a control
  // character or a byte beyond ASCII, or too long.
  static std::optional<BasicCredentials> parse(std::string_view header);
  BasicCredentials(const BasicCredentials&) = delete;
  BasicCredentials& operator=(const BasicCredentials&) = delete;
  BasicCredentials(BasicCredentials&& other) noexcept;
  BasicCredentials& operator=(BasicCredentials&&) = delete;
  ~BasicCredentials();  // wipes

  std::string_view user() const { return {decoded_.data(), colon_}; }
  std::string_view password() const { return {decoded_.data() + colon_ + 1, length_ - colon_ - 1}; }

 private:
  BasicCredentials() = default;
  bool decode(std::string_view base64);

  std::array<char, authorization_bytes_max> decoded_;
  std::size_t length_ = 0;
  std::size_t colon_ = 0;
};

}  // namespace packyard
