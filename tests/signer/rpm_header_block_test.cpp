#include "signer/rpm_header_block.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

std::string sample() {
  const std::string numbers("\0\0\0\x07", 4);
  return write_rpm_signature_header({{rpm_tag::size, RpmType::int32, 1, numbers},
                                     {rpm_tag::sha1_header, RpmType::string, 1, std::string_view("abc\0", 4)},
                                     {rpm_tag::rsa_header, RpmType::binary, 3, "sig"}});
}

std::string unpadded(const std::string& block) { return block.substr(0, rpm_header_bytes(block, rpm_signature_limits).value()); }

TEST(RpmHeaderBlock, ReadsWhatItWrites) {
  const std::string block = sample();
  EXPECT_EQ(block.size() % 8, 0u);
  const std::string exact = unpadded(block);
  const auto entries = read_rpm_header(exact, rpm_signature_limits);
  ASSERT_TRUE(entries) << entries.error().message;
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ(entries->at(0).tag, rpm_tag::rsa_header);
  EXPECT_EQ(entries->at(0).data, "sig");
  EXPECT_EQ(read_rpm_number(*find_rpm_entry(*entries, rpm_tag::size)).value(), 7u);
  EXPECT_EQ(find_rpm_entry(*entries, rpm_tag::md5), nullptr);
  EXPECT_FALSE(read_rpm_number(entries->at(0)));
}

TEST(RpmHeaderBlock, WritesTheRegionTrailerLast) {
  const std::string exact = unpadded(sample());
  const std::string trailer = exact.substr(exact.size() - 16);
  EXPECT_EQ(trailer, std::string("\0\0\0\x3e\0\0\0\x07\xff\xff\xff\xc0\0\0\0\x10", 16));
}

TEST(RpmHeaderBlock, RefusesImpossibleBounds) {
  const std::string exact = unpadded(sample());
  EXPECT_FALSE(read_rpm_header(exact.substr(0, exact.size() - 1), rpm_signature_limits));
  EXPECT_FALSE(rpm_header_bytes(exact, {2, 1024}));
  EXPECT_FALSE(rpm_header_bytes(exact, {32, 8}));
  EXPECT_FALSE(rpm_header_bytes("short", rpm_signature_limits));
  const auto with = [&](std::size_t at, const std::string& bytes) {
    std::string changed = exact;
    changed.replace(at, bytes.size(), bytes);
    return read_rpm_header(changed, rpm_signature_limits).has_value();
  };
  constexpr std::size_t second = 16 + 16;  // the first entry after the region: RSAHEADER
  EXPECT_TRUE(with(second, std::string("\0\0\1\x0c", 4)));
  EXPECT_FALSE(with(second + 4, std::string("\0\0\0\x63", 4)));       // type
  EXPECT_FALSE(with(second + 8, std::string("\x7f\xff\xff\xff", 4)));  // offset
  EXPECT_FALSE(with(second + 12, std::string("\0\0\0\0", 4)));        // count
  EXPECT_FALSE(with(second + 12, std::string("\xff\xff\xff\xff", 4)));
  EXPECT_FALSE(with(second + 12, std::string("\0\0\0\x08", 4)));      // overlaps the next
  EXPECT_FALSE(with(second + 16 + 4, std::string("\0\0\0\x04", 4)));  // a string's offset is not aligned for a number
}

}  // namespace
}  // namespace packyard
