// Whole packages through sign_rpm: hostile leads, headers and sizes must give an error or a package, never more.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "signer/rpm_header_block.h"
#include "signer/rpm_signature.h"

namespace {

// Signs nothing: a fixed RSA/SHA-256 signature packet.
class FixedSigner final : public packyard::OpenPgpSigner {
 public:
  packyard::Result<std::string> sign_detached(std::string_view, packyard::SignatureForm) override {
    return std::string("\xc2\x0d\x04\x00\x01\x08\x00\x00\x00\x00\x12\x34\x00\x01\x01", 15);
  }
  packyard::Result<std::string> sign_clear(std::string_view) override { return std::string(); }
  packyard::Result<std::string> public_key() override { return std::string(); }
  std::string fingerprint() const override { return std::string(40, '0'); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const std::string folder = "/dev/shm/rpm_signature_fuzz." + std::to_string(getpid());
  const std::string input = folder + ".in", output = folder + ".out";
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto entries = packyard::read_rpm_header(text, packyard::rpm_main_limits)) {
    for (const auto& entry : *entries)
      if (packyard::read_rpm_number(entry).value_or(0) == 1 && entry.data.empty()) std::abort();
  }
  FILE* file = std::fopen(input.c_str(), "wb");
  if (file == nullptr) std::abort();
  std::fwrite(bytes, 1, size, file);
  std::fclose(file);
  unlink(output.c_str());
  FixedSigner signer;
  const auto digest = packyard::sign_rpm(input, output, signer);
  if (!digest && access(output.c_str(), F_OK) == 0) std::abort();
  if (digest && packyard::sign_rpm(output, input + "2", signer).has_value() == false) std::abort();  // what we wrote we can read
  unlink((input + "2").c_str());
  unlink(input.c_str());
  unlink(output.c_str());
  return 0;
}
