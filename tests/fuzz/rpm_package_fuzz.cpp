// Whole RPM packages as promote takes them in: lead, headers and digests in its own reader. Bytes that do not begin as a package
// are a main header and a payload: they get the lead and the signature header that promise them, so that what is behind the
// digests is met too. A name that is taken is safe as a file name.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "core/check.h"
#include "promote/rpm_digest.h"
#include "promote/rpm_package_reader.h"
#include "signer/rpm_header_block.h"

using namespace packyard;

namespace {

std::string digest_of(RpmDigestKind kind, std::string_view bytes) {
  auto digest = RpmDigest::start(kind);
  CHECK(digest.has_value());
  digest->update(bytes);
  return digest->hex();
}

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

// Around a header and its payload; empty when the bytes do not even have the size of a header.
std::string package_of(std::string_view text) {
  const auto header_bytes = rpm_header_bytes(text.substr(0, rpm_header_intro_bytes), rpm_main_limits);
  if (!header_bytes || *header_bytes > text.size()) return {};
  std::string lead(96, '\0');
  lead.replace(0, 5, std::string("\xed\xab\xee\xdb\x03", 5));
  lead[7] = static_cast<char>(text.size() % 2);
  lead[79] = 5;
  const std::string sha256 = digest_of(RpmDigestKind::sha256, text.substr(0, *header_bytes)) + '\0';
  const std::string md5 = bytes_of(digest_of(RpmDigestKind::md5, text));
  return lead +
         write_rpm_signature_header({{rpm_tag::sha256_header, RpmType::string, 1, sha256},
                                     {rpm_tag::md5, RpmType::binary, static_cast<std::uint32_t>(md5.size()), md5}}) +
         std::string(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const std::string input = "/dev/shm/rpm_package_fuzz." + std::to_string(getpid());
  std::string package(reinterpret_cast<const char*>(bytes), size);
  if (!package.starts_with("\xed\xab\xee\xdb")) package = package_of(package);
  std::FILE* file = std::fopen(input.c_str(), "wb");
  CHECK(file != nullptr);
  CHECK(std::fwrite(package.data(), 1, package.size(), file) == package.size());
  std::fclose(file);
  const auto facts = read_rpm_package(input);
  unlink(input.c_str());
  if (!facts) {
    CHECK(facts.error().code == ErrorCode::invalid);
    return 0;
  }
  CHECK(!facts->name.empty() && !facts->version.empty() && !facts->architecture.empty());
  CHECK(facts->file_name.find('/') == std::string::npos && facts->file_name.size() <= 250);
  for (const char c : facts->file_name) CHECK(c > 0x20 && c < 0x7f);
  return 0;
}
