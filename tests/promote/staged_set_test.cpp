#include "promote/staged_set.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(StagedSet, ReadsNamesAndDigests) {
  const auto set = parse_staged_set(R"({"files":[{"name":"a.deb","sha256":")" + sha256("a").hex() + R"("}]})").value();
  ASSERT_EQ(set.size(), 1u);
  EXPECT_EQ(set.at("a.deb"), sha256("a"));
}

TEST(StagedSet, RefusesEverythingElse) {
  const std::string sum = sha256("a").hex();
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"files":{}})"),
        std::string(R"({"files":[],"more":1})"), R"({"files":[{"name":"a","sha256":")" + sum + R"(","x":1}]})",
        R"({"files":[{"name":"../a","sha256":")" + sum + R"("}]})", std::string(R"({"files":[{"name":"a","sha256":"12"}]})"),
        R"({"files":[{"name":"","sha256":")" + sum + R"("}]})",
        R"({"files":[{"name":"a","sha256":")" + sum + R"("},{"name":"a","sha256":")" + sum + R"("}]})",
        std::string(100'000, '[')})
    EXPECT_EQ(parse_staged_set(text).error().code, ErrorCode::invalid) << text.substr(0, 100);
}

}  // namespace
}  // namespace packyard
