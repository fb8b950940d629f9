#include "verify/xml_reader.h"

#include <libxml/parser.h>
#include <libxml/SAX2.h>

#include <mutex>

#include "core/check.h"

namespace packyard {
namespace {

constexpr std::size_t text_bytes_max = 64 * 1024;
constexpr std::size_t feed_bytes_max = 1024 * 1024;

std::string_view view(const xmlChar* text) { return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text); }
void keep_quiet(void*, const char*, ...) {}

}  // namespace

struct XmlReader::State {
  explicit State(XmlHandler& to) : handler(to) {
    static std::once_flag once;
    std::call_once(once, xmlInitParser);
    xmlSAXHandler calls{};
    calls.initialized = XML_SAX2_MAGIC;
    calls.startElementNs = on_begin;
    calls.endElementNs = on_end;
    calls.characters = on_text;
    calls.cdataBlock = on_text;
    calls.internalSubset = on_document_type;
    calls.error = keep_quiet;
    calls.warning = keep_quiet;
    context = xmlCreatePushParserCtxt(&calls, this, nullptr, 0, nullptr);
    CHECK(context != nullptr);
    xmlCtxtUseOptions(context, XML_PARSE_NONET);  // entities stay unexpanded too
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (context->myDoc != nullptr) xmlFreeDoc(context->myDoc);
    xmlFreeParserCtxt(context);
  }

  static void on_begin(void* self, const xmlChar* name, const xmlChar*, const xmlChar*, int, const xmlChar**, int count, int,
                       const xmlChar** attributes) {
    auto& state = *static_cast<State*>(self);
    XmlAttributes list;
    for (int i = 0; i < count; ++i) {
      const xmlChar** attribute = attributes + 5 * i;  // local name, prefix, namespace, value begin, value end
      list.add(view(attribute[0]),
               {reinterpret_cast<const char*>(attribute[3]), static_cast<std::size_t>(attribute[4] - attribute[3])});
    }
    state.texts.emplace_back();
    state.handler.begin(view(name), list);
  }
  static void on_end(void* self, const xmlChar* name, const xmlChar*, const xmlChar*) {
    auto& state = *static_cast<State*>(self);
    if (state.texts.empty()) return;
    state.handler.end(view(name), state.texts.back());
    state.texts.pop_back();
  }
  static void on_text(void* self, const xmlChar* text, int length) {
    auto& state = *static_cast<State*>(self);
    if (state.texts.empty()) return;
    std::string& held = state.texts.back();
    held.append(reinterpret_cast<const char*>(text),
                std::min(static_cast<std::size_t>(length), text_bytes_max - std::min(text_bytes_max, held.size())));
  }
  static void on_document_type(void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
    auto& state = *static_cast<State*>(self);
    state.has_document_type = true;
    xmlStopParser(state.context);
  }

  Result<void> parse(std::string_view bytes, bool last) {
    const int status = xmlParseChunk(context, bytes.data(), static_cast<int>(bytes.size()), last ? 1 : 0);
    if (has_document_type) return fail(ErrorCode::invalid, "is not acceptable XML: it has a document type");
    if (status != 0 || context->wellFormed == 0)
      return fail(ErrorCode::invalid, "is not well-formed XML at line " + std::to_string(xmlSAX2GetLineNumber(context)));
    return {};
  }

  XmlHandler& handler;
  xmlParserCtxtPtr context = nullptr;
  std::vector<std::string> texts;
  bool has_document_type = false;
};

XmlReader::XmlReader(XmlHandler& handler) : state_(std::make_unique<State>(handler)) {}
XmlReader::~XmlReader() = default;

Result<void> XmlReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    TRY(state_->parse(bytes.substr(0, feed_bytes_max), false));
    bytes.remove_prefix(std::min(bytes.size(), feed_bytes_max));
  }
  return {};
}

Result<void> XmlReader::finish() { return state_->parse({}, true); }

}  // namespace packyard
