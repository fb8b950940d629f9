#include "admin/query_text.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(QueryText, ReadsNamesAndValues) {
  const auto read = parse_query_text("search=M%c3%bcller+%26+S%C3%B6hne&limit=5&&cursor=");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 3u);
  EXPECT_EQ((*read)[0].value, "Müller & Söhne");
  EXPECT_EQ((*read)[1].name, "limit");
  EXPECT_EQ((*read)[2].value, "");
  EXPECT_TRUE(parse_query_text("")->empty());
}

TEST(QueryText, RefusesWhatTwoReadersCouldReadDifferently) {
  const std::string long_value = "a=" + std::string(5000, 'x');
  for (const std::string_view query : {std::string_view("a=1&a=2"), std::string_view("a=%"), std::string_view("a=%4"),
                                       std::string_view("a=%zz"), std::string_view("a=%00"), std::string_view("a=%0a"),
                                       std::string_view("a=%ff"), std::string_view("%1b=x"), std::string_view("a=b\nc"),
                                       std::string_view(long_value)})
    EXPECT_EQ(parse_query_text(query).error().error, ApiError::query_invalid) << query;
  std::string many;
  for (int i = 0; i < 33; ++i) many += "&p" + std::to_string(i) + "=";
  EXPECT_FALSE(parse_query_text(many));
}

TEST(QueryText, IsReadAsItWasWritten) {
  const std::string text = query_text({{"search", "a+b & ü=%"}, {"limit", "5"}});
  EXPECT_EQ(text, "search=a%2Bb%20%26%20%C3%BC%3D%25&limit=5");
  EXPECT_EQ(parse_query_text(text)->front().value, "a+b & ü=%");
}

}  // namespace
}  // namespace packyard
