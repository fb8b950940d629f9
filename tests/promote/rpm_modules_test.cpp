#include "promote/rpm_modules.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(RpmModules, ListsTheStreamsOfAllDocuments) {
  const auto streams = module_streams(
      "---\ndocument: modulemd\nversion: 2\ndata:\n  name: acme\n  stream: \"1.10\"\n  description: >-\n    text\n    --- not a "
      "document\n...\n"
      "---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: acme\n  stream: \"1.10\"\n...\n"
      "--- \ndocument: modulemd\nversion: 2\ndata: {name: other, stream: 1.10}\n");
  ASSERT_TRUE(streams.has_value()) << streams.error().message;
  EXPECT_EQ(*streams, (std::set<std::string>{"acme:1.10", "other:1.10"}));
}

TEST(RpmModules, RefusesWhatIsNone) {
  for (const char* text : {"", "---\n", "a: [", "---\nfoo: bar\n", "document: modulemd\n",
                           "document: modulemd\ndata: {name: x}\n", "document: something\ndata: {name: x, stream: y}\n", "- a\n"})
    EXPECT_EQ(module_streams(text).error().code, ErrorCode::invalid) << text;
}

}  // namespace
}  // namespace packyard
