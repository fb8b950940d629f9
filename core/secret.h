// Secret: text that must never be shown. No stream, no format, no JSON; compared in constant time; wiped when it ends.
// Owned by whoever read it; moved, never copied by accident. Not shared between threads without const.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace packyard {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : text_(other.text_) { other.wipe(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      text_ = other.text_;
      other.wipe();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  bool empty() const { return text_.empty(); }
  // The only way out: the name is meant to be found by search.
  std::string_view reveal() const { return text_; }
  Secret clone() const { return Secret(text_); }

  friend bool operator==(const Secret& left, const Secret& right) { return equal(left.text_, right.text_); }

  static bool equal(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i) difference |= static_cast<unsigned char>(left[i] ^ right[i]);
    return difference == 0;
  }

 private:
  void wipe() {
    volatile char* bytes = text_.data();
    for (std::size_t i = 0; i < text_.size(); ++i) bytes[i] = 0;
    text_.clear();
  }
  std::string text_;
};

template <class Stream>
Stream& operator<<(Stream&, const Secret&) = delete;

}  // namespace packyard
