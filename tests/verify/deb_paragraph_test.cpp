#include "verify/deb_paragraph.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

Result<std::vector<DebParagraph>> read_all(std::string_view text, std::size_t step) {
  std::vector<DebParagraph> all;
  DebParagraphReader reader([&](const DebParagraph& paragraph) -> Result<void> {
    all.push_back(paragraph);
    return {};
  });
  for (std::size_t at = 0; at < text.size(); at += step) TRY(reader.feed(text.substr(at, step)));
  TRY(reader.finish());
  return all;
}

TEST(DebParagraph, ReadsFieldsContinuationsAndParagraphs) {
  constexpr std::string_view text = "\nPackage: acme\nDepends: a,\n b (>= 1)\n\n\nPACKAGE:  tools \nX:\n";
  for (const std::size_t step : {1, 3, 1000}) {
    const auto all = read_all(text, step);
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), 2u);
    EXPECT_EQ(all->at(0).value("package"), "acme");
    EXPECT_EQ(all->at(0).value("Depends"), "a,\n b (>= 1)");
    EXPECT_EQ(all->at(1).value("Package"), "tools");
    EXPECT_TRUE(all->at(1).has("X"));
    EXPECT_FALSE(all->at(1).has("Y"));
  }
}

TEST(DebParagraph, RefusesWhatIsNotControlData) {
  for (const char* text : {" continuation first\n", "no field\n", "A: 1\na: 2\n", ": value\n",
                           "A B: 1\n"}) EXPECT_FALSE(read_all(text, 100)) << text;
}

TEST(DebParagraph, DigestsTheFieldsThatDecideAnInstallation) {
  const auto digest = [](const char* text) { return control_digest(read_all(text, 100).value().at(0)); };
  EXPECT_EQ(digest("Package: a\nDepends: b\nFilename: x\n"), digest("Filename: y\nDepends: b\nPackage: a\n"));
  EXPECT_NE(digest("Package: a\nDepends: b\n"), digest("Package: a\nDepends: c\n"));
  EXPECT_NE(digest("Package: a\nDepends: b\n"), digest("Package: a\nRecommends: b\n"));
}

TEST(DebParagraph, ReadsDates) {
  EXPECT_EQ(parse_release_date("Thu, 01 Jan 2026 00:00:00 UTC")->rfc3339(), "2026-01-01T00:00:00Z");
  EXPECT_EQ(parse_release_date("Thu, 01 Jan 2026 00:00:00 +0000")->rfc3339(), "2026-01-01T00:00:00Z");
  for (const char* text : {"", "2026-01-01", "Thu, 01 Jan 2026 00:00:00 CET",
                           "Thu, 01 Jan 2026"}) EXPECT_FALSE(parse_release_date(text)) << text;
}

TEST(DebParagraph, ReadsTheListOfFiles) {
  const std::string digest(64, 'a');
  const auto files = read_release_files("\n " + digest + " 12 main/x\n " + digest + "     0 main/y");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ(files->at(0).size_bytes, 12u);
  EXPECT_EQ(files->at(1).name, "main/y");
  const std::vector<std::string> wrong = {digest + " 1", digest + " x name", "abc 1 name",
                                          digest + " 1 name rest", digest + " 1 n\n " + digest + " 2 n"};
  for (const std::string& line : wrong) EXPECT_FALSE(read_release_files(line)) << line;
}

}  // namespace
}  // namespace packyard
