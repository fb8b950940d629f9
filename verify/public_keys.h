// PublicKeys: the vendor's public keys as customers get them (lts.asc), split into certificates, and as a keyring file for gpgv in
// a private folder that goes away with the object. Plain after creation: safe to share between threads.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace packyard {

class PublicKeys {
 public:
  static Result<PublicKeys> load(const std::filesystem::path& armored_file);

  // Binary certificates: a primary key with its user ids, subkeys and signatures.
  const std::vector<std::string>& certificates() const { return certificates_; }
  const std::filesystem::path& keyring() const { return keyring_->file; }
  // True when every key of this armored text (repomd.xml.key) is one of ours.
  Result<void> check_all_known(std::string_view armored) const;

 private:
  struct Keyring {
    std::filesystem::path folder, file;
    Keyring() = default;
    Keyring(const Keyring&) = delete;
    Keyring& operator=(const Keyring&) = delete;
    ~Keyring();
  };
  std::vector<std::string> certificates_;
  std::shared_ptr<Keyring> keyring_;
};

// Cuts joined certificates apart (RFC 4880: each begins with a public-key packet). Malformed is ErrorCode::invalid.
Result<std::vector<std::string>> split_certificates(std::string_view bytes);

}  // namespace packyard
