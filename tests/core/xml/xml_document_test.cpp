#include "core/xml/xml_document.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(XmlDocument, ReadsAndWritesTheSame) {
  const std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a xmlns:r=\"urn:x\" b=\"&lt;&amp;&quot;\">t &amp; u<r:c/>ö<d>\n</d></a>\n";
  const auto root = parse_xml(text);
  ASSERT_TRUE(root.has_value()) << root.error().message;
  EXPECT_EQ(write_xml(*root), text);
  EXPECT_EQ(root->attribute("b"), "<&\"");
  EXPECT_EQ(root->own_text(), "t & uö");
  ASSERT_NE(root->child("d"), nullptr);
  EXPECT_EQ(root->child("e"), nullptr);
}

TEST(XmlDocument, TakesOtherEncodingsAndCharacterData) {
  EXPECT_EQ(parse_xml("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xf6</a>")->own_text(), "ö");
  EXPECT_EQ(parse_xml("<a><![CDATA[<b>]]></a>")->own_text(), "<b>");
}

TEST(XmlDocument, RefusesWhatCouldReachOutOrGrow) {
  std::string deep, bomb = "<!DOCTYPE a [<!ENTITY x0 \"xxxxxxxxxx\">";
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (int i = 1; i < 12; ++i) {
    bomb += "<!ENTITY x" + std::to_string(i) + " \"";
    for (int k = 0; k < 10; ++k) bomb += "&x" + std::to_string(i - 1) + ";";
    bomb += "\">";
  }
  for (int i = 0; i < 100; ++i) deep += "</a>";
  for (const std::string& text :
       {deep, bomb + "]><a>&x11;</a>", bomb + "]><a b=\"&x11;\"/>", std::string("<a>"), std::string("<a b=1/>"),
        std::string("<a/><b/>"), std::string("<a>&unknown;</a>"), std::string("plain"),
        std::string("<!DOCTYPE a PUBLIC \"p\" \"http://127.0.0.1:1/x.dtd\"><a>&unknown;</a>")}) {
    const auto root = parse_xml(text);
    ASSERT_FALSE(root.has_value()) << text.substr(0, 60);
    EXPECT_EQ(root.error().code, ErrorCode::invalid);
  }
}

}  // namespace
}  // namespace packyard
