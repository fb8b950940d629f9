#include "signer/image_key_judge.h"

#include <gtest/gtest.h>

#include <fstream>

#include "signer/p256_key.h"
#include "signer/pem.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"

namespace packyard {
namespace {

TEST(ImageKeyJudge, TheFingerprintIsOpenssls) {
  const std::string key = test::read_whole(test::source_folder() / "tests/data/cosign/cosign2.pub");
  EXPECT_EQ(image_key_fingerprint(key).value_or("none"), "051dd82926170adf563d932300e28387deb911bb61ae81434c63462801de612c");
  EXPECT_FALSE(image_key_fingerprint("no key"));
}

TEST(ImageKeyJudge, TheServedKeyMustBeTheSigningKey) {
  const TemporaryFolder folder;
  const auto served = folder.path() / "cosign.pub";
  const std::string own = P256Key::make()->public_key();
  const auto serve = [&served](const std::string& text) { std::ofstream(served) << text; };
  const auto refusal = [&] {
    const auto checked = check_image_key_is_served(served, own);
    return checked ? "" : checked.error().message;
  };
  EXPECT_NE(refusal().find("No such file or directory; copy the key's cosign.pub there"), std::string::npos) << refusal();
  serve("-----BEGIN PGP PUBLIC KEY BLOCK-----\n");
  EXPECT_NE(refusal().find("PGP PUBLIC KEY BLOCK"), std::string::npos) << refusal();
  serve(P256Key::make()->public_key());
  EXPECT_NE(refusal().find("it holds another key, sha256:"), std::string::npos) << refusal();
  serve(own);
  EXPECT_EQ(refusal(), "");
  serve("# of Example LTS\n" + write_pem("PUBLIC KEY", *read_pem(own, {"PUBLIC KEY"})) + "\n");
  EXPECT_EQ(refusal(), "");
}

}  // namespace
}  // namespace packyard
