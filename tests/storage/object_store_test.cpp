#include "storage/object_store.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(ObjectKey, AcceptsWhatPackagesAreCalledAndNothingElse) {
  for (const char* good : {"a", "core/2025/deb/bookworm/lib+_1%3a2~b^c_amd64.deb", ".archive/000001/x", "a/b:c@d=e,f"})
    EXPECT_TRUE(ObjectKey::parse(good)) << good;
  for (const std::string& bad : {std::string(),          std::string("/a"),
                                 std::string("a/"),      std::string("a//b"),
                                 std::string("."),       std::string("a/.."),
                                 std::string("../a"),    std::string("a b"),
                                 std::string("a\\b"),    std::string("a\nb"),
                                 std::string("a\0b", 3), std::string("-rf"),
                                 std::string("a/-b"),    std::string("\xc3\xa9"),
                                 std::string("a*"),      std::string("a?b"),
                                 std::string("a;b"),     std::string("$a"),
                                 std::string(256, 'a'),  std::string(600, 'a') + "/" + std::string(600, 'b')})
    EXPECT_EQ(ObjectKey::parse(bad).error().code, ErrorCode::invalid) << bad;
}

}  // namespace
}  // namespace packyard
