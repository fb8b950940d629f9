#include "core/settings_file.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

constexpr std::string_view small = R"(site: pkg.example.org
components:
  - {name: core, years: [2025]}
targets:
  rpm:
    - {name: el8-x86_64}
    - {name: el9-x86_64-debug}
    - {name: el9-source, compression: xz}
  deb:
    - {suite: bookworm, architectures: [amd64], origin: Example, label: Example}
storage: {staging: s, state: t, published: p, public_keys: /k}
)";

Result<Settings> load(const std::string& text, const Environment& environment = {}) {
  return parse_settings(text, "/base", "packyard.yml", environment);
}

TEST(SettingsFile, ReadsWithDefaults) {
  const auto settings = load(std::string(small));
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->storage.staging, "/base/s");
  EXPECT_EQ(settings->storage.archive, "/base/s/.archive");
  EXPECT_EQ(settings->storage.public_keys, "/k");
  EXPECT_EQ(settings->rpm_targets[0].compression, Compression::gzip);
  EXPECT_EQ(settings->rpm_targets[0].os, "el8");
  EXPECT_EQ(settings->rpm_targets[0].architecture, "x86_64");
  EXPECT_EQ(settings->rpm_targets[1].kind, RpmTargetKind::debug);
  EXPECT_EQ(settings->rpm_targets[1].architecture, "x86_64");
  EXPECT_EQ(settings->rpm_targets[1].compression, Compression::zstd);
  EXPECT_EQ(settings->rpm_targets[2].kind, RpmTargetKind::source);
  EXPECT_EQ(settings->rpm_targets[2].compression, Compression::xz);
  EXPECT_EQ(settings->deb_targets[0].codename, "bookworm");
  EXPECT_EQ(settings->gate.listen.port, 8080);
  EXPECT_EQ(settings->gate.registry_listen.host, "127.0.0.1");
  EXPECT_EQ(settings->gate.registry_listen.port, 8081);
  EXPECT_EQ(settings->retention.keep_for, std::chrono::hours(720));
}

TEST(SettingsFile, ReadsImages) {
  std::string text(small);
  text.insert(text.find("storage:"), "  oci: [{image: server, floating_tags: [latest, \"1.*\"]}, {image: agent}]\n");
  const auto settings = load(text, {{"PACKYARD_SIGNING_IMAGE_SIGNATURES", "bundle"}});
  ASSERT_TRUE(settings) << settings.error().message;
  const auto* server = settings->find_oci_target("server");
  ASSERT_NE(server, nullptr);
  for (const char* tag : {"latest", "1.", "1.4.2"}) EXPECT_TRUE(server->is_floating(tag)) << tag;
  for (const char* tag : {"latest2", "11", "2.0"}) EXPECT_FALSE(server->is_floating(tag)) << tag;
  EXPECT_FALSE(settings->find_oci_target("agent")->is_floating("latest"));
  EXPECT_TRUE(settings->signing.signs_images_as(ImageSignature::bundle));
  EXPECT_FALSE(settings->signing.signs_images_as(ImageSignature::legacy));
}

TEST(SettingsFile, PatternsOfFloatingTags) {
  const OciTargetSettings target{TargetName::parse("server").value(), {"*-lts", "v*.*.0", "a*"}};
  for (const char* tag : {"-lts", "x-lts", "a", "abc", "v1.2.0", "v1.0.0.0"}) EXPECT_TRUE(target.is_floating(tag)) << tag;
  for (const char* tag : {"lts", "x-lts2", "b", "v1.0", "v1.2.1"}) EXPECT_FALSE(target.is_floating(tag)) << tag;
}

TEST(SettingsFile, VariablesOverride) {
  const auto settings = load(std::string(small), {{"PACKYARD_GATE_LISTEN", "[::1]:1234"},
                                                  {"PACKYARD_GATE_REGISTRY_LISTEN", "0.0.0.0:1235"},
                                                  {"PACKYARD_GATE_PROXIES", "nginx,envoy"},
                                                  {"PKG_DOMAIN", "other.example"},
                                                  {"GPG_KEY_ID", "ABCD"},
                                                  {"PACKYARD_CONFIG", "x"}});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->gate.listen.host, "::1");
  EXPECT_EQ(settings->gate.listen.port, 1234);
  EXPECT_EQ(settings->gate.registry_listen.host, "0.0.0.0");
  EXPECT_EQ(settings->gate.registry_listen.port, 1235);
  EXPECT_EQ(settings->gate.families.size(), 2u);
  EXPECT_EQ(settings->site, "other.example");
  EXPECT_EQ(settings->signing.key_id, "ABCD");
}

struct Wrong {
  std::string added;
  Environment environment;
  std::string expected;
};

