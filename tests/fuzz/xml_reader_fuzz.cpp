// verify's stream reader of XML. However the bytes are cut (a byte 0xff cuts) the same elements are seen, begins and ends in
// pairs.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/check.h"
#include "verify/xml_reader.h"

namespace {

using namespace packyard;

class Recorder final : public XmlHandler {
 public:
  void begin(std::string_view name, const XmlAttributes& attributes) override {
    open.emplace_back(name);
    seen.append("<").append(name).append(" ").append(attributes.value("href")).append(">");
  }
  void end(std::string_view name, std::string_view text) override {
    CHECK(!open.empty() && open.back() == name);
    CHECK(text.size() <= 64 * 1024);
    open.pop_back();
    seen.append(text).append("</>");
  }
  std::vector<std::string> open;
  std::string seen;
};

struct Outcome {
  bool is_whole = false;
  std::string seen;
};

Outcome read(const std::vector<std::string>& pieces) {
  Recorder recorder;
  XmlReader reader(recorder);
  Outcome outcome;
  for (const std::string& piece : pieces)
    if (!reader.feed(piece)) return outcome;
  outcome.is_whole = reader.finish().has_value();
  CHECK(!outcome.is_whole || recorder.open.empty());
  outcome.seen = recorder.seen;
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> pieces(1);
  std::string whole;
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0xff) {
      pieces.emplace_back();
      continue;
    }
    pieces.back() += static_cast<char>(data[i]);
    whole += static_cast<char>(data[i]);
  }
  const Outcome in_pieces = read(pieces), at_once = read({whole});
  CHECK(in_pieces.is_whole == at_once.is_whole);
  CHECK(!at_once.is_whole || in_pieces.seen == at_once.seen);
  return 0;
}
