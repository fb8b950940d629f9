#include "verify/signature_reader.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"

namespace packyard {
namespace {

TEST(SignatureReader, AcceptsOurKeysOnly) {
  const TemporaryFolder folder;
  auto signer = test::open_test_signer("release");
  auto stranger = test::open_test_signer("stranger");
  const auto put = [&](const char* name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return folder / name;
  };
  const auto text = put("text", "hello\n");
  const auto keys = PublicKeys::load(test::public_key_file("release")).value();
  SystemCommandRunner runner;
  SignatureReader reader(runner, keys);
  EXPECT_TRUE(reader.check_detached(put("good", signer->sign_detached("hello\n", SignatureForm::armored).value()), text));
  EXPECT_TRUE(reader.check_detached(put("binary", signer->sign_detached("hello\n", SignatureForm::binary).value()), text));
  EXPECT_NE(reader.check_detached(folder / "good", put("other", "hallo\n")).error().message.find("BAD signature"),
            std::string::npos);
  EXPECT_FALSE(reader.check_detached(put("foreign", stranger->sign_detached("hello\n", SignatureForm::armored).value()), text));
  EXPECT_FALSE(reader.check_detached(put("rubbish", "rubbish"), text));
  EXPECT_FALSE(reader.check_detached(put("empty", ""), text));
  EXPECT_EQ(reader.read_clear(put("clear", signer->sign_clear("hello\n").value())).value(), "hello\n");
  EXPECT_FALSE(reader.read_clear(put("foreign-clear", stranger->sign_clear("hello\n").value())));
  EXPECT_FALSE(reader.read_clear(text));
  EXPECT_EQ(reader.checked(), 9u);
}

}  // namespace
}  // namespace packyard
