#include "promote/rpm_target_rules.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

RpmTargetSettings target(const char* name, const char* os, const char* architecture, RpmTargetKind kind = RpmTargetKind::binary) {
  return {.name = TargetName::parse(name).value(),
          .os = os,
          .architecture = architecture,
          .kind = kind,
          .compression = Compression::zstd,
          .keep_versions = {}};
}
const std::vector<RpmTargetSettings> all = {target("el9-x86_64", "el9", "x86_64"),
                                            target("el9-aarch64", "el9", "aarch64"),
                                            target("el9-source", "el9", "", RpmTargetKind::source),
                                            target("el9-x86_64-debug", "el9", "x86_64", RpmTargetKind::debug),
                                            target("el8-x86_64", "el8", "x86_64"),
                                            target("acmeos-x86_64", "acmeos", "x86_64")};

std::string refusal(const char* name, const char* version, const char* architecture, std::string_view staged_under) {
  PackageFacts facts;
  facts.name = name;
  facts.version = version;
  facts.architecture = architecture;
  for (const RpmTargetSettings& candidate : all)
    if (candidate.name.text() == staged_under) {
      const auto outcome = check_rpm_target(facts, candidate, all);
      return outcome ? "" : outcome.error().message;
    }
  return "no such target";
}

TEST(RpmTargetRules, FindsTheOsInARelease) {
  for (const auto& [release, os] : {std::pair{"1.el9", "el9"},
                                    {"1.el9_2", "el9"},
                                    {"1.module+el8.6.0+123+ab", "el8"},
                                    {"3.fc40", "fc40"},
                                    {"1.el10.acme", "el10"},
                                    {"1", ""},
                                    {"1.elf2x", ""},
                                    {"0.1.el9.3", "el9"},
                                    {"1.amzn2023", "amzn2023"},
                                    {"1.el", ""},
                                    {"el9", ""}})
    EXPECT_EQ(os_of_release(release), os) << release;
}

TEST(RpmTargetRules, WhatFitsIsTaken) {
  EXPECT_EQ(refusal("acme", "1.0-1.el9", "x86_64", "el9-x86_64"), "");
  for (const char* architecture : {"i386", "i586", "i686", "noarch"})
    EXPECT_EQ(refusal("acme", "1.0-1.el9", architecture, "el9-x86_64"), "");
  EXPECT_EQ(refusal("acme", "2:1.0-1", "noarch", "el9-aarch64"), "");
  EXPECT_EQ(refusal("acme", "1.0-1.el9", "src", "el9-source"), "");
  EXPECT_EQ(refusal("acme-debuginfo", "1.0-1.el9", "x86_64", "el9-x86_64-debug"), "");
  EXPECT_EQ(refusal("acme-debuginfo", "1.0-1.el9", "aarch64", "el9-aarch64"), "");  // has no debug target of its own
  EXPECT_EQ(refusal("acme", "1.0-1.el9", "x86_64", "acmeos-x86_64"), "");           // no family that a dist tag could contradict
}

TEST(RpmTargetRules, WhatDoesNotFitIsSentToItsTarget) {
  const auto names = [](const std::string& message, std::string_view right) {
    return message.ends_with("stage it under " + std::string(right));
  };
  EXPECT_TRUE(names(refusal("acme", "1.0-1.el8", "x86_64", "el9-x86_64"), "el8-x86_64"));
  EXPECT_TRUE(names(refusal("acme", "1.0-1.el9", "aarch64", "el9-x86_64"), "el9-aarch64"));
  EXPECT_TRUE(names(refusal("acme", "1.0-1.el9", "i686", "el9-aarch64"), "el9-x86_64"));
  EXPECT_TRUE(names(refusal("acme", "1.0-1.el9", "src", "el9-x86_64"), "el9-source"));
  EXPECT_TRUE(names(refusal("acme", "1.0-1.el9", "nosrc", "el9-aarch64"), "el9-source"));
  EXPECT_TRUE(names(refusal("acme-debuginfo", "1.0-1.el9", "x86_64", "el9-x86_64"), "el9-x86_64-debug"));
  EXPECT_TRUE(names(refusal("acme", "1.0-1.el9", "x86_64", "el9-x86_64-debug"), "el9-x86_64"));
  EXPECT_NE(refusal("acme", "1.0-1.fc40", "x86_64", "el9-x86_64").find("no configured target takes it"), std::string::npos);
  EXPECT_NE(refusal("acme", "1.0-1", "s390x", "el9-x86_64").find("no configured target takes it"), std::string::npos);
}

}  // namespace
}  // namespace packyard
