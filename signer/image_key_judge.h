// Whether customers can check what the image key signs. Pure functions but for reading the served file; nothing needs the private
// half.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

// SHA-256 of the SubjectPublicKeyInfo, 64 lower-case digits, as `openssl pkey -pubin -outform DER | sha256sum` shows it.
Result<std::string> image_key_fingerprint(std::string_view public_key);

// The image key's public half must be the cosign.pub that customers fetch, or they refuse every image after the next release.
Result<void> check_image_key_is_served(const std::filesystem::path& served_key, std::string_view public_key);

}  // namespace packyard
