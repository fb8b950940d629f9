#include "verify/release_reader.h"

#include <gtest/gtest.h>

#include <sstream>

namespace packyard {
namespace {

const std::string digest(64, 'a');
const std::string moment = R"("published_at":"2026-01-31T12:00:00Z")";
const std::string good_release = R"({"release":42,)" + moment + R"(,"kind":"promotion","targets":{"rpm/core/2025/el9-x86_64":)"
                                 R"({"generation":7,"contents_sha256":")" + digest + R"("}}})";
const std::string good_contents = R"({"target":"t","generation":7,)" + moment + R"(,"files":[{"path":"index/x","sha256":")" + digest +
                                  R"(","size_bytes":1}],"packages":[{"path":"pool/x","sha256":")" + digest +
                                  R"(","size_bytes":2,"name":"n","version":"v","architecture":"a"}]})";

std::string changed(std::string text, const std::string& from,
                    const std::string& to) { return text.replace(text.find(from), from.size(), to); }

Result<ContentsDocument> contents(const std::string& text) {
  std::istringstream stream(text);
  return read_contents_document(stream);
}

TEST(ReleaseReader, ReadsARelease) {
  const auto release = read_release_document(good_release);
  ASSERT_TRUE(release) << release.error().message;
  EXPECT_EQ(release->release, 42u);
  EXPECT_EQ(release->targets.begin()->first.text(), "rpm/core/2025/el9-x86_64");
  EXPECT_EQ(release->targets.begin()->second.generation, 7u);
  EXPECT_EQ(release->targets.begin()->second.contents_sha256.hex(), digest);
}

TEST(ReleaseReader, RefusesOddReleases) {
  for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
           {"42", "-1"}, {"42", "\"42\""}, {"2026-01-31T12:00:00Z", "yesterday"}, {"promotion", "party"},
               {"rpm/core", "rpm/../core"},
           {"\"generation\":7", "\"generation\":7,\"extra\":1"}, {"\"kind\"", "\"king\""}, {"aaaa", "gggg"}, {"}}}", "}}"}})
    EXPECT_FALSE(read_release_document(changed(good_release, from, to))) << from << " -> " << to;
  EXPECT_FALSE(read_release_document("[]"));
}

TEST(ReleaseReader, ReadsContents) {
  const auto document = contents(good_contents);
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->generation, 7u);
  EXPECT_EQ(document->files.at("index/x").size_bytes, 1u);
  EXPECT_EQ(document->packages.at("pool/x").version, "v");
}

TEST(ReleaseReader, ReadsObjects) {
  EXPECT_FALSE(contents(good_contents)->has_objects);
  const std::string object = R"({"path":"pool/y","sha256":")" + digest + R"(","size_bytes":3})";
  const auto with = [&](const std::string& list) { return contents(changed(good_contents, "}]}", "}],\"objects\":" + list + "}")); };
  const auto document = with("[" + object + "]");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_TRUE(document->has_objects);
  EXPECT_EQ(document->objects.at("pool/y").size_bytes, 3u);
  EXPECT_TRUE(with("[]")->has_objects);
  for (const char* odd : {"{}", "null", "[1]", "[[]]", "[{}]", "\"x\""}) EXPECT_FALSE(with(odd)) << odd;
  EXPECT_FALSE(with("[" + object + "," + object + "]"));
  EXPECT_FALSE(with("[" + changed(object, "}", ",\"name\":\"n\"}") + "]"));
  EXPECT_FALSE(with("[],\"objects\":[]"));
}

TEST(ReleaseReader, RefusesOddContents) {
  for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
           {"index/x",
            "../x"}, {"\"size_bytes\":1", "\"size_bytes\":-1"}, {"\"size_bytes\":1", "\"size_bytes\":1.5"},
                {"\"name\":\"n\",", ""},
           {"\"generation\":7,", ""}, {"\"files\"", "\"fines\""}, {"aaaa", "gggg"}, {"\"version\"", "\"verses\""}, {"]}", "]"},
           {"\"size_bytes\":1", "\"size_bytes\":null"}, {"[{", "[[{"}, {"\"t\"", "true"}})
    EXPECT_FALSE(contents(changed(good_contents, from, to))) << from << " -> " << to;
  const std::string item = R"({"path":"index/x","sha256":")" + digest + R"(","size_bytes":1})";
  EXPECT_FALSE(contents(changed(good_contents, item, item + "," + item)));
}

}  // namespace
}  // namespace packyard
