#include "verify/public_keys.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>

#include "core/durable_file.h"
#include "core/openpgp_armor.h"

namespace packyard {
namespace {

constexpr std::size_t keys_bytes_max = 4 * 1024 * 1024;
constexpr unsigned public_key_tag = 6;

struct Packet {
  unsigned tag;
  std::size_t header_bytes;
  std::size_t body_bytes;
};

std::size_t big_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// Where the first packet of `bytes` ends; header_bytes 0 when it is cut short or of unknown length.
Packet first_packet(std::string_view bytes) {
  const auto octet = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at])); };
  if (bytes.size() < 2 || (octet(0) & 0x80) == 0) return {};
  Packet packet{};
  if ((octet(0) & 0x40) == 0) {
    const std::size_t width = std::size_t{1} << (octet(0) & 3);
    if (width == 8 || bytes.size() < 1 + width) return {};
    packet = {static_cast<unsigned>(octet(0) >> 2 & 15), 1 + width, big_endian(bytes.substr(1, width))};
  } else if (octet(1) < 192) {
    packet = {static_cast<unsigned>(octet(0) & 63), 2, octet(1)};
  } else if (octet(1) < 224 && bytes.size() >= 3) {
    packet = {static_cast<unsigned>(octet(0) & 63), 3, ((octet(1) - 192) << 8) + octet(2) + 192};
  } else if (octet(1) == 255 && bytes.size() >= 6) {
    packet = {static_cast<unsigned>(octet(0) & 63), 6, big_endian(bytes.substr(2, 4))};
  }
  if (packet.header_bytes == 0 || packet.body_bytes > bytes.size() - packet.header_bytes) return {};
  return packet;
}

std::string_view primary_key(std::string_view certificate) {
  const Packet packet = first_packet(certificate);
  return certificate.substr(packet.header_bytes, packet.body_bytes);
}

}  // namespace

Result<std::vector<std::string>> split_certificates(std::string_view bytes) {
  std::vector<std::string> certificates;
  while (!bytes.empty()) {
    const Packet packet = first_packet(bytes);
    if (packet.header_bytes == 0) return fail(ErrorCode::invalid, "malformed OpenPGP public keys");
    if (packet.tag == public_key_tag) certificates.emplace_back();
    if (certificates.empty()) return fail(ErrorCode::invalid, "OpenPGP public keys that do not begin with a key");
    certificates.back() += bytes.substr(0, packet.header_bytes + packet.body_bytes);
    bytes.remove_prefix(packet.header_bytes + packet.body_bytes);
  }
  return certificates;
}

PublicKeys::Keyring::~Keyring() {
  std::error_code ignored;
  if (!folder.empty()) std::filesystem::remove_all(folder, ignored);
}

Result<PublicKeys> PublicKeys::load(const std::filesystem::path& armored_file) {
  const std::string attempted = "reading the public keys " + armored_file.string();
  TRY_ASSIGN(const std::string text, read_small_file(armored_file, keys_bytes_max));
  const auto bytes = read_openpgp_armor(text, armored_public_key);
  if (!bytes) return fail(bytes.error().in(attempted));
  PublicKeys keys;
  auto certificates = split_certificates(*bytes);
  if (!certificates) return fail(certificates.error().in(attempted));
  keys.certificates_ = std::move(*certificates);
  keys.keyring_ = std::make_shared<Keyring>();
  std::error_code error;
  std::string folder = (std::filesystem::temp_directory_path(error) / ("packyard-verify." + std::string(6, 'X'))).string();
  if (error || mkdtemp(folder.data()) == nullptr) return fail(system_error("creating a private folder " + folder));
  keys.keyring_->folder = folder;
  keys.keyring_->file = std::filesystem::path(folder) / "lts.gpg";
  TRY(write_new_file(keys.keyring_->file, *bytes, FileMode::owner_only));
  return keys;
}

Result<void> PublicKeys::check_all_known(std::string_view armored) const {
  TRY_ASSIGN(const std::string bytes, read_openpgp_armor(armored, armored_public_key));
  TRY_ASSIGN(const auto others, split_certificates(bytes));
  for (const std::string& other : others) {
    const auto known = [&](const std::string& certificate) { return primary_key(certificate) == primary_key(other); };
    if (std::ranges::none_of(certificates_, known)) return fail(ErrorCode::invalid, "holds a key that is not in lts.asc");
  }
  return {};
}

}  // namespace packyard
