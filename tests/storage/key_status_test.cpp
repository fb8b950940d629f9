#include "storage/key_status.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(KeyStatus, FollowsTheTimesOfTheKey) {
  KeyRecord record{.id = KeyId{"key_1"},
                   .digest = {},
                   .pepper_id = {},
                   .scope = KeyScope::of(ComponentName::parse("core").value()),
                   .label = "x",
                   .created_at = Timestamp{1},
                   .not_before = Timestamp{10},
                   .expires_at = Timestamp{20},
                   .grace = std::chrono::seconds(5)};
  const std::pair<int, KeyStatus> course[] = {{9, KeyStatus::not_yet_valid}, {10, KeyStatus::active},  {19, KeyStatus::active},
                                              {20, KeyStatus::in_grace},     {24, KeyStatus::in_grace}, {25, KeyStatus::expired}};
  for (const auto& [second, status] : course) EXPECT_EQ(status_of(record, Timestamp{second}), status) << second;
  record.suspended_at = Timestamp{1};
  EXPECT_EQ(status_of(record, Timestamp{25}), KeyStatus::suspended);
  record.revoked_at = Timestamp{1};
  EXPECT_EQ(status_of(record, Timestamp{25}), KeyStatus::revoked);
}

TEST(KeyStatus, IsReadAsItIsWritten) {
  for (const KeyStatus status : all_key_statuses) EXPECT_EQ(parse_key_status(to_string(status)), status);
  EXPECT_FALSE(parse_key_status("Active"));
}

}  // namespace
}  // namespace packyard
