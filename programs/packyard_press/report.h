// How results are shown: lines for a person, or one JSON object on standard output (--json). Pure functions over an outcome.
#pragma once

#include <string>
#include <vector>

#include "promote/promoter.h"
#include "promote/rollback.h"

namespace packyard {

std::string changes_as_text(const std::vector<ContentChange>& changes);
std::string changes_as_json(const std::vector<ContentChange>& changes);
// "- subject: problem", one a line.
std::string findings_as_text(const std::vector<Finding>& findings);
std::string findings_as_json(const std::vector<Finding>& findings);

}  // namespace packyard
