#include "verify/image_key.h"

#include <gtest/gtest.h>

#include <fstream>

#include "signer/p256_key.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"

namespace packyard {
namespace {

TEST(ImageKey, VerifiesWhatItsPrivateHalfSigned) {
  const auto pair = P256Key::make(), other = P256Key::make();
  ASSERT_TRUE(pair && other);
  const auto key = ImageKey::parse(pair->public_key());
  ASSERT_TRUE(key) << key.error().message;
  std::string signature = pair->sign("bytes").value();
  EXPECT_TRUE(key->verifies("bytes", signature));
  EXPECT_FALSE(key->verifies("bytez", signature));
  EXPECT_FALSE(key->verifies("bytes", other->sign("bytes").value()));
  EXPECT_FALSE(key->verifies("bytes", ""));
  EXPECT_FALSE(key->verifies("bytes", signature + "x"));
  EXPECT_FALSE(key->verifies("bytes", signature.substr(1)));
  EXPECT_FALSE(key->verifies("", signature));
}

TEST(ImageKey, IsNamedByItsHint) {
  const auto key = ImageKey::parse(
      "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuXBwIv05ONc3lcZeJFJDtcd1zB2P\n"
      "U4FDCS7AB3N95RMdPFNMMrmitLT06pl0oU9oHNA7Lbde2VmbhX7ecz6OWQ==\n-----END PUBLIC KEY-----\n");
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->hint(), "wPKBligJyVDUAVYGE2VGYG1L4kA5MkbmvCZOBCWqD/I=");
}

TEST(ImageKey, IsOnP256Only) {
  const char* p384 =
      "-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAET3X0h6SzGur+Z/rGWwJxISenN0U7q8Br\n"
      "O+X2d6wXBazEXbkgTSWkRmCUOu9iUKjBv66U4hjcbVmMBpuhbt6yS6ZyspwQVey+\nkqb/Uc6MV4VIlHaZnO5lLU6gHWbJ2LVe\n-----END PUBLIC "
      "KEY-----\n";
  const char* ed25519 =
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA7/vTCeqHl1hGEoUOdRJLliK0EduDTu3sRsjBVr4neXM=\n-----END PUBLIC KEY-----\n";
  EXPECT_EQ(ImageKey::parse(p384).error().message, "is not a key on the curve P-256");
  EXPECT_EQ(ImageKey::parse(ed25519).error().message, "is not a key on the curve P-256");
  for (const char* text :
       {"", "key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n"
        "\nAAAA\n-----END PUBLIC KEY-----\n"})
    EXPECT_EQ(ImageKey::parse(text).error().message, "is no public key in PEM form") << text;
}

TEST(ImageKey, IsLoadedFromAFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(ImageKey::load(folder / "cosign.pub").error().code, ErrorCode::not_found);
  std::ofstream(folder / "cosign.pub") << P256Key::make()->public_key();
  EXPECT_TRUE(ImageKey::load(folder / "cosign.pub"));
  std::ofstream(folder / "cosign.pub") << std::string(100'000, 'x');
  EXPECT_FALSE(ImageKey::load(folder / "cosign.pub"));
}

}  // namespace
}  // namespace packyard
