#include "signer/pem.h"

#include <algorithm>

#include "core/base64.h"

namespace packyard {
namespace {

constexpr std::size_t line_characters = 64;
constexpr std::size_t label_characters_max = 64;
constexpr std::string_view begin_mark = "-----BEGIN ", end_mark = "-----END ", dashes = "-----";

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

// Of a line that begins a block; empty when it does not. Labels are the only words of a key file that errors show.
std::string_view label_of(std::string_view line) {
  if (!line.starts_with(begin_mark) || !line.ends_with(dashes) || line.size() <= begin_mark.size() + dashes.size()) return {};
  const auto label = line.substr(begin_mark.size(), line.size() - begin_mark.size() - dashes.size());
  const auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' '; };
  return label.size() <= label_characters_max && std::ranges::all_of(label, fits) ? label : std::string_view();
}

std::string quoted(std::initializer_list<std::string_view> labels) {
  std::string text;
  for (const std::string_view label : labels) text += (text.empty() ? "\"" : " or \"") + std::string(label) + "\"";
  return text;
}

// text starts after the BEGIN line and stands after the END line afterwards.
Result<std::string> read_body(std::string_view& text, std::string_view label) {
  std::string base64;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (line.starts_with(end_mark)) {
      if (line != std::string(end_mark) + std::string(label) + std::string(dashes))
        return fail(ErrorCode::invalid, "the PEM block begins and ends with different labels");
      auto bytes = decode_base64(base64);
      if (!bytes) return fail(ErrorCode::invalid, "the PEM block does not hold base64; it is damaged");
      return bytes;
    }
    if (line.find(':') != std::string_view::npos)
      return fail(ErrorCode::invalid, "the PEM block has header lines, which no cosign key has");
    base64 += line;
  }
  return fail(ErrorCode::invalid, "the PEM block has no end line; it is cut off");
}

}  // namespace

Result<std::string> read_pem(std::string_view text, std::initializer_list<std::string_view> labels) {
  std::string_view label;
  while (!text.empty() && label.empty()) label = label_of(next_line(text));
  if (label.empty()) return fail(ErrorCode::invalid, "no PEM block found (-----BEGIN …-----), expected " + quoted(labels));
  if (std::ranges::find(labels, label) == labels.end())
    return fail(ErrorCode::invalid, "it is a PEM block \"" + std::string(label) + "\", expected " + quoted(labels));
  TRY_ASSIGN(std::string bytes, read_body(text, label));
  while (!text.empty())
    if (!next_line(text).empty()) return fail(ErrorCode::invalid, "something follows the PEM block; one block is expected");
  return bytes;
}

std::string write_pem(std::string_view label, std::string_view bytes) {
  const std::string base64 = encode_base64(bytes);
  std::string text = std::string(begin_mark) + std::string(label) + std::string(dashes) + "\n";
  for (std::size_t at = 0; at < base64.size(); at += line_characters) text += base64.substr(at, line_characters) + "\n";
  return text + std::string(end_mark) + std::string(label) + std::string(dashes) + "\n";
}

}  // namespace packyard
