#include "signer/key_judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/openpgp_armor.h"
#include "signer/openpgp_packets.h"
#include "tests/support/test_keys.h"

namespace packyard {
namespace {

const Timestamp now = Timestamp::parse_rfc3339("2026-06-01T00:00:00Z").value();

std::string key_text(const std::string& name) { return test::read_whole(test::public_key_file(name)); }

std::string fingerprint_of(const std::string& name, std::uint8_t tag = openpgp_tag::public_key) {
  const std::string bytes = read_openpgp_armor(key_text(name), armored_public_key).value();
  const auto packets = read_openpgp_packets(bytes).value();
  for (const auto& packet : packets)
    if (packet.tag == tag) return read_openpgp_public_key(packet.body).value().fingerprint;
  return "";
}

Settings settings() {
  Settings made;
  for (const char* os : {"el8", "el9", "el10", "sles15"}) {
    const auto name = TargetName::parse(std::string(os) + "-x86_64").value();
    made.rpm_targets.push_back({name, os, "x86_64", RpmTargetKind::binary, Compression::gzip, {}});
  }
  made.deb_targets.push_back({TargetName::parse("bookworm").value(), {"amd64"}, "", "", "", "", {}, false, {}});
  return made;
}

// The worst judgement of each target: el8, el9, el10, sles15, bookworm; '.', 'w' or 'R'.
std::string summary(const std::vector<KeyVerdict>& verdicts) {
  std::string text;
  for (const char* target : {"rpm/el8-x86_64", "rpm/el9-x86_64", "rpm/el10-x86_64", "rpm/sles15-x86_64", "deb/bookworm"}) {
    KeyJudgement worst = KeyJudgement::good;
    bool any = false;
    for (const auto& verdict : verdicts) {
      if (verdict.target != target) continue;
      any = true;
      worst = std::max(worst, verdict.judgement);
    }
    text += !any ? '?' : ".wR"[static_cast<int>(worst)];
  }
  return text;
}

std::string judged(const std::string& name, Timestamp at = now) {
  const auto verdicts = judge_key(key_text(name), fingerprint_of(name), settings(), at);
  return verdicts ? summary(*verdicts) : verdicts.error().message;
}

std::string reasons(const std::string& name, const std::string& fingerprint) {
  std::string text;
  const auto verdicts = judge_key(key_text(name), fingerprint, settings(), now);
  for (const auto& verdict : *verdicts)
    text += verdict.target + " " + std::string(to_string(verdict.judgement)) + " " + verdict.reason + "\n";
  return text;
}

TEST(KeyJudge, KnowsWhatEachTargetsClientsRefuse) {
  EXPECT_EQ(judged("release"), ".....");
  EXPECT_EQ(judged("stranger"), "wwwww");  // rsa3072
  EXPECT_EQ(judged("weak"), "RRRRR");      // rsa1024
  EXPECT_EQ(judged("ed25519"), "RR.w.");
  EXPECT_EQ(judged("sha1"), "wRRRR");
  EXPECT_EQ(judged("expired"), "RRRRR");
}

TEST(KeyJudge, LooksAtTheClock) {
  const Timestamp expiry{1735689600 + 20ll * 365 * 86400};
  EXPECT_EQ(judged("expiring", {expiry.seconds - 91 * 86400}), "wwwww");  // rsa2048 anyway
  const auto close = judge_key(key_text("expiring"), fingerprint_of("expiring"), settings(), {expiry.seconds - 89 * 86400});
  EXPECT_NE(close->at(1).reason.find("expires in 89 days"), std::string::npos) << close->at(1).reason;
  EXPECT_EQ(judged("expiring", expiry), "RRRRR");
  EXPECT_EQ(judged("release", Timestamp{1000}), "RRRRR");  // made in the future
}

TEST(KeyJudge, TellsWhenTheKeyExpires) {
  const auto expiry = [](const std::string& name) { return expiry_of_key(key_text(name), fingerprint_of(name)).value(); };
  EXPECT_EQ(expiry("expiring"), Timestamp{1735689600 + 20ll * 365 * 86400});
  EXPECT_EQ(expiry("release"), std::nullopt);
  EXPECT_FALSE(expiry_of_key(key_text("release"), fingerprint_of("expiring")));
}

TEST(KeyJudge, JudgesTheSubkeyThatSigns) {
  const std::string subkey = fingerprint_of("subkey", openpgp_tag::public_subkey);
  EXPECT_NE(reasons("subkey", subkey).find("the signing subkey is rsa3072"), std::string::npos);
  EXPECT_EQ(reasons("subkey", fingerprint_of("subkey")).find("rsa3072"), std::string::npos);
}

TEST(KeyJudge, SaysWhatToDo) {
  const auto says = [](const std::string& name, const std::string& words) {
    return reasons(name, fingerprint_of(name)).find(words) != std::string::npos;
  };
  EXPECT_TRUE(says("ed25519", "rpm of el9 cannot verify it: sign with an RSA 4096 key"));
  EXPECT_TRUE(says("sha1", "--cert-digest-algo SHA512"));
  EXPECT_TRUE(says("expired", "expired on 2020-12-31"));
}

TEST(KeyJudge, RefusesWhatIsNoKey) {
  EXPECT_FALSE(judge_key("rubbish", fingerprint_of("release"), settings(), now));
  EXPECT_EQ(judge_key(key_text("release"), fingerprint_of("stranger"), settings(), now).error().code, ErrorCode::not_found);
}

TEST(KeyJudge, FindsTheKeyInTheServedFile) {
  const auto file = std::filesystem::path(testing::TempDir()) / "key_judge_test.asc";
  std::ofstream(file) << test::read_whole(test::public_key_file("stranger")) << test::read_whole(test::public_key_file("release"));
  EXPECT_TRUE(check_key_is_served(file, fingerprint_of("release")));
  EXPECT_TRUE(check_key_is_served(file, fingerprint_of("release", openpgp_tag::public_subkey)));
  const auto missing = check_key_is_served(file, fingerprint_of("ed25519"));
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("packyard signing-key export"), std::string::npos);
  EXPECT_FALSE(check_key_is_served("/does/not/exist", fingerprint_of("release")));
  const auto served = served_fingerprints(file).value();
  for (const auto& fingerprint :
       {fingerprint_of("stranger"), fingerprint_of("release"), fingerprint_of("release", openpgp_tag::public_subkey)})
    EXPECT_NE(std::ranges::find(served, fingerprint), served.end()) << fingerprint;
  EXPECT_EQ(served_fingerprints("/does/not/exist").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace packyard
