#include "promote/gates.h"

#include <gtest/gtest.h>

#include "tests/support/fake_format.h"

namespace packyard {
namespace {

PackageFacts signed_by(std::vector<std::string> ids) {
  PackageFacts facts;
  facts.version = "1.5";
  facts.signer_key_ids = std::move(ids);
  return facts;
}

PublishedName taken(NameState state, const char* staged, const char* published) {
  return {1, "pool/x", 1, sha256(staged), sha256(published), 1, state};
}

TEST(Gates, KnowsOurKeyByFingerprintOrLongId) {
  const std::vector<std::string> ours = {"0123456789ABCDEF0123456789ABCDEF01234567", ""};
  EXPECT_FALSE(gates::signer(signed_by({}), ours, ForeignSignature::refuse));
  EXPECT_FALSE(gates::signer(signed_by({"89ABCDEF01234567"}), ours, ForeignSignature::refuse));
  EXPECT_FALSE(gates::signer(signed_by({"89abcdef01234567"}), ours, ForeignSignature::refuse));
  EXPECT_TRUE(gates::signer(signed_by({"89ABCDEF01234567", "FFFFFFFFFFFFFFFF"}), ours, ForeignSignature::refuse));
  EXPECT_TRUE(gates::signer(signed_by({""}), ours, ForeignSignature::refuse));
  EXPECT_FALSE(gates::signer(signed_by({"FFFFFFFFFFFFFFFF"}), ours, ForeignSignature::re_sign));
  // The words that help must be a setting that exists.
  EXPECT_NE(gates::signer(signed_by({"FFFFFFFFFFFFFFFF"}), ours, ForeignSignature::refuse)->find("foreign_signature: re-sign"),
            std::string::npos);
}

TEST(Gates, ANameKeepsItsBytesAndItsEnd) {
  EXPECT_FALSE(gates::taken_name(taken(NameState::present, "a", "signed a"), sha256("a")));
  EXPECT_TRUE(gates::taken_name(taken(NameState::present, "a", "signed a"), sha256("b")));
  EXPECT_TRUE(gates::taken_name(taken(NameState::withdrawn, "a", "a"), sha256("a")));
  EXPECT_TRUE(gates::taken_name(taken(NameState::purged, "a", "a"), sha256("a")));
  // Gone by retention: only a format that publishes the staged bytes as they are can bring the very same ones back.
  EXPECT_TRUE(gates::taken_name(taken(NameState::retired, "a", "signed a"), sha256("a")));
  EXPECT_FALSE(gates::taken_name(taken(NameState::retired, "a", "a"), sha256("a")));
}

TEST(Gates, OlderThanTheNewestIsTold) {
  const FakeFormat format({});
  const auto target = TargetId::parse("rpm/core/2025/el9-x86_64").value();
  EXPECT_FALSE(gates::older(format, signed_by({}), std::nullopt, target));
  EXPECT_FALSE(gates::older(format, signed_by({}), "1.5", target));
  EXPECT_FALSE(gates::older(format, signed_by({}), "1.4", target));
  EXPECT_TRUE(gates::older(format, signed_by({}), "1.10", target));
}

}  // namespace
}  // namespace packyard
