#include "promote/checksum_file.h"

#include <algorithm>
#include <string>

namespace packyard {

Result<Sha256> parse_checksum_file(std::string_view text, std::string_view file_name) {
  constexpr std::size_t digits = 64;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.find_first_of("\r\n") != std::string_view::npos)
    return fail(ErrorCode::invalid, "the checksum file has more than one line");
  std::string hex(text.substr(0, digits));
  std::ranges::transform(hex, hex.begin(), [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  auto digest = Sha256::parse_hex(hex);
  if (!digest) return fail(ErrorCode::invalid, "the checksum file does not start with 64 hexadecimal digits");
  std::string_view rest = text.substr(std::min(digits, text.size()));
  if (rest.empty()) return *digest;
  if (!rest.starts_with("  ") && !rest.starts_with(" *"))
    return fail(ErrorCode::invalid, "the checksum file is neither 64 hexadecimal digits nor a line of sha256sum");
  rest.remove_prefix(2);
  const std::size_t slash = rest.rfind('/');
  if (slash != std::string_view::npos) rest.remove_prefix(slash + 1);
  if (rest != file_name) return fail(ErrorCode::invalid, "the checksum file is about another file");
  return *digest;
}

}  // namespace packyard
