#include "signer/openpgp_packets.h"

#include <array>

#include "core/digest.h"
#include "core/hex.h"

namespace packyard {
namespace {

constexpr std::size_t packets_max = 10'000;

// Takes big-endian numbers and pieces off the front; once something is missing it stays failed.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool failed() const { return failed_; }
  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  std::uint32_t number(std::size_t width) {
    const std::string_view digits = piece(width);
    std::uint32_t value = 0;
    for (const char c : digits) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::uint8_t octet() { return static_cast<std::uint8_t>(number(1)); }
  std::string_view piece(std::size_t length) {
    if (failed_ || length > rest_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view result = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return result;
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

// New-format and subpacket lengths; partial lengths (224…254 of a packet) are refused by the caller.
std::uint32_t variable_length(Reader& reader, std::uint32_t first) {
  if (first < 192) return first;
  if (first < 255) return ((first - 192) << 8) + reader.octet() + 192;
  return reader.number(4);
}

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::invalid, "malformed OpenPGP data: " + std::string(what));
}

void take_subpacket(std::uint8_t type, std::string_view value, bool hashed, OpenPgpSignature& signature) {
  Reader reader(value);
  switch (type) {
    case 2:
      if (hashed && value.size() == 4) signature.created = reader.number(4);
      break;
    case 9:
      if (hashed && value.size() == 4) signature.key_expires_after = reader.number(4);
      break;
    case 16:
      if (value.size() == 8 && signature.issuer_key_id.empty()) signature.issuer_key_id = hex(value, HexCase::upper);
      break;
    case 27:
      if (hashed && !value.empty()) signature.key_flags = reader.octet();
      break;
    case 32:
      if (value.size() > 4) signature.back_signature_hash_algorithm = static_cast<std::uint8_t>(value[3]);
      break;
    case 33:
      if (value.size() == 21 && value[0] == 4) signature.issuer_key_id = hex(value.substr(13), HexCase::upper);
      break;
    default: break;
  }
}

bool take_subpackets(std::string_view area, bool hashed, OpenPgpSignature& signature) {
  Reader reader(area);
  while (!reader.empty()) {
    const std::uint32_t length = variable_length(reader, reader.octet());
    const std::string_view body = reader.piece(length);
    if (reader.failed() || body.empty()) return false;
    take_subpacket(static_cast<std::uint8_t>(body[0]) & 0x7f, body.substr(1), hashed, signature);
  }
  return true;
}

std::string curve_name(std::string_view identifier) {
  struct Curve {
    std::string_view identifier, name;
  };
  constexpr std::array<Curve, 9> curves = {{{"2B06010401DA470F01", "ed25519"},
                                            {"2B060104019755010501", "cv25519"},
                                            {"2B6571", "ed448"},
                                            {"2A8648CE3D030107", "nistp256"},
                                            {"2B81040022", "nistp384"},
                                            {"2B81040023", "nistp521"},
                                            {"2B2403030208010107", "brainpoolP256r1"},
                                            {"2B240303020801010D", "brainpoolP512r1"},
                                            {"2B8104000A", "secp256k1"}}};
  const std::string digits = hex(identifier, HexCase::upper);
  for (const Curve& curve : curves)
    if (curve.identifier == digits) return std::string(curve.name);
  return digits;
}

}  // namespace

Result<std::vector<OpenPgpPacket>> read_openpgp_packets(std::string_view bytes) {
  std::vector<OpenPgpPacket> packets;
  Reader reader(bytes);
  while (!reader.empty()) {
    const std::uint8_t header = reader.octet();
    if ((header & 0x80) == 0) return malformed("a packet does not begin with a packet header");
    OpenPgpPacket packet;
    std::uint32_t length = 0;
    if ((header & 0x40) != 0) {
      packet.tag = header & 0x3f;
      const std::uint32_t first = reader.octet();
      if (first >= 224 && first < 255) return malformed("a packet of partial length");
      length = variable_length(reader, first);
    } else {
      packet.tag = header >> 2 & 0x0f;
      const unsigned length_type = header & 3;
      if (length_type == 3) return malformed("a packet of indeterminate length");
      length = reader.number(std::size_t{1} << length_type);
    }
    packet.body = reader.piece(length);
    if (reader.failed()) return malformed("it ends inside a packet");
    if (packets.size() == packets_max) return malformed("too many packets");
    packets.push_back(packet);
  }
  return packets;
}

Result<OpenPgpSignature> read_openpgp_signature(std::string_view body) {
  OpenPgpSignature signature;
  Reader reader(body);
  signature.version = reader.octet();
  if (signature.version == 3) {
    if (reader.octet() != 5) return malformed("a version 3 signature of odd length");
    signature.type = reader.octet();
    signature.created = reader.number(4);
    signature.issuer_key_id = hex(reader.piece(8), HexCase::upper);
    signature.public_key_algorithm = reader.octet();
    signature.hash_algorithm = reader.octet();
    if (reader.failed()) return malformed("a signature ends early");
    return signature;
  }
  const bool wide = signature.version == 6;
  if (signature.version != 4 && !wide) return malformed("a signature of version " + std::to_string(signature.version));
  signature.type = reader.octet();
  signature.public_key_algorithm = reader.octet();
  signature.hash_algorithm = reader.octet();
  const std::string_view hashed = reader.piece(reader.number(wide ? 4 : 2));
  const std::string_view unhashed = reader.piece(reader.number(wide ? 4 : 2));
  if (reader.failed()) return malformed("a signature ends early");
  if (!take_subpackets(hashed, true, signature) || !take_subpackets(unhashed, false, signature))
    return malformed("a subpacket of odd length");
  return signature;
}

Result<OpenPgpPublicKey> read_openpgp_public_key(std::string_view body) {
  OpenPgpPublicKey key;
  Reader reader(body);
  key.version = reader.octet();
  key.created = reader.number(4);
  if (key.version != 4) {
    if (reader.failed()) return malformed("a key ends early");
    return key;
  }
  key.algorithm = reader.octet();
  if (key.algorithm == 18 || key.algorithm == 19 || key.algorithm == 22) {
    key.curve = curve_name(reader.piece(reader.octet()));
  } else if (key.algorithm == 27 || key.algorithm == 25) {
    key.curve = key.algorithm == 27 ? "ed25519" : "x25519";
  } else {
    key.bits = reader.number(2);
  }
  if (reader.failed() || body.size() > 0xffff) return malformed("a key of odd length");
  std::string hashed = {'\x99', static_cast<char>(body.size() >> 8), static_cast<char>(body.size() & 0xff)};
  hashed += body;
  const auto digest = sha1_for_fingerprint(hashed);
  key.fingerprint = hex({reinterpret_cast<const char*>(digest.data()), digest.size()}, HexCase::upper);
  return key;
}

Result<std::vector<std::string>> read_signer_key_ids(std::string_view bytes) {
  TRY_ASSIGN(const auto packets, read_openpgp_packets(bytes));
  std::vector<std::string> ids;
  for (const OpenPgpPacket& packet : packets) {
    if (packet.tag != openpgp_tag::signature) continue;
    TRY_ASSIGN(const auto signature, read_openpgp_signature(packet.body));
    ids.push_back(signature.issuer_key_id);
  }
  return ids;
}

}  // namespace packyard
