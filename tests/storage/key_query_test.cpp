#include "storage/key_query.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

KeyRecord record_of(int number) {
  return {.id = KeyId{"key_" + std::to_string(number)},
          .digest = {},
          .pepper_id = {},
          .scope = KeyScope::of(ComponentName::parse("core").value()),
          .label = "x",
          .created_at = Timestamp{number}};
}

TEST(KeyQuery, APageNamesItsNextOnlyWhenThereIsMore) {
  EXPECT_FALSE(page_of({record_of(1), record_of(2)}, 0).next);
  EXPECT_FALSE(page_of({record_of(1), record_of(2)}, 2).next);
  EXPECT_FALSE(page_of({}, 2).next);
  const KeyPage page = page_of({record_of(1), record_of(2), record_of(3)}, 2);
  EXPECT_EQ(page.records.size(), 2u);
  EXPECT_EQ(page.next, (KeyCursor{Timestamp{2}, KeyId{"key_2"}}));
}

TEST(KeyQuery, OnlyLettersOfAsciiAreFolded) { EXPECT_EQ(lower_case("AbZ[\xc3\x9c"), "abz[\xc3\x9c"); }

}  // namespace
}  // namespace packyard
