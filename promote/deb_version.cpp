#include "promote/deb_version.h"

#include <algorithm>
#include <charconv>

namespace packyard {
namespace {

constexpr std::size_t length_max = 200;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// '~' before the end, the end before letters, letters before the rest.
int weight(char c) {
  if (c == '~') return -1;
  if (is_digit(c)) return 0;
  if (is_letter(c)) return c;
  return c + 256;
}

std::strong_ordering compare_part(std::string_view left, std::string_view right) {
  while (!left.empty() || !right.empty()) {
    while ((!left.empty() && !is_digit(left.front())) || (!right.empty() && !is_digit(right.front()))) {
      const int left_weight = left.empty() ? 0 : weight(left.front());
      const int right_weight = right.empty() ? 0 : weight(right.front());
      if (left_weight != right_weight) return left_weight <=> right_weight;
      left.remove_prefix(1);
      right.remove_prefix(1);
    }
    while (!left.empty() && left.front() == '0') left.remove_prefix(1);
    while (!right.empty() && right.front() == '0') right.remove_prefix(1);
    const auto digits = [](std::string_view text) {
      return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
    };
    const std::size_t left_digits = digits(left), right_digits = digits(right);
    if (left_digits != right_digits) return left_digits <=> right_digits;
    const int order = left.substr(0, left_digits).compare(right.substr(0, right_digits));
    if (order != 0) return order <=> 0;
    left.remove_prefix(left_digits);
    right.remove_prefix(right_digits);
  }
  return std::strong_ordering::equal;
}

bool is_made_of(std::string_view text, std::string_view joints) {
  return std::ranges::all_of(text, [joints](char c) { return is_digit(c) || is_letter(c) || joints.contains(c); });
}

}  // namespace

Result<DebVersion> DebVersion::parse(std::string_view text) {
  const auto refuse = [text](std::string_view why) {
    return fail(ErrorCode::invalid, "version '" + std::string(text.substr(0, length_max)) + "': " + std::string(why));
  };
  if (text.empty() || text.size() > length_max) return refuse("a version has 1 to 200 characters");
  DebVersion version;
  std::string_view rest = text;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + colon, version.epoch_);
    if (colon == 0 || error != std::errc() || end != text.data() + colon || version.epoch_ > 0x7fffffff)
      return refuse("the epoch before ':' is a number");
    rest = text.substr(colon + 1);
  }
  if (const std::size_t dash = rest.rfind('-'); dash != std::string_view::npos) {
    version.revision_ = rest.substr(dash + 1);
    version.has_revision_ = true;
    if (version.revision_.empty()) return refuse("nothing follows the last '-', where the revision stands");
    if (!is_made_of(version.revision_, "+.~")) return refuse("the revision has only letters, digits, '+', '.' and '~'");
    rest = rest.substr(0, dash);
  }
  if (rest.empty() || !is_digit(rest.front())) return refuse("the upstream part begins with a digit");
  if (!is_made_of(rest, "+.~-")) return refuse("the upstream part has only letters, digits, '+', '.', '~' and '-'");
  version.upstream_ = rest;
  return version;
}

std::string DebVersion::without_epoch() const { return has_revision_ ? upstream_ + "-" + revision_ : upstream_; }

std::strong_ordering DebVersion::operator<=>(const DebVersion& other) const {
  if (epoch_ != other.epoch_) return epoch_ <=> other.epoch_;
  if (const auto order = compare_part(upstream_, other.upstream_); order != 0) return order;
  return compare_part(revision_, other.revision_);
}

}  // namespace packyard
