#include "promote/pool_removal.h"

#include "tests/support/catalog_fixture.h"
#include "tests/support/fake_format.h"

namespace packyard {
namespace {

class PoolRemovalTest : public CatalogFixture {
 protected:
  FakeFormat format_{{}};
};

TEST_F(PoolRemovalTest, APackageOfOneFileTakesThatFile) {
  publish(el9_, make("acme", "1.0"), 1);
  publish(el9_, make("acme", "1.1"), 1);
  const auto going = catalog_.names_of_file("acme-1.0.rpm").value();
  EXPECT_EQ(files_going_with(format_, catalog_, el9_, going).value(),
            std::vector<std::string>{"pool/rpm/core/2025/el9-x86_64/acme-1.0.rpm"});
  EXPECT_TRUE(files_going_with(format_, catalog_, el9_, {})->empty());
}

}  // namespace
}  // namespace packyard
