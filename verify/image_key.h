// ImageKey: the vendor's public key for images as customers get it (cosign.pub), ECDSA on P-256 over SHA-256 (FIPS 186-5), the
// one kind that every cosign and skopeo reads alike. OpenSSL stays in image_key.cpp. Plain after loading: safe to share between
// threads.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

class ImageKey {
 public:
  // PEM "PUBLIC KEY"; another kind of key is ErrorCode::invalid.
  static Result<ImageKey> load(const std::filesystem::path& pem_file);
  static Result<ImageKey> parse(std::string_view pem);

  // True for a signature (ASN.1 DER) by this key over these bytes.
  bool verifies(std::string_view message, std::string_view signature) const;
  // Base64 of the SHA-256 of the key's DER form: how a bundle names it.
  const std::string& hint() const { return hint_; }

 private:
  struct State;
  explicit ImageKey(std::shared_ptr<const State> state, std::string hint) : state_(std::move(state)), hint_(std::move(hint)) {}
  std::shared_ptr<const State> state_;
  std::string hint_;
};

}  // namespace packyard
