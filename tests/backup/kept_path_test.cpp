#include "backup/kept_path.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(KeptPath, NamesAFileInAnArea) {
  for (const char* text : {"public/current", "public/pool/deb/core/2025/a+b~1_all.deb", "state/catalog.db",
                           "keys/peppers/0badcafe", "public_keys/lts.asc", "settings/packyard.yml", "also/etc/a b"}) {
    const auto path = KeptPath::parse(text);
    ASSERT_TRUE(path) << text;
    EXPECT_EQ(path->text(), text);
    EXPECT_EQ(std::string(path->area()) + "/" + std::string(path->below()), text);
  }
}

TEST(KeptPath, NeverLeavesIt) {
  for (const std::string& text :
       {std::string(""), std::string("public"), std::string("public/"), std::string("/etc/passwd"), std::string("etc/passwd"),
        std::string("public/../x"), std::string("public/a/.."), std::string("public//x"), std::string("public/./x"),
        std::string("public/x/"), std::string("public/a\nb"), std::string("public/\xc3\xa4"), std::string("public/a\0b", 10),
        "public/" + std::string(256, 'a'), "public" + std::string(3000, '/')})
    EXPECT_FALSE(KeptPath::parse(text)) << text;
}

TEST(KeptPath, LinksStayInside) {
  const auto at = [](const char* text) { return KeptPath::parse(text).value(); };
  EXPECT_TRUE(stays_inside(at("public/current"), "releases/000001"));
  EXPECT_TRUE(stays_inside(at("public/releases/000001/rpm/core/2025/el9"), "../../../../../generations/x"));
  for (const std::string& target : {std::string(""), std::string("/etc"), std::string("../x"), std::string(".."),
                                    std::string("a/../../x"), std::string("../public_keys/x"), std::string("a\0b", 3)})
    EXPECT_FALSE(stays_inside(at("public/current"), target)) << target;
}

}  // namespace
}  // namespace packyard
