#include "verify/json_reader.h"

#include <gtest/gtest.h>

#include <sstream>

namespace packyard {
namespace {

// Writes the events down.
class Recorder final : public JsonHandler {
 public:
  Result<void> begin_object() override { return note("{"); }
  Result<void> end_object() override { return note("}"); }
  Result<void> begin_list() override { return note("["); }
  Result<void> end_list() override { return note("]"); }
  Result<void> name(std::string name) override { return note(name + ":"); }
  Result<void> text(std::string value) override {
    if (value == "stop") return fail(ErrorCode::conflict, "stopped");
    return note("'" + value + "' ");
  }
  Result<void> number(std::uint64_t value) override { return note(std::to_string(value) + " "); }
  Result<void> word(JsonWord value) override { return note("w" + std::to_string(static_cast<int>(value)) + " "); }
  std::string seen;

 private:
  Result<void> note(const std::string& event) {
    seen += event;
    return {};
  }
};

std::string problem_of(const std::string& json) {
  Recorder recorder;
  const auto outcome = read_json(json, recorder);
  return outcome ? "" : outcome.error().message;
}

TEST(JsonReader, GivesEvents) {
  const std::string json = R"({"a":[1,"x",null,true,false,-1,1.5],"b":{"a":{}}})";
  Recorder recorder, streamed;
  ASSERT_TRUE(read_json(json, recorder));
  EXPECT_EQ(recorder.seen, "{a:[1 'x' w0 w1 w2 w3 w3 ]b:{a:{}}}");
  std::istringstream stream(json);
  ASSERT_TRUE(read_json(stream, streamed));
  EXPECT_EQ(streamed.seen, recorder.seen);
}

TEST(JsonReader, RefusesWhatReadersMayReadDifferently) {
  EXPECT_EQ(problem_of(R"({"a":1,"b":{"a":2}})"), "");
  EXPECT_EQ(problem_of(R"({"a":1,"\u0061":2})"), "is malformed: the name a twice in one object");
  EXPECT_NE(problem_of("\xef\xbb\xbf{}"), "");
  const std::string with_nul("{}\0{}", 5);
  EXPECT_NE(problem_of(with_nul), "");
  std::istringstream stream(with_nul);
  Recorder recorder;
  EXPECT_FALSE(read_json(stream, recorder));
  for (const char* json :
       {"", "{", "{}{}", "{} x", "{'a':1}", "{\"a\":1,}", "[1,]", "\"\xff\"", "// x\n{}", "NaN", "{\"a\"}", "01"})
    EXPECT_NE(problem_of(json), "") << json;
}

TEST(JsonReader, IsBoundedInDepth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(problem_of(nested(json_depth_max)), "");
  EXPECT_EQ(problem_of(nested(json_depth_max + 1)), "is malformed: nested too deeply");
  EXPECT_EQ(problem_of(std::string(1'000'000, '[')), "is malformed: nested too deeply");
}

TEST(JsonReader, StopsAtTheHandlersFirstError) {
  Recorder recorder;
  const auto outcome = read_json(R"([1,"stop",2])", recorder);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::conflict);
  EXPECT_EQ(recorder.seen, "[1 ");
}

}  // namespace
}  // namespace packyard
