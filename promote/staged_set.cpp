#include "promote/staged_set.h"

#include <nlohmann/json.hpp>

namespace packyard {

Result<std::map<std::string, Sha256>> parse_staged_set(std::string_view text) {
  const auto refuse = [](const std::string& why) {
    return fail(ErrorCode::invalid, "set.json: " + why + "; it must read {\"files\":[{\"name\":\"…\",\"sha256\":\"…\"}]}");
  };
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return refuse("not JSON");
  if (!json.is_object() || json.size() != 1 || !json.contains("files") || !json["files"].is_array())
    return refuse("not an object with files");
  std::map<std::string, Sha256> files;
  for (const auto& file : json["files"]) {
    if (!file.is_object() || file.size() != 2 || !file.contains("name") || !file.contains("sha256") ||
        !file["name"].is_string() || !file["sha256"].is_string())
      return refuse("a file without name and sha256");
    const auto& name = file["name"].get_ref<const std::string&>();
    if (name.empty() || name.find('/') != std::string::npos || name == staged_set_name)
      return refuse("a name that is not a file name");
    auto digest = Sha256::parse_hex(file["sha256"].get_ref<const std::string&>());
    if (!digest) return refuse("a sha256 that is not 64 lower-case hexadecimal digits");
    if (!files.emplace(name, *digest).second) return refuse("a name twice");
  }
  return files;
}

}  // namespace packyard
