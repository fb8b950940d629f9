// XmlReader: reads XML as a stream of elements, for repomd and the metadata beside it. Refuses document types and entities (no
// such thing in package metadata, a classic way to attack parsers); never touches network or files. libxml2 stays in
// xml_reader.cpp. One object per document, one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace packyard {

// Attributes by local name; views live during the call only.
class XmlAttributes {
 public:
  void add(std::string_view name, std::string_view value) { list_.push_back({name, value}); }
  std::string_view value(std::string_view name) const {
    for (const auto& attribute : list_)
      if (attribute.name == name) return attribute.value;
    return {};
  }

 private:
  struct Attribute {
    std::string_view name, value;
  };
  std::vector<Attribute> list_;
};

class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void begin(std::string_view name, const XmlAttributes& attributes) = 0;
  // `text`: what stood directly in the element (cut at 64 KiB).
  virtual void end(std::string_view name, std::string_view text) = 0;
};

class XmlReader {
 public:
  explicit XmlReader(XmlHandler& handler);
  ~XmlReader();
  XmlReader(const XmlReader&) = delete;
  XmlReader& operator=(const XmlReader&) = delete;

  Result<void> feed(std::string_view bytes);
  Result<void> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace packyard
