#include "core/xml/xml_document.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <memory>
#include <mutex>

namespace packyard {
namespace {

constexpr std::size_t text_bytes_max = 64 << 20;
constexpr int depth_max = 64;

struct DocumentFreer {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
struct ContextFreer {
  void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
};

std::string text_of(const xmlChar* text) {
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

std::string name_of(const xmlNs* space, const xmlChar* name) {
  if (space == nullptr || space->prefix == nullptr) return text_of(name);
  return text_of(space->prefix) + ":" + text_of(name);
}

Result<XmlNode> converted(const xmlNode* from, int depth) {
  if (depth > depth_max) return fail(ErrorCode::invalid, "elements are nested deeper than 64");
  XmlNode node;
  node.name = name_of(from->ns, from->name);
  for (const xmlNs* space = from->nsDef; space != nullptr; space = space->next)
    node.attributes.emplace_back(space->prefix == nullptr ? "xmlns" : "xmlns:" + text_of(space->prefix), text_of(space->href));
  for (const xmlAttr* attribute = from->properties; attribute != nullptr; attribute = attribute->next) {
    const std::unique_ptr<xmlChar, decltype(xmlFree)> value(xmlNodeListGetString(from->doc, attribute->children, 1), xmlFree);
    node.attributes.emplace_back(name_of(attribute->ns, attribute->name), text_of(value.get()));
  }
  for (const xmlNode* child = from->children; child != nullptr; child = child->next) {
    if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
      node.children.push_back({{}, text_of(child->content), {}, {}});
    } else if (child->type == XML_ELEMENT_NODE) {
      TRY_ASSIGN(XmlNode inner, converted(child, depth + 1));
      node.children.push_back(std::move(inner));
    } else if (child->type == XML_ENTITY_REF_NODE) {
      return fail(ErrorCode::invalid, "the entity &" + text_of(child->name) + "; is not one of XML's own");
    }
  }
  return node;
}

void append(std::string& text, const XmlNode& node) {
  if (node.name.empty()) {
    text += escape_xml(node.text);
    return;
  }
  text += "<" + node.name;
  for (const auto& [name, value] : node.attributes)
    text.append(" ").append(name).append("=\"").append(escape_xml(value)).append("\"");
  if (node.children.empty()) {
    text += "/>";
    return;
  }
  text += ">";
  for (const XmlNode& child : node.children) append(text, child);
  text += "</" + node.name + ">";
}

}  // namespace

std::string_view XmlNode::attribute(std::string_view wanted) const {
  for (const auto& [attribute_name, value] : attributes)
    if (attribute_name == wanted) return value;
  return {};
}

const XmlNode* XmlNode::child(std::string_view wanted) const {
  for (const XmlNode& inner : children)
    if (inner.name == wanted) return &inner;
  return nullptr;
}

std::string XmlNode::own_text() const {
  std::string result;
  for (const XmlNode& inner : children)
    if (inner.name.empty()) result += inner.text;
  return result;
}

Result<XmlNode> parse_xml(std::string_view text) {
  if (text.size() > text_bytes_max) return fail(ErrorCode::invalid, "not readable XML: larger than 64 MiB");
  static std::once_flag once;
  std::call_once(once, xmlInitParser);
  const std::unique_ptr<xmlParserCtxt, ContextFreer> context(xmlNewParserCtxt());
  if (context == nullptr) return fail(ErrorCode::unavailable, "reading XML: not enough memory");
  // Neither entities nor external parts are loaded unless asked for; these say so and keep messages off standard error.
  constexpr int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES;
  const std::unique_ptr<xmlDoc, DocumentFreer> document(
      xmlCtxtReadMemory(context.get(), text.data(), static_cast<int>(text.size()), nullptr, nullptr, options));
  if (document == nullptr) {
    const xmlError* const error = xmlCtxtGetLastError(context.get());
    std::string words = error == nullptr || error->message == nullptr ? "no reason given" : error->message;
    while (!words.empty() && words.back() == '\n') words.pop_back();
    return fail(ErrorCode::invalid,
                "not readable XML: line " + std::to_string(error == nullptr ? 0 : error->line) + ": " + words);
  }
  if (document->intSubset != nullptr && document->intSubset->children != nullptr)
    return fail(ErrorCode::invalid,
                "not readable XML: it declares entities or elements of its own, which nobody here resolves; remove them");
  const xmlNode* const root = xmlDocGetRootElement(document.get());
  if (root == nullptr) return fail(ErrorCode::invalid, "not readable XML: it has no element");
  return converted(root, 1);
}

std::string write_xml(const XmlNode& root) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  append(text, root);
  return text + "\n";
}

std::string escape_xml(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\r': escaped += "&#13;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

}  // namespace packyard
