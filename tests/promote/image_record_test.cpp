#include "promote/image_record.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

ImageRecord sample() {
  ImageRecord record{"1.4.2", sha256("top"), "amd64,arm64", Timestamp{1'800'000'000}, {}, {}, {}};
  record.manifests[sha256("top")] = {"application/vnd.oci.image.index.v1+json", 12, std::nullopt, "", {}};
  record.manifests[sha256("bundle")] = {
      "application/vnd.oci.image.manifest.v1+json", 13, sha256("top"), "application/x \"y\"", {{"a", "1"}, {"b", "\\"}}};
  record.blobs = {{sha256("{}"), 2}, {sha256("layer"), 5'000'000'000}};
  record.signatures = {{sha256("top"), sha256("payload"), 254, "MEUC="}};
  return record;
}

TEST(ImageRecord, ReadsWhatItWrites) {
  const auto read = parse_image_record(image_record_text(sample()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, sample());
  ImageRecord with_key = sample();
  with_key.key = "c2VjcmV0=";
  EXPECT_EQ(parse_image_record(image_record_text(with_key)).value(), with_key);
  EXPECT_TRUE(parse_image_record(image_record_text({"x", {}, "", Timestamp{0}, {}, {}, {}})));
}

TEST(ImageRecord, DamageIsToldByName) {
  const std::string good = image_record_text(sample());
  const auto broken = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return parse_image_record(text);
  };
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"{\"tag\"", "[\"tag\""},
                                                                                 {"\"tag\":\"1.4.2\"", "\"tag\":7"},
                                                                                 {"\"top\":\"sha256:", "\"top\":\"sha512:"},
                                                                                 {"\"blobs\":{", "\"blob\":{"},
                                                                                 {":5000000000", ":\"many\""},
                                                                                 {"\"size_bytes\":12", "\"size_bytes\":-1"},
                                                                                 {"\"payload_bytes\":254,", ""},
                                                                                 {"2027-01-15", "someday"}}) {
    const auto read = broken(from, to);
    ASSERT_FALSE(read) << to;
    EXPECT_EQ(read.error().code, ErrorCode::corrupt) << to;
  }
}

}  // namespace
}  // namespace packyard
