// MemoryPackageSource: packages of a target from a list, in the order promised by PackageSource.
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include "promote/package_format.h"

namespace packyard {

class MemoryPackageSource final : public PackageSource {
 public:
  explicit MemoryPackageSource(std::vector<ListedPackage> packages) : packages_(std::move(packages)) {
    std::ranges::sort(packages_, {}, [](const ListedPackage& package) {
      return std::tuple(package.facts.name, package.facts.version, package.facts.architecture);
    });
  }
  Result<void> for_each(const std::function<Result<void>(const ListedPackage&)>& visit) override {
    for (const ListedPackage& package : packages_) TRY(visit(package));
    return {};
  }
  std::uint64_t count() const override { return packages_.size(); }

 private:
  std::vector<ListedPackage> packages_;
};

}  // namespace packyard