TEST(SettingsFile, WrongSettingsStopWithLineAndReason) {
  const std::vector<Wrong> cases = {
      {"colour: red\n", {}, "packyard.yml: line 12: colour: unknown name"},
      {"gate: {listen: 8080}\n", {}, "line 12: gate.listen: expected address:port"},
      {"gate: {listen: '127.0.0.1:70000'}\n", {}, "gate.listen: expected address:port"},
      {"gate: {registry_listen: '8081'}\n", {}, "gate.registry_listen: expected address:port"},
      {"gate: {threads: 0}\n", {}, "gate.threads: expected a whole number from 1 to 256"},
      {"gate: {threads: 1x}\n", {}, "gate.threads"},
      {"gate: {trusted_proxies: [10.0.0.1/8]}\n", {}, "gate.trusted_proxies: '10.0.0.1/8'"},
      {"gate: {scope_denial_status: 402}\n", {}, "gate.scope_denial_status: 402"},
      {"gate: {expiry_denial_status: 404}\n", {}, "gate.expiry_denial_status"},
      {"gate: {trusted_proxies: [traefik]}\n", {}, "gate.trusted_proxies: 'traefik'"},
      {"gate: {proxies: [squid]}\n", {}, "gate.proxies: expected traefik"},
      {"gate: [1]\n", {}, "gate: expected names and values"},
      {"admin: {listen: '0.0.0.0:8088'}\n", {}, "is not loopback"},
      {"admin: {listen: '0.0.0.0:8088', allow_non_loopback: true}\n", {}, "admin.token_file: needed"},
      {"admin: {tokens: [{name: a b, role: read, file: f}]}\n", {}, "admin.tokens[0].name: 'a b'"},
      {"admin: {tokens: [{name: a, role: root, file: f}]}\n", {}, "admin.tokens[0].role: expected read, keys or all"},
      {"admin: {tokens: [{name: a, role: read}]}\n", {}, "admin.tokens[0].file: needed"},
      {"admin: {tokens: [{name: a, role: read, file: f}, {name: a, role: all, file: g}]}\n", {}, "admin.tokens[1].name: 'a' stands twice"},
      {"admin: {tokens: [{name: admin, role: read, file: f}]}\n", {}, "admin.tokens[0].name: 'admin' stands twice, or is"},
      {"signing: {foreign_signature: maybe}\n", {}, "expected refuse or re-sign"},
      {"retention: {keep_generations_min: 1}\n", {}, "from 2 to"},
      {"log: {level: loud}\n", {}, "log.level"},
      {"signing: {image_signatures: [gpg]}\n", {}, "signing.image_signatures: expected legacy or bundle"},
      {"signing: {image_signatures: []}\n", {}, "name at least one"},
      {"retention: {untagged_images: some}\n", {}, "retention.untagged_images: expected keep or remove"},
      {"worker: {resident: yes}\n", {}, "expected true or false"},
      {"worker: {queue: p/queue}\n", {}, "worker.queue: must not lie inside published"},
      {"", {{"PACKYARD_GATE_COLOUR", "red"}}, "variable PACKYARD_GATE_COLOUR: names no setting"},
      {"", {{"PACKYARD_GATE_THREADS", "many"}}, "variable PACKYARD_GATE_THREADS: gate.threads"},
      {"", {{"PACKYARD_STORAGE_STATE", "p/state"}}, "must not lie inside published"},
  };
  for (const Wrong& wrong : cases) {
    const auto settings = load(std::string(small) + wrong.added, wrong.environment);
    ASSERT_FALSE(settings) << wrong.added << wrong.expected;
    EXPECT_NE(settings.error().message.find(wrong.expected), std::string::npos) << settings.error().message;
  }
}

TEST(SettingsFile, RefusesWrongComponentsAndTargets) {
  const auto settings = load(R"(components:
  - {name: Core, years: [2025]}
  - {name: a, years: []}
  - {name: a, years: [25]}
targets:
  rpm: [{name: el9}, {name: el9-x86_64, compression: bz2}]
  deb: [{suite: bookworm, architectures: [all], origin: x}, {architectures: [amd64]}]
)");
  ASSERT_FALSE(settings);
  for (const char* expected :
       {"line 2: components[0].name: 'Core'", "line 3: components[1].years", "line 4: components[2].years: '25'",
        "is listed twice", "targets.rpm[0].name: an RPM target is os-arch", "targets.rpm[1].compression",
        "'all' is no Debian architecture", "targets.deb[0].label", "targets.deb[1].suite: missing", "storage.staging: missing"})
    EXPECT_NE(settings.error().message.find(expected), std::string::npos) << expected << "\n" << settings.error().message;
}

TEST(SettingsFile, RefusesWrongImages) {
  const auto settings = load(R"(site: "https://Pkg.example.org/"
components: [{name: core, years: [2025]}]
targets:
  oci: [{image: Server}, {image: tags}, {image: server, floating_tags: ["1 4"]}, {image: server}]
storage: {staging: s, state: t, published: p, public_keys: /k}
)");
  ASSERT_FALSE(settings);
  for (const char* expected : {"targets.oci[0].image: 'Server'", "targets.oci[1].image: 'tags'", "'1 4' is no pattern of tags",
                               "targets.oci[3].image: 'server' is listed twice", "site: images are signed for the name"})
    EXPECT_NE(settings.error().message.find(expected), std::string::npos) << expected << "\n" << settings.error().message;
}

TEST(SettingsFile, ValidUntilDemandsAResidentWorker) {
  std::string text(small);
  text.replace(text.find("label: Example}"), 15, "label: Example, valid_until_days: 14}");
  EXPECT_NE(load(text).error().message.find("worker.resident"), std::string::npos);
  EXPECT_TRUE(load(text + "worker: {resident: true}\n"));
}

TEST(SettingsFile, TheQueueLiesInTheStateUnlessItIsNamed) {
  EXPECT_EQ(load(std::string(small))->worker.queue, load(std::string(small))->storage.state / "queue");
  const auto named = load(std::string(small), {{"PACKYARD_WORKER_QUEUE", "/srv/queue"}});
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(named->worker.queue, "/srv/queue");
}

TEST(SettingsFile, TheShippedFileIsValid) {
  const char* source = std::getenv("PACKYARD_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  const auto settings = load_settings(std::filesystem::path(source) / "config/packyard.yml", {});
  EXPECT_TRUE(settings) << settings.error().message;
}

}  // namespace
}  // namespace packyard
