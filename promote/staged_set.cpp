#include "promote/staged_set.h"

#include "core/json_document.h"

namespace packyard {

Result<std::map<std::string, Sha256>> parse_staged_set(std::string_view text) {
  const auto refuse = [](const std::string& why) {
    return fail(ErrorCode::invalid, "set.json: " + why + "; it must read {\"files\":[{\"name\":\"…\",\"sha256\":\"…\"}]}");
  };
  const auto json = parse_json(text);
  if (!json) return refuse(json.error().message);
  const JsonNode* const listed = json->find("files");
  if (json->items.size() != 1 || listed == nullptr || listed->kind != JsonNode::Kind::list)
    return refuse("not an object with files");
  std::map<std::string, Sha256> files;
  for (const JsonNode& file : listed->items) {
    const JsonNode* const name = file.find("name");
    const JsonNode* const sha256 = file.find("sha256");
    if (file.items.size() != 2 || name == nullptr || sha256 == nullptr || name->kind != JsonNode::Kind::text ||
        sha256->kind != JsonNode::Kind::text)
      return refuse("a file without name and sha256");
    if (name->text.empty() || name->text.find('/') != std::string::npos || name->text == staged_set_name)
      return refuse("a name that is not a file name");
    auto digest = Sha256::parse_hex(sha256->text);
    if (!digest) return refuse("a sha256 that is not 64 lower-case hexadecimal digits");
    if (!files.emplace(name->text, *digest).second) return refuse("a name twice");
  }
  return files;
}

}  // namespace packyard
