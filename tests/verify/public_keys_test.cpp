#include "verify/public_keys.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"

namespace packyard {
namespace {

TEST(PublicKeys, LoadsSeveralKeysAndKnowsThem) {
  const TemporaryFolder folder;
  std::ofstream(folder / "lts.asc") << test::read_whole(test::public_key_file("release")) 
                                     << test::read_whole(test::public_key_file("ed25519"));
  std::filesystem::path keyring;
  {
    const auto keys = PublicKeys::load(folder / "lts.asc");
    ASSERT_TRUE(keys) << keys.error().message;
    EXPECT_EQ(keys->certificates().size(), 2u);
    EXPECT_TRUE(keys->check_all_known(test::read_whole(test::public_key_file("release"))));
    EXPECT_FALSE(keys->check_all_known(test::read_whole(test::public_key_file("stranger"))));
    EXPECT_FALSE(keys->check_all_known("rubbish"));
    keyring = keys->keyring();
    EXPECT_EQ(test::read_whole(keyring), keys->certificates()[0] + keys->certificates()[1]);
    EXPECT_EQ(std::filesystem::status(keyring.parent_path()).permissions(), std::filesystem::perms::owner_all);
  }
  EXPECT_FALSE(std::filesystem::exists(keyring.parent_path()));
}

TEST(PublicKeys, RefusesWhatIsNoKey) {
  EXPECT_FALSE(PublicKeys::load("/does/not/exist"));
  EXPECT_FALSE(split_certificates("text"));
  EXPECT_FALSE(split_certificates("\xc2\x01x"));  // a signature first
  EXPECT_FALSE(split_certificates("\xc6\x05x"));  // ends early
  EXPECT_FALSE(split_certificates("\xc6\xe0x"));  // partial length
  EXPECT_EQ(split_certificates("\xc6\x01x\xc2\x01y\xc6\x01z").value(),
            (std::vector<std::string>{"\xc6\x01x\xc2\x01y", "\xc6\x01z"}));
}

}  // namespace
}  // namespace packyard
