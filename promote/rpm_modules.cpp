#include "promote/rpm_modules.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/yaml_document.h"

namespace packyard {
namespace {

constexpr std::array<std::string_view, 5> document_kinds = {"modulemd", "modulemd-stream", "modulemd-defaults",
                                                            "modulemd-obsoletes", "modulemd-translations"};

// A document begins at a line "---" and ends before the next or at "..."; both stand at the line's very front, where nothing
// inside a document can.
std::vector<std::string> documents_of(std::string_view text) {
  std::vector<std::string> documents(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line == "---" || line.starts_with("--- ") || line == "...") {
      documents.emplace_back();
    } else {
      documents.back().append(line).append("\n");
    }
  }
  return documents;
}

std::string text_in(const YamlNode& map, std::string_view name) {
  const auto found = std::ranges::find(map.items, name, &YamlNode::name);
  return found != map.items.end() && found->kind == YamlNode::Kind::scalar ? found->text : std::string();
}

}  // namespace

Result<std::set<std::string>> module_streams(std::string_view modules_yaml) {
  std::set<std::string> streams;
  int number = 0;
  for (const std::string& text : documents_of(modules_yaml)) {
    const std::string where = "modules.yaml, document " + std::to_string(number + 1);
    const auto document = parse_yaml(text);
    if (!document) return fail(document.error().in(where));
    if (document->kind == YamlNode::Kind::null) continue;
    ++number;
    const std::string kind = text_in(*document, "document");
    if (std::ranges::find(document_kinds, kind) == document_kinds.end())
      return fail(ErrorCode::invalid, where + ": not a modulemd document (its field 'document' is '" + kind + "')");
    const auto data = std::ranges::find(document->items, "data", &YamlNode::name);
    if (data == document->items.end() || data->kind != YamlNode::Kind::map)
      return fail(ErrorCode::invalid, where + ": has no data");
    if (kind != "modulemd" && kind != "modulemd-stream") continue;
    const std::string name = text_in(*data, "name"), stream = text_in(*data, "stream");
    if (name.empty() || stream.empty()) return fail(ErrorCode::invalid, where + ": a module without name or stream");
    streams.insert(name + ":" + stream);
  }
  if (number == 0) return fail(ErrorCode::invalid, "modules.yaml: it has no document");
  return streams;
}

}  // namespace packyard
