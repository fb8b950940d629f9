#include "auth/client_product.h"

#include <algorithm>

#include "storage/key_usage.h"

namespace packyard {
namespace {

constexpr std::size_t read_bytes_max = 256;

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || std::string_view("-._~+/").contains(c);
}

std::string_view without_leading_spaces(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

// Of a text that begins with '(': the comment with its brackets, nested ones too; all of it when it does not end.
std::string_view leading_comment(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return text.substr(0, i + 1);
  }
  return text;
}

// " (2.6.1)" where that is what follows.
std::string version_behind(std::string_view rest) {
  if (!rest.starts_with(" (")) return {};
  const std::string_view comment = leading_comment(rest.substr(1));
  if (comment.size() < 3 || !comment.ends_with(')')) return {};
  const std::string_view inside = comment.substr(1, comment.size() - 2);
  const bool is_version = inside.front() >= '0' && inside.front() <= '9' && std::ranges::all_of(inside, is_plain);
  return is_version ? " " + std::string(comment) : std::string();
}

std::string product_in(std::string_view text) {
  std::string_view first;
  for (text = without_leading_spaces(text); !text.empty(); text = without_leading_spaces(text)) {
    if (text.front() == '(') {
      text.remove_prefix(leading_comment(text).size());
      continue;
    }
    const std::string_view word = text.substr(0, std::min(text.find_first_of(" ("), text.size()));
    text.remove_prefix(word.size());
    if (word.contains('/')) return std::string(word) + version_behind(text);
    if (first.empty()) first = word;
  }
  return std::string(first);
}

}  // namespace

std::string client_product(std::string_view user_agent) {
  std::string product = product_in(user_agent.substr(0, read_bytes_max));
  const bool is_readable =
      !product.empty() && std::ranges::all_of(product, [](char c) { return is_plain(c) || c == ' ' || c == '(' || c == ')'; });
  if (!is_readable) return std::string(other_client);
  if (product.size() > client_bytes_max) product.resize(client_bytes_max);
  return product;
}

}  // namespace packyard
