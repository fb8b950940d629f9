#include "admin/openapi_document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "admin/routes.h"
#include "auth/reason.h"
#include "core/json_document.h"

namespace packyard {
namespace {

// What the API cannot say of itself in code is held against openapi.json here; the answers: tests/programs/openapi_test.py.
class OpenApi : public testing::Test {
 protected:
  const JsonNode& at(std::initializer_list<std::string_view> names) {
    const JsonNode* node = &document_;
    for (const std::string_view name : names) {
      node = node->find(name);
      if (node == nullptr) throw std::out_of_range("no " + std::string(name));
    }
    return *node;
  }
  static std::set<std::string> texts(const JsonNode& list) {
    std::set<std::string> all;
    for (const JsonNode& item : list.items) all.insert(item.text);
    return all;
  }
  const JsonNode document_ = parse_json(openapi_document()).value();
};

TEST_F(OpenApi, DescribesTheRoutesAndNoOthers) {
  EXPECT_EQ(at({"openapi"}).text, "3.1.0");
  std::set<std::string> described, known;
  for (const JsonNode& path : at({"paths"}).items)
    for (const JsonNode& operation : path.items) {
      if (operation.name == "parameters") continue;
      std::string method = operation.name;
      std::ranges::transform(method, method.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      described.insert(method + " " + path.name + " " + operation.find("x-packyard-role")->text);
    }
  for (const AdminRoute& route : admin_routes())
    known.insert(std::string(route.method) + " " + std::string(route.path) + " " + std::string(to_string(route.needs)));
  EXPECT_EQ(described, known);
}

TEST_F(OpenApi, KnowsEveryCodeAndStatus) {
  std::set<std::string> codes;
  std::set<unsigned> statuses;
  for (const ApiErrorEntry& entry : error_catalog()) {
    codes.insert(std::string(entry.code));
    statuses.insert(entry.status);
  }
  EXPECT_EQ(texts(at({"components", "schemas", "Error", "properties", "error", "properties", "code", "enum"})), codes);
  std::set<std::string> reasons;
  for (const Reason reason : all_reasons) reasons.insert(std::string(to_string(reason)));
  EXPECT_EQ(texts(at({"components", "schemas", "Verdict", "properties", "reason", "enum"})), reasons);
  std::set<unsigned> described;
  for (const JsonNode& path : at({"paths"}).items)
    for (const JsonNode& operation : path.items)
      if (const JsonNode* const responses = operation.find("responses"))
        for (const JsonNode& response : responses->items)
          if (response.name >= "400") described.insert(static_cast<unsigned>(std::stoul(response.name)));
  statuses.erase(405);  // of paths that have no such operation
  EXPECT_EQ(described, statuses);
}

}  // namespace
}  // namespace packyard
