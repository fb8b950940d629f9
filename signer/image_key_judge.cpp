#include "signer/image_key_judge.h"

#include "core/digest.h"
#include "core/durable_file.h"
#include "signer/pem.h"

namespace packyard {

namespace {
constexpr std::size_t key_file_bytes_max = 64 * 1024;
}

Result<std::string> image_key_fingerprint(std::string_view public_key) {
  TRY_ASSIGN(const std::string der, read_pem(public_key, {pem_label::public_key}));
  return sha256(der).hex();
}

Result<void> check_image_key_is_served(const std::filesystem::path& served_key, std::string_view public_key) {
  const std::string attempted = "looking for the image key in " + served_key.string() + ", which customers fetch";
  const std::string advice = "; copy the key's cosign.pub there (cosign public-key --key cosign.key prints it)";
  TRY_ASSIGN(const std::string own, image_key_fingerprint(public_key));
  const auto text = read_small_file(served_key, key_file_bytes_max);
  if (!text) return fail(text.error().code, attempted + ": " + text.error().message + advice);
  const auto served = image_key_fingerprint(*text);
  if (!served) return fail(served.error().code, attempted + ": " + served.error().message + advice);
  if (*served != own)
    return fail(ErrorCode::invalid,
                attempted + ": it holds another key, sha256:" + *served + ", than the one that signs, sha256:" + own + advice);
  return {};
}

}  // namespace packyard
