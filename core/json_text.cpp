#include "core/json_text.h"

#include "core/hex.h"

namespace packyard {

std::string json_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += "\\u00";
      append_hex(quoted, byte);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string json_text(const JsonNode& node) {
  std::string written;
  switch (node.kind) {
    case JsonNode::Kind::null: return "null";
    case JsonNode::Kind::boolean: return node.is_true ? "true" : "false";
    case JsonNode::Kind::number: return node.text;
    case JsonNode::Kind::text: return json_text(std::string_view(node.text));
    case JsonNode::Kind::list:
      for (const JsonNode& item : node.items) written += (written.empty() ? "" : ",") + json_text(item);
      return "[" + written + "]";
    case JsonNode::Kind::object: break;
  }
  for (const JsonNode& item : node.items)
    written += (written.empty() ? "" : ",") + json_text(std::string_view(item.name)) + ":" + json_text(item);
  return "{" + written + "}";
}

}  // namespace packyard
