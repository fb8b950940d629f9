#include "registry/registry_metrics.h"

#include <gtest/gtest.h>

#include "registry/registry_request.h"

namespace packyard {
namespace {

TEST(RegistryMetrics, CountsByResourceAndOutcome) {
  RegistryMetrics metrics;
  const auto count = [&](RegistryResource resource, unsigned status) {
    metrics.count(static_cast<std::size_t>(resource), status);
  };
  count(RegistryResource::manifest, 200);
  count(RegistryResource::manifest, 304);
  count(RegistryResource::manifest, 404);
  count(RegistryResource::tags, 400);
  count(RegistryResource::referrers, 503);
  metrics.count(RegistryMetrics::kind_other, 405);
  const std::string page = metrics.exposition();
  for (const char* line : {"resource=\"manifest\",outcome=\"ok\"} 2\n", "resource=\"manifest\",outcome=\"not_found\"} 1\n",
                           "resource=\"tags\",outcome=\"refused\"} 1\n", "resource=\"referrers\",outcome=\"error\"} 1\n",
                           "resource=\"other\",outcome=\"refused\"} 1\n", "resource=\"ping\",outcome=\"ok\"} 0\n",
                           "resource=\"blob\",outcome=\"error\"} 0\n", "resource=\"upload\",outcome=\"ok\"} 0\n"})
    EXPECT_NE(page.find("packyard_registry_requests_total{" + std::string(line)), std::string::npos) << line << page;
  EXPECT_TRUE(page.starts_with("# HELP packyard_registry_requests_total "));
  EXPECT_NE(page.find("\n# TYPE packyard_registry_requests_total counter\n"), std::string::npos);
}

}  // namespace
}  // namespace packyard
