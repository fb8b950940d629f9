#include "auth/subscriber_key.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/support/sequence_random_source.h"

namespace packyard {
namespace {

constexpr std::string_view base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// Checksums computed with Python's zlib.crc32.
constexpr std::string_view vectors[] = {
    "pky_0000000000000000000000000000003UkqGR",
    "pky_0123456789ABCDEFGHIJKLMNOPQRST13ZfxG",
    "pky_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz0eo1gi",
};

TEST(SubscriberKey, ChecksumVectors) {
  for (const auto key : vectors) EXPECT_TRUE(is_well_formed_subscriber_key(key)) << key;
}

TEST(SubscriberKey, EveryWrongCharacterIsRefused) {
  for (const auto key : vectors)
    for (std::size_t at = 0; at < key.size(); ++at)
      for (int byte = 0; byte < 256; ++byte) {
        std::string typo(key);
        typo[at] = static_cast<char>(byte);
        EXPECT_EQ(is_well_formed_subscriber_key(typo), typo == key) << at << " " << byte;
      }
}

TEST(SubscriberKey, SwappedNeighboursAreRefused) {
  SystemRandomSource random;
  for (int round = 0; round < 100; ++round) {
    const Secret key = make_subscriber_key(random);
    for (std::size_t at = 0; at + 1 < subscriber_key_length; ++at) {
      std::string typo(key.reveal());
      std::swap(typo[at], typo[at + 1]);
      EXPECT_EQ(is_well_formed_subscriber_key(typo), typo == key.reveal());
    }
  }
}

TEST(SubscriberKey, OtherLengthsAreRefused) {
  const std::string key(vectors[0]);
  EXPECT_FALSE(is_well_formed_subscriber_key(""));
  EXPECT_FALSE(is_well_formed_subscriber_key("pky_"));
  EXPECT_FALSE(is_well_formed_subscriber_key(key + "0"));
  EXPECT_FALSE(is_well_formed_subscriber_key(key + '\0'));
  EXPECT_FALSE(is_well_formed_subscriber_key(" " + key));
  for (std::size_t length = 0; length < key.size(); ++length) EXPECT_FALSE(is_well_formed_subscriber_key(key.substr(0, length)));
}

TEST(SubscriberKey, MadeKeysAreWellFormedAndDiffer) {
  SystemRandomSource random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const Secret key = make_subscriber_key(random);
    EXPECT_TRUE(is_well_formed_subscriber_key(key.reveal()));
    EXPECT_TRUE(seen.emplace(key.reveal()).second);
  }
}

// The source gives every byte value equally often; so must the characters be, which a plain "byte % 62" would miss.
TEST(SubscriberKey, EveryCharacterIsEquallyLikely) {
  SequenceRandomSource random;
  std::map<char, int> counts;
  constexpr std::size_t rounds = 40;
  for (const char c : random_base62(random, 248 * rounds)) ++counts[c];
  ASSERT_EQ(counts.size(), base62.size());
  for (const char c : base62) EXPECT_EQ(counts[c], static_cast<int>(4 * rounds)) << c;
}

TEST(SubscriberKey, DigestIsHmacWithThePepper) {
  const Pepper pepper = make_pepper(Secret(std::string(32, '\x01')));
  EXPECT_EQ(pepper.id.text, "72cd6e84");
  EXPECT_EQ(digest_of_key(pepper, vectors[0]).hex(), "bce4e71cf2f6a8f61e69f31a31a6b39c32a3fb639f708f51fee5688c3745e2d5");
  const Pepper other = make_pepper(Secret(std::string(32, '\x02')));
  EXPECT_NE(digest_of_key(other, vectors[0]), digest_of_key(pepper, vectors[0]));
}

}  // namespace
}  // namespace packyard
