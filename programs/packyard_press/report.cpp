#include "programs/packyard_press/report.h"

#include "core/json_text.h"

namespace packyard {

std::string changes_as_text(const std::vector<ContentChange>& changes) {
  std::string text, target;
  for (const auto& change : changes) {
    if (change.target != target) text += change.target + "\n";
    target = change.target;
    text += "  " + std::string(to_string(change.kind)) + " " + change.name + " " + change.version + " " + change.architecture +
            (change.previous_version.empty() ? "" : " (was " + change.previous_version + ")") + "\n";
  }
  return text;
}

std::string changes_as_json(const std::vector<ContentChange>& changes) {
  std::string text;
  for (const auto& change : changes) {
    text += (text.empty() ? "{\"kind\":" : ",{\"kind\":") + json_text(to_string(change.kind)) +
            ",\"target\":" + json_text(change.target) + ",\"name\":" + json_text(change.name) +
            ",\"version\":" + json_text(change.version) + ",\"architecture\":" + json_text(change.architecture);
    if (!change.previous_version.empty()) text += ",\"previous_version\":" + json_text(change.previous_version);
    text += "}";
  }
  return "[" + text + "]";
}

std::string findings_as_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) text += "- " + finding.subject + ": " + finding.problem + "\n";
  return text;
}

std::string findings_as_json(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings)
    text += (text.empty() ? "{\"subject\":" : ",{\"subject\":") + json_text(finding.subject) +
            ",\"problem\":" + json_text(finding.problem) + "}";
  return "[" + text + "]";
}

}  // namespace packyard
