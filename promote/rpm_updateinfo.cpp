#include "promote/rpm_updateinfo.h"

#include <algorithm>
#include <set>

#include "core/xml/xml_document.h"

namespace packyard {
namespace {

std::string id_of(const XmlNode& advisory) {
  const XmlNode* const id = advisory.child("id");
  return id == nullptr ? std::string() : id->own_text();
}

// "2025-03-01 12:00:00" and the like compare as text; empty when it has neither.
std::string date_of(const XmlNode& advisory) {
  for (const char* name : {"updated", "issued"})
    if (const XmlNode* const date = advisory.child(name); date != nullptr && !date->attribute("date").empty())
      return std::string(date->attribute("date"));
  return {};
}

Result<XmlNode> read(std::string_view text) {
  auto parsed = parse_xml(text);
  if (!parsed) return fail(parsed.error().in("updateinfo.xml"));
  if (parsed->name != "updates")
    return fail(ErrorCode::invalid, "updateinfo.xml: its root element is <" + parsed->name + ">, not <updates>");
  std::set<std::string> ids;
  for (const XmlNode& advisory : parsed->children) {
    if (advisory.name.empty()) continue;
    if (advisory.name != "update")
      return fail(ErrorCode::invalid, "updateinfo.xml: <" + advisory.name + "> where <update> is due");
    const std::string id = id_of(advisory);
    if (id.empty()) return fail(ErrorCode::invalid, "updateinfo.xml: an <update> without an <id>");
    if (!ids.insert(id).second) return fail(ErrorCode::invalid, "updateinfo.xml: advisory " + id + " stands there twice");
  }
  return parsed;
}

Result<AdvisedPackage> package_of(const XmlNode& node, const std::string& advisory) {
  AdvisedPackage package{advisory, std::string(node.attribute("name")), {}, std::string(node.attribute("arch"))};
  const std::string_view epoch = node.attribute("epoch");
  if (!epoch.empty() && epoch != "0") package.version = std::string(epoch) + ":";
  package.version.append(node.attribute("version")).append("-").append(node.attribute("release"));
  if (package.name.empty() || node.attribute("version").empty() || node.attribute("release").empty() ||
      package.architecture.empty())
    return fail(ErrorCode::invalid,
                "updateinfo.xml: advisory " + advisory + " has a <package> without name, version, release or arch");
  return package;
}

}  // namespace

Result<std::string> merge_updateinfo(std::string_view previous, std::string_view staged) {
  TRY_ASSIGN(XmlNode added, read(staged));
  XmlNode merged{"updates", {}, {}, {}};
  if (!previous.empty()) {
    TRY_ASSIGN(merged, read(previous));
  }
  std::erase_if(merged.children, [](const XmlNode& node) { return node.name.empty(); });
  for (XmlNode& advisory : added.children) {
    if (advisory.name.empty()) continue;
    const auto same = std::ranges::find(merged.children, id_of(advisory), id_of);
    if (same == merged.children.end()) {
      merged.children.push_back(std::move(advisory));
    } else if (const std::string date = date_of(advisory); date.empty() || date >= date_of(*same)) {
      *same = std::move(advisory);
    }
  }
  return write_xml(merged);
}

Result<std::vector<AdvisedPackage>> packages_in_updateinfo(std::string_view text) {
  TRY_ASSIGN(const XmlNode updates, read(text));
  std::vector<AdvisedPackage> packages;
  for (const XmlNode& advisory : updates.children) {
    if (advisory.name.empty()) continue;
    const std::string id = id_of(advisory);
    const XmlNode* const list = advisory.child("pkglist");
    if (list == nullptr) continue;
    for (const XmlNode& collection : list->children)
      for (const XmlNode& node : collection.children)
        if (node.name == "package") {
          TRY_ASSIGN(AdvisedPackage package, package_of(node, id));
          packages.push_back(std::move(package));
        }
  }
  return packages;
}

}  // namespace packyard
