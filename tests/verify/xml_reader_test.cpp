#include "verify/xml_reader.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

class Recorder final : public XmlHandler {
 public:
  void begin(std::string_view name, const XmlAttributes& attributes) override {
    text += "<" + std::string(name) + " " + std::string(attributes.value("a")) + ">";
  }
  void end(std::string_view name,
           std::string_view inner) override { text += std::string(inner) + "</" + std::string(name) + ">"; }
  std::string text;
};

Result<std::string> read(std::string_view xml, std::size_t step) {
  Recorder recorder;
  XmlReader reader(recorder);
  for (std::size_t at = 0; at < xml.size(); at += step) TRY(reader.feed(xml.substr(at, step)));
  TRY(reader.finish());
  return recorder.text;
}

TEST(XmlReader, GivesElementsAttributesAndText) {
  constexpr std::string_view xml = "<?xml version=\"1.0\"?><r xmlns=\"urn:x\" xmlns:p=\"urn:y\">"
                                   "<p:e a='1'>t&lt;<![CDATA[&]]></p:e><f/></r>";
  for (const std::size_t step : {1, 5,
                                 1000}) EXPECT_EQ(read(xml, step).value_or("refused"), "<r ><e 1>t<&</e><f ></f></r>") << step;
}

TEST(XmlReader, RefusesWhatIsNotWellFormedOrDangerous) {
  for (const char* xml : {"", "<r>", "<r></s>", "text", "<r/><r/>", "<r>&unknown;</r>"}) EXPECT_FALSE(read(xml, 100)) << xml;
  const auto entity = read("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>", 1000);
  ASSERT_FALSE(entity);
  EXPECT_NE(entity.error().message.find("document type"), std::string::npos);
}

}  // namespace
}  // namespace packyard
