#include "core/openpgp_armor.h"

#include <cstdint>

namespace packyard {
namespace {

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

// Takes whole lines of base64 one after the other.
class Base64Reader {
 public:
  bool take(std::string_view line, std::string& bytes) {
    for (const char c : line) {
      if (c == '=') {
        ++padding_;
        continue;
      }
      const int value = base64_value(c);
      if (value < 0 || padding_ > 0) return false;
      bits_ = bits_ << 6 | static_cast<std::uint32_t>(value);
      if (++digits_ == 4) {
        emit(3, bytes);
        bits_ = 0;
        digits_ = 0;
      }
    }
    return true;
  }

  bool finish(std::string& bytes) {
    if (digits_ == 0) return padding_ == 0;
    if (digits_ == 1 || digits_ + padding_ != 4) return false;
    bits_ <<= 6 * (4 - digits_);
    emit(digits_ - 1, bytes);
    return true;
  }

 private:
  void emit(int count, std::string& bytes) const {
    for (int i = 0; i < count; ++i) bytes += static_cast<char>(bits_ >> (16 - 8 * i) & 0xff);
  }
  std::uint32_t bits_ = 0;
  int digits_ = 0;
  int padding_ = 0;
};

std::uint32_t crc24(std::string_view bytes) {
  std::uint32_t crc = 0xb704ce;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 16;
    for (int i = 0; i < 8; ++i) {
      crc <<= 1;
      if ((crc & 0x1000000) != 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

bool checksum_agrees(std::string_view digits, std::string_view block) {
  std::string crc;
  Base64Reader reader;
  if (digits.size() != 4 || !reader.take(digits, crc) || !reader.finish(crc) || crc.size() != 3) return false;
  std::uint32_t given = 0;
  for (const char c : crc) given = given << 8 | static_cast<unsigned char>(c);
  return given == crc24(block);
}

// text starts after the BEGIN line; on success it stands after the END line.
Result<std::string> read_block(std::string_view& text, std::string_view end_line) {
  while (true) {  // armor headers ("Version: …") end at an empty line
    if (text.empty()) return fail(ErrorCode::invalid, "OpenPGP armor ends before its data");
    if (next_line(text).empty()) break;
  }
  std::string block;
  Base64Reader reader;
  bool checked = false;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (line == end_line) {
      if (!checked && !reader.finish(block)) return fail(ErrorCode::invalid, "OpenPGP armor holds incomplete base64");
      return block;
    }
    if (line.empty()) continue;
    if (checked) return fail(ErrorCode::invalid, "OpenPGP armor has data after its checksum");
    if (line.front() == '=') {
      if (!reader.finish(block) || !checksum_agrees(line.substr(1), block))
        return fail(ErrorCode::invalid, "the checksum of an OpenPGP armor is wrong");
      checked = true;
    } else if (!reader.take(line, block)) {
      return fail(ErrorCode::invalid, "OpenPGP armor holds a line that is not base64");
    }
  }
  return fail(ErrorCode::invalid, "OpenPGP armor has no end line");
}

}  // namespace

Result<std::string> read_openpgp_armor(std::string_view text, std::string_view kind) {
  const std::string begin_line = "-----BEGIN " + std::string(kind) + "-----";
  const std::string end_line = "-----END " + std::string(kind) + "-----";
  std::string bytes;
  bool found = false;
  while (!text.empty()) {
    if (next_line(text) != begin_line) continue;
    TRY_ASSIGN(const std::string block, read_block(text, end_line));
    bytes += block;
    found = true;
  }
  if (!found) return fail(ErrorCode::invalid, "no OpenPGP armor \"" + begin_line + "\" found");
  return bytes;
}

}  // namespace packyard
