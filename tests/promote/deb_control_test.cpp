#include "promote/deb_control.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(DebControl, KeepsFieldsInOrderWithContinuationLines) {
  const auto control =
      DebControl::parse("Package: acme\nVersion:1.0 \nDepends:\n libc6,\n\tlibx  \nDescription: short\n long\n .\n more\n\n");
  ASSERT_TRUE(control.has_value()) << control.error().message;
  EXPECT_EQ(control->value("package"), "acme");
  EXPECT_EQ(control->value("Version"), "1.0");
  EXPECT_EQ(control->value("Absent"), "");
  EXPECT_EQ(control->text(), "Package: acme\nVersion: 1.0\nDepends:\n libc6,\n\tlibx\nDescription: short\n long\n .\n more\n");
}

TEST(DebControl, RefusesWhatCouldChangeTheIndex) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "empty"},
      {"\n\n", "empty line before"},
      {"Package: a\n\nFilename: x\n", "second stanza"},
      {"Package: a\n \t \nFilename: x\n", "second stanza"},
      {"Package: a\npackage: b\n", "twice"},
      {"Package: a\nfilename: pool/x\n", "belongs to the index"},
      {"Package: a\nSHA256: 00\n", "belongs to the index"},
      {"Package: a", "cut short"},
      {" Package: a\n", "continuation line before"},
      {"Package a\n", "not 'Field: value'"},
      {": a\n", "not 'Field: value'"},
      {"# comment\n", "not 'Field: value'"},
      {"Package: a\r\n", "control character"},
      {std::string("Package: a\0b\n", 13), "control character"},
      {"Pack age: a\n", "not 'Field: value'"},
      {"Package: " + std::string(1 << 20, 'a') + "\n", "larger than 1 MiB"},
  };
  for (const auto& [text, why] : cases) {
    const auto control = DebControl::parse(text);
    ASSERT_FALSE(control.has_value()) << text.substr(0, 50);
    EXPECT_NE(control.error().message.find(why), std::string::npos) << control.error().message;
  }
}

TEST(DebControl, ItsOwnTextParsesToItself) {
  const auto control = DebControl::parse("Package: a\nX-Empty:\nDescription: ö\n ä\n").value();
  EXPECT_EQ(DebControl::parse(control.text())->text(), control.text());
}

}  // namespace
}  // namespace packyard
