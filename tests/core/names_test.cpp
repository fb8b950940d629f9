#include "core/names.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(Names, AcceptsTheOciGrammar) {
  for (const char* text : {"core", "a", "core-extra", "a.b_c-d", "x86", "0"}) EXPECT_TRUE(ComponentName::parse(text)) << text;
}

TEST(Names, RefusesEverythingElse) {
  for (const char* text : {"", "Core", "-a", "a-", "a--b", "a..b", "a/b", "..", "a%2fb", "manifests", "blobs", "tags",
                           "referrers", "a b", "a\n", "ä"})
    EXPECT_FALSE(ComponentName::parse(text)) << text;
  EXPECT_FALSE(ComponentName::parse(std::string(65, 'a')));
  for (const char* text : {"", "25", "1999", "20255", "2o25", "3000"}) EXPECT_FALSE(Year::parse(text)) << text;
}

TEST(TargetId, RoundTrips) {
  for (const char* text : {"rpm/core/2025/el9-x86_64", "deb/plus/2024/bookworm", "oci/core/2025/server"}) {
    const auto target = TargetId::parse(text);
    ASSERT_TRUE(target) << text;
    EXPECT_EQ(target->text(), text);
  }
  for (const char* text :
       {"rpm/core/2025", "rpm/core/2025/a/b", "tar/core/2025/a", "rpm//2025/a", "/rpm/core/2025/a", "rpm/core/2025/"})
    EXPECT_FALSE(TargetId::parse(text)) << text;
}

}  // namespace
}  // namespace packyard
