#include "auth/scope_rule.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

class ScopeRule : public testing::Test {
 protected:
  std::optional<Reason> judge(std::string_view target, const ClientAddress* client = nullptr) {
    return outside_scope(scope_, parse_repository_path(target).value(), client);
  }
  static KnownClient client(std::string_view text) { return KnownClient(IpAddress::parse(text)); }
  KeyScope scope_ = KeyScope::of(ComponentName::parse("core").value());
  static constexpr std::string_view rpm = "/rpm/core/2025/el9-x86_64/repodata/repomd.xml";
  static constexpr std::string_view deb = "/deb/core/2024/dists/bookworm/InRelease";
  static constexpr std::string_view pool = "/deb/plus/2025/pool/bookworm/a/acme/acme_1_amd64.deb";
  static constexpr std::string_view image = "/v2/core/2025/server/manifests/1";
};

TEST_F(ScopeRule, EmptyListsMeanAll) {
  for (const std::string_view target : {rpm, deb, image}) EXPECT_EQ(judge(target), std::nullopt) << target;
  EXPECT_EQ(judge(pool), Reason::wrong_component);
  EXPECT_EQ(judge("/rpm/core-extra/2025/el9-x86_64/x"), Reason::wrong_component);
}

TEST_F(ScopeRule, SeveralComponentsAreOpen) {
  scope_.components.push_back(ComponentName::parse("plus").value());
  EXPECT_EQ(judge(rpm), std::nullopt);
  EXPECT_EQ(judge(pool), std::nullopt);
  EXPECT_EQ(judge("/rpm/other/2025/el9-x86_64/x"), Reason::wrong_component);
}

TEST_F(ScopeRule, YearsAndFormatsNarrow) {
  scope_.years = {Year::parse("2025").value()};
  EXPECT_EQ(judge(rpm), std::nullopt);
  EXPECT_EQ(judge(deb), Reason::wrong_year);
  scope_.formats = {Format::deb};
  EXPECT_EQ(judge(rpm), Reason::wrong_format);
  EXPECT_EQ(judge(image), Reason::wrong_format);
  EXPECT_EQ(judge("/deb/core/2025/pool/bookworm/a/acme/acme_1_amd64.deb"), std::nullopt);
  scope_.formats = {Format::rpm, Format::oci};
  EXPECT_EQ(judge(image), std::nullopt);
}

TEST_F(ScopeRule, APingNamesNothingButComesFromSomewhere) {
  scope_.years = {Year::parse("2024").value()};
  scope_.formats = {Format::rpm};
  EXPECT_EQ(judge("/v2/"), std::nullopt);
  scope_.addresses = {AddressRange::parse("203.0.113.0/24").value()};
  EXPECT_EQ(judge("/v2/"), Reason::wrong_address);
}

TEST_F(ScopeRule, AnAddressThatIsNotKnownIsNotHeld) {
  scope_.addresses = {AddressRange::parse("203.0.113.0/24").value(), AddressRange::parse("2001:db8::/32").value()};
  const KnownClient inside = client("203.0.113.9"), sixth = client("2001:db8::9"), outside = client("203.0.114.9"), unknown{std::nullopt};
  EXPECT_EQ(judge(rpm, &inside), std::nullopt);
  EXPECT_EQ(judge(rpm, &sixth), std::nullopt);
  EXPECT_EQ(judge(rpm, &outside), Reason::wrong_address);
  EXPECT_EQ(judge(rpm, &unknown), Reason::wrong_address);
  EXPECT_EQ(judge(rpm), Reason::wrong_address);
}

}  // namespace
}  // namespace packyard
