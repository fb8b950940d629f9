// A catalog in a temporary folder, and packages to put into it.
#pragma once

#include <gtest/gtest.h>

#include "storage/catalog.h"
#include "tests/support/temporary_folder.h"

namespace packyard {

class CatalogFixture : public testing::Test {
 protected:
  CatalogPackage make(const std::string& name, const std::string& version, const std::string& home = "rpm/core/2025/el9-x86_64") {
    CatalogPackage package;
    package.staged = sha256("staged " + name + version);
    package.published = sha256("published " + name + version);
    package.size_bytes = 7;
    package.home = home;
    package.name = name;
    package.version = version;
    package.architecture = "x86_64";
    package.file_name = name + "-" + version + ".rpm";
    package.record = std::string("<record/>\0x", 11);
    return package;
  }
  // Adds the package under a name of `target` and lists it; returns the id of the name.
  std::int64_t publish(const TargetId& target, const CatalogPackage& package, std::uint64_t generation) {
    const std::int64_t id = catalog_.add_package(package).value();
    const std::int64_t name = catalog_.add_name("pool/" + target.text() + "/" + package.file_name, id).value();
    EXPECT_TRUE(catalog_.list(target, name, generation));
    return name;
  }

  TemporaryFolder folder_;
  Catalog catalog_ = Catalog::open(folder_.path() / "catalog.db").value();
  const TargetId el9_ = TargetId::parse("rpm/core/2025/el9-x86_64").value();
  const TargetId el8_ = TargetId::parse("rpm/core/2025/el8-x86_64").value();
};

}  // namespace packyard
