#include "core/settings_text.h"

#include <gtest/gtest.h>

#include "core/settings_file.h"

namespace packyard {
namespace {

TEST(SettingsText, LoadsAgainAsTheSame) {
  const auto settings = parse_settings(R"(components: [{name: core, years: [2025, 2026]}]
targets:
  rpm: [{name: el9-x86_64, keep: 3}]
  deb: [{suite: bookworm, architectures: [amd64, arm64], origin: 'Ex "a"', label: L, valid_until_days: 14, contents: true}]
storage: {staging: s, state: t, published: p, public_keys: k}
gate: {listen: '[::1]:80', registry_listen: '127.0.0.1:18081', proxies: [nginx, envoy, traefik],
       expiry_denial_status: 402, trusted_proxies: [10.0.0.0/8, '2001:db8::1']}
admin: {allowed_hosts: [a.example], token_file: t, tokens: [{name: ops, role: keys, file: o}]}
signing: {subkey: AB, foreign_signature: re-sign}
worker: {resident: true, queue: q}
)",
                                       "/base", "packyard.yml", {});
  ASSERT_TRUE(settings) << settings.error().message;
  const std::string shown = settings_text(*settings);
  const auto again = parse_settings(shown, "/base", "shown", {});
  ASSERT_TRUE(again) << again.error().message << shown;
  EXPECT_EQ(settings_text(*again), shown);
  for (const char* expected :
       {"keep: 3", "valid_until_days: 14", "[nginx, envoy, traefik]", "\"[::1]:80\"", "trusted_proxies: [\"10.0.0.0/8\", \"2001:db8::1\"]",
        "registry_listen: \"127.0.0.1:18081\"", "foreign_signature: re-sign", "scope_denial_status: 401", "expiry_denial_status: 402",
        "token_file: \"/base/t\"", "{name: \"ops\", role: keys, file: \"/base/o\"}", "queue: \"/base/q\""})
    EXPECT_NE(shown.find(expected), std::string::npos) << expected;
}

}  // namespace
}  // namespace packyard
