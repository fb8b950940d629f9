#include "promote/sbom_reader.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

TEST(SbomReader, KnowsEachFormByItsWords) {
  const TemporaryFolder folder;
  const auto check = [&](std::string_view text, SbomForm form) {
    std::ofstream(folder / "sbom") << text;
    return check_sbom(folder / "sbom", form).has_value();
  };
  EXPECT_TRUE(check(R"( {"bomFormat":"CycloneDX","specVersion":"1.6"})", SbomForm::cyclonedx));
  EXPECT_TRUE(check(R"({"spdxVersion":"SPDX-2.3"})", SbomForm::spdx));
  EXPECT_TRUE(check(R"({"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]})", SbomForm::spdx));
  EXPECT_FALSE(check(R"({"spdxVersion":"SPDX-2.3"})", SbomForm::cyclonedx));
  EXPECT_FALSE(check(R"({"bomFormat":"CycloneDX"})", SbomForm::spdx));
  EXPECT_FALSE(check("", SbomForm::spdx));
  EXPECT_FALSE(check("<bom bomFormat=\"CycloneDX\"/>", SbomForm::cyclonedx));
  EXPECT_EQ(check_sbom(folder / "away", SbomForm::spdx).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace packyard
