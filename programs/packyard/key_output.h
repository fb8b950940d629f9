// Keys and their use as text for a terminal: one in full, several as a table. Pure functions; what they show comes from our own
// admin, whose labels and names cannot steer a terminal.
#pragma once

#include <string>
#include <vector>

#include "admin/key_json.h"
#include "storage/key_usage.h"

namespace packyard {

std::string described(const KeyView& key);
std::string as_table(const std::vector<KeyView>& keys);
std::string as_table(const std::vector<UsageDay>& days);

}  // namespace packyard
