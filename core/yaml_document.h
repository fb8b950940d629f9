// YamlDocument: a YAML file as a plain tree that remembers lines, so that a wrong setting can be pointed at. Refuses duplicate
// keys, anchors that grow, more than 1 MiB and more than 16 levels. yaml-cpp stays in yaml_document.cpp. Plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace packyard {

struct YamlNode {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  int line = 0;                                           // from 1
  std::string name;             // when it is an entry of a map
  std::string text;             // scalar
  std::vector<YamlNode> items;  // list, or a map's entries in the file's order
};

Result<YamlNode> parse_yaml(std::string_view text);

}  // namespace packyard
