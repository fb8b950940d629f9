#include "signer/cosign_key.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/base64.h"
#include "signer/pem.h"

namespace packyard {
namespace {

using nlohmann::json;

constexpr std::size_t file_bytes_max = 64 * 1024;
constexpr std::string_view sigstore_label = "ENCRYPTED SIGSTORE PRIVATE KEY";  // cosign 2.1 and newer
constexpr std::string_view cosign_label = "ENCRYPTED COSIGN PRIVATE KEY";      // all versions; older ones know no other
constexpr std::string_view kdf_name = "scrypt", cipher_name = "nacl/secretbox";
// kdf, its name, params with N, r and p, salt; cipher, its name and nonce; ciphertext.
constexpr int field_count = 11;

std::unexpected<Error> refuse(std::string_view why) { return fail(ErrorCode::invalid, "its JSON " + std::string(why)); }

// The wanted member of an object; what is absent or no object has none.
const json* find(const json* object, const char* name) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto at = object->find(name);
  return at == object->end() ? nullptr : &*at;
}

const std::string* find_text(const json* object, const char* name) {
  const json* const value = find(object, name);
  return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

std::uint64_t number_in(const json* object, const char* name) {
  const json* const value = find(object, name);
  return value != nullptr && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

template <std::size_t size>
Result<void> read_bytes(const json* object, const char* name, std::array<std::uint8_t, size>& bytes) {
  const std::string* const text = find_text(object, name);
  if (text == nullptr) return refuse("has no text \"" + std::string(name) + "\"");
  const auto decoded = decode_base64(*text);
  if (!decoded) return refuse("holds a " + std::string(name) + " that is not base64");
  if (decoded->size() != size)
    return refuse("holds a " + std::string(name) + " of " + std::to_string(decoded->size()) + " bytes, expected " +
                  std::to_string(size));
  std::ranges::copy(*decoded, bytes.begin());
  return {};
}

Result<ScryptCost> read_cost(const json* params) {
  const std::uint64_t n = number_in(params, "N");
  if (number_in(params, "r") == 8 && number_in(params, "p") == 1)
    for (const ScryptCost cost : {ScryptCost::two_to_15, ScryptCost::two_to_16, ScryptCost::two_to_17})
      if (n == static_cast<std::uint64_t>(cost)) return cost;
  return refuse("asks for unsupported scrypt parameters; cosign's are N = 32768, 65536 or 131072 with r = 8 and p = 1");
}

Result<SecretBox> read_box(std::string_view text) {
  // Counting every name of every object finds what is given twice or besides, once all that are wanted are there.
  int names = 0;
  const auto count = [&names](int, json::parse_event_t event, json&) {
    if (event == json::parse_event_t::key) ++names;
    return true;
  };
  const json document = json::parse(text, count, false);
  if (document.is_discarded()) return refuse("is damaged");
  const json* const kdf = find(&document, "kdf");
  const json* const cipher = find(&document, "cipher");
  const std::string* const kdf_text = find_text(kdf, "name");
  const std::string* const cipher_text = find_text(cipher, "name");
  if (kdf_text == nullptr || *kdf_text != kdf_name) return refuse("names no key derivation \"scrypt\"");
  if (cipher_text == nullptr || *cipher_text != cipher_name) return refuse("names no cipher \"nacl/secretbox\"");
  SecretBox box;
  TRY_ASSIGN(box.cost, read_cost(find(kdf, "params")));
  TRY(read_bytes(kdf, "salt", box.salt));
  TRY(read_bytes(cipher, "nonce", box.nonce));
  const std::string* const ciphertext = find_text(&document, "ciphertext");
  if (ciphertext == nullptr) return refuse("has no text \"ciphertext\"");
  auto decoded = decode_base64(*ciphertext);
  if (!decoded) return refuse("holds a ciphertext that is not base64");
  if (decoded->size() <= secret_box_tag_bytes) return refuse("holds a ciphertext that is cut off");
  box.ciphertext = std::move(*decoded);
  if (names != field_count) return refuse("has fields that no cosign key has, or one twice");
  return box;
}

template <std::size_t size>
std::string base64_of(const std::array<std::uint8_t, size>& bytes) {
  return encode_base64({reinterpret_cast<const char*>(bytes.data()), size});
}

}  // namespace

Result<SecretBox> read_cosign_key_file(std::string_view text) {
  constexpr std::string_view attempted = "reading a cosign private key";
  if (text.size() > file_bytes_max) return fail(ErrorCode::invalid, std::string(attempted) + ": it is larger than 64 KiB");
  const auto body = read_pem(text, {sigstore_label, cosign_label});
  if (!body)
    return fail(ErrorCode::invalid, std::string(attempted) + ": " + body.error().message +
                                        "; packyard signing-key new-cosign makes one, cosign import-key-pair one of a P-256 key");
  auto box = read_box(*body);
  if (!box) return fail(box.error().in(attempted));
  return box;
}

Result<P256Key> read_cosign_key(std::string_view text, const Secret& password) {
  TRY_ASSIGN(const SecretBox box, read_cosign_key_file(text));
  const auto pkcs8 = open_secret_box(box, password);
  if (!pkcs8) return fail(pkcs8.error().in("opening the cosign private key"));
  auto key = P256Key::read(*pkcs8);
  if (!key) return fail(key.error().in("reading the cosign private key"));
  return key;
}

Result<Secret> write_cosign_key(const P256Key& key, const Secret& password, RandomSource& random) {
  TRY_ASSIGN(const Secret pkcs8, key.pkcs8());
  SecretBox box;
  random.fill(std::as_writable_bytes(std::span(box.salt)));
  random.fill(std::as_writable_bytes(std::span(box.nonce)));
  TRY(seal_secret_box(box, pkcs8, password));
  const std::string body = "{\"kdf\":{\"name\":\"" + std::string(kdf_name) +
                           "\",\"params\":{\"N\":" + std::to_string(static_cast<std::uint32_t>(box.cost)) +
                           ",\"r\":8,\"p\":1},\"salt\":\"" + base64_of(box.salt) + "\"},\"cipher\":{\"name\":\"" +
                           std::string(cipher_name) + "\",\"nonce\":\"" + base64_of(box.nonce) + "\"},\"ciphertext\":\"" +
                           encode_base64(box.ciphertext) + "\"}";
  return Secret(write_pem(cosign_label, body));
}

}  // namespace packyard
