#include "admin/usage_json.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(UsageJson, ReadsBackWhatItWrites) {
  const std::vector<UsageDay> days = {{.day = UtcDay::parse("2026-01-31").value(),
                                       .requests = 7,
                                       .denied = 1,
                                       .first_at = Timestamp{1'769'817'601},
                                       .last_at = Timestamp{1'769'817'700},
                                       .addresses = 256,
                                       .clients = {"APT-HTTP/1.3 (2.6.1)", "other"}},
                                      {.day = UtcDay::parse("2026-02-01").value(), .denied = 3}};
  EXPECT_EQ(usage_json(days),
            "[{\"day\":\"2026-01-31\",\"requests\":7,\"denied\":1,\"first_at\":\"2026-01-31T00:00:01Z\",\"last_at\":"
            "\"2026-01-31T00:01:40Z\",\"addresses\":256,\"clients\":[\"APT-HTTP/1.3 (2.6.1)\",\"other\"]},"
            "{\"day\":\"2026-02-01\",\"requests\":0,\"denied\":3,\"first_at\":null,\"last_at\":null,\"addresses\":0,\"clients\":[]}]\n");
  EXPECT_EQ(parse_usage(usage_json(days)).value(), days);
  EXPECT_EQ(usage_json({}), "[]\n");
}

TEST(UsageJson, RefusesWhatNoAdminSends) {
  for (const char* text : {"", "{}", "[1]", "[{}]", "[{\"day\":1,\"clients\":[]}]", "[{\"day\":\"2026-01-31\"}]", "<html>"})
    EXPECT_FALSE(parse_usage(text)) << text;
}

}  // namespace
}  // namespace packyard
