#include "admin/label.h"

#include <gtest/gtest.h>

#include <string>

namespace packyard {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST(Label, CountsCharactersNotBytes) {
  EXPECT_TRUE(is_label("a"));
  EXPECT_TRUE(is_label(repeated("a", 200)));
  EXPECT_FALSE(is_label(repeated("a", 201)));
  EXPECT_TRUE(is_label(repeated("ä", 200)));
  EXPECT_FALSE(is_label(repeated("ä", 201)));
  EXPECT_TRUE(is_label(repeated("\U0001F511", 200)));
  EXPECT_FALSE(is_label(""));
}

TEST(Label, TakesOrdinaryText) {
  for (const char* text : {"ACME GmbH & Co. KG", "Müller <it@example.org>", "株式会社", "\"; DROP TABLE keys; --",
                           "\xF4\x8F\xBF\xBF", "\xEE\x80\x80"})
    EXPECT_TRUE(is_label(text)) << text;
}

TEST(Label, RefusesWhatSteersTheDisplay) {
  for (const std::string text : {"a\nb", "a\tb", "\x1b[2J", "\x7f", "\xC2\x80", "\xC2\x9F", "\xE2\x80\xAE", "\xE2\x80\xA8",
                                 "\xE2\x81\xA6", "\xEF\xBB\xBF"})
    EXPECT_FALSE(is_label("x" + text));
  EXPECT_FALSE(is_label(std::string_view("a\0b", 3)));
}

TEST(Label, RefusesIllFormedUtf8) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE2\x82", "\xE0\x80\x80", "\xED\xA0\x80", "\xED\xBF\xBF",
                           "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "\xF0\x9F\x94"})
    EXPECT_FALSE(is_label(text));
}

}  // namespace
}  // namespace packyard
