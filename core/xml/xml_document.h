// XML as a plain tree: read hardened (no network, no entities of its own, no external parts, 64 MiB at most) and written back.
// XML 1.0. libxml2 stays in xml_document.cpp. Comments and processing instructions are dropped. Plain values; malformed text is
// ErrorCode::invalid with the line.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace packyard {

struct XmlNode {
  std::string name;  // empty for text
  std::string text;  // of a text node
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<XmlNode> children;

  // Empty when absent.
  std::string_view attribute(std::string_view wanted) const;
  // nullptr when absent; the first of several.
  const XmlNode* child(std::string_view wanted) const;
  // All text directly in it.
  std::string own_text() const;
};

// The root element.
Result<XmlNode> parse_xml(std::string_view text);
// With the XML declaration in front.
std::string write_xml(const XmlNode& root);
// Safe inside text and double-quoted attributes.
std::string escape_xml(std::string_view text);

}  // namespace packyard
