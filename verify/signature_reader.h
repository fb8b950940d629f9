// SignatureReader: checks OpenPGP signatures with gpgv against the vendor's public keys and nothing else: no home, no web of
// trust, no system keyring. One gpgv process per signature. Thread-safe. A wrong signature is ErrorCode::invalid with the cause.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/command_runner.h"
#include "core/result.h"
#include "verify/public_keys.h"

namespace packyard {

class SignatureReader {
 public:
  SignatureReader(CommandRunner& runner, const PublicKeys& keys) : runner_(runner), keys_(keys) {}

  Result<void> check_detached(const std::filesystem::path& signature, const std::filesystem::path& signed_file);
  // The text inside a cleartext signature (InRelease).
  Result<std::string> read_clear(const std::filesystem::path& file);
  std::uint64_t checked() const { return checked_; }

 private:
  Result<CommandOutcome> run(std::vector<std::string> arguments, std::size_t output_bytes_max);
  CommandRunner& runner_;
  const PublicKeys& keys_;
  std::atomic<std::uint64_t> checked_ = 0;
};

}  // namespace packyard
