#include "core/yaml_document.h"

#include <yaml-cpp/yaml.h>

#include <set>

namespace packyard {
namespace {

constexpr std::size_t bytes_max = 1 << 20;
constexpr int depth_max = 16;
constexpr std::size_t nodes_max = 20'000;

struct Refused {
  Error error;
};

class Converter {
 public:
  YamlNode convert(const YAML::Node& from, int depth) {
    YamlNode to;
    to.line = from.Mark().line + 1;
    if (depth > depth_max || ++nodes_ > nodes_max) refuse(to.line, "nested too deep or too large");
    switch (from.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null: break;
      case YAML::NodeType::Scalar:
        to.kind = YamlNode::Kind::scalar;
        to.text = from.Scalar();
        break;
      case YAML::NodeType::Sequence:
        to.kind = YamlNode::Kind::list;
        for (const auto& item : from) to.items.push_back(convert(item, depth + 1));
        break;
      case YAML::NodeType::Map: convert_map(from, to, depth); break;
    }
    return to;
  }

 private:
  void convert_map(const YAML::Node& from, YamlNode& to, int depth) {
    to.kind = YamlNode::Kind::map;
    std::set<std::string> seen;
    for (const auto& entry : from) {
      const int line = entry.first.Mark().line + 1;
      if (!entry.first.IsScalar()) refuse(line, "a name must be plain text");
      const std::string name = entry.first.Scalar();
      if (!seen.insert(name).second) refuse(line, "'" + name + "' is given twice");
      YamlNode value = convert(entry.second, depth + 1);
      value.line = line;
      value.name = name;
      to.items.push_back(std::move(value));
    }
  }

  [[noreturn]] static void refuse(int line, const std::string& why) {
    throw Refused{Error{ErrorCode::invalid, "line " + std::to_string(line) + ": " + why}};
  }

  std::size_t nodes_ = 0;
};

}  // namespace

Result<YamlNode> parse_yaml(std::string_view text) {
  if (text.size() > bytes_max) return fail(ErrorCode::invalid, "larger than 1 MiB");
  try {
    return Converter().convert(YAML::Load(std::string(text)), 0);
  } catch (const Refused& refused) {
    return fail(refused.error);
  } catch (const YAML::Exception& problem) {
    return fail(ErrorCode::invalid, "line " + std::to_string(problem.mark.line + 1) + ": not valid YAML: " + problem.msg);
  } catch (const std::exception& problem) {
    return fail(ErrorCode::invalid, std::string("not valid YAML: ") + problem.what());
  }
}

}  // namespace packyard
