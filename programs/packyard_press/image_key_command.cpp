// packyard-press signing-key new-cosign, and what signing-key check says of the image key
#include "programs/packyard_press/image_key_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "core/durable_file.h"
#include "core/json_text.h"
#include "core/random_source.h"
#include "promote/store_paths.h"
#include "signer/cosign_key.h"
#include "signer/cosign_signer.h"
#include "signer/image_key_judge.h"

namespace packyard {
namespace {

struct KeyFiles {
  std::filesystem::path private_key, public_key;
};

// A key that is overwritten cannot be had back, and images signed with it are refused from then on.
Result<void> refuse_existing(const KeyFiles& files) {
  for (const auto& file : {files.private_key, files.public_key}) {
    std::error_code failure;
    if (std::filesystem::exists(std::filesystem::symlink_status(file, failure)))
      return fail(ErrorCode::invalid,
                  "making an image key: " + file.string() + " exists; keys are never overwritten, name another --output-folder");
  }
  return {};
}

// Both files or none.
Result<void> write_files(const KeyFiles& files, const Secret& private_key, const std::string& public_key) {
  TRY(write_new_file(files.private_key, private_key.reveal(), FileMode::owner_only));
  auto written = write_new_file(files.public_key, public_key, FileMode::world_readable);
  if (!written) {
    unlink(files.private_key.c_str());
    return written;
  }
  written = sync_file_system(files.private_key);
  if (!written) {
    unlink(files.private_key.c_str());
    unlink(files.public_key.c_str());
  }
  return written;
}

Result<ExitCode> make_image_key(const Settings& settings, const std::filesystem::path& folder) {
  const KeyFiles files{folder / "cosign.key", folder / "cosign.pub"};
  TRY_ASSIGN(const Secret password, take_cosign_password());
  TRY(make_folders(folder));
  TRY(refuse_existing(files));
  TRY_ASSIGN(const P256Key key, P256Key::make());
  SystemRandomSource random;
  TRY_ASSIGN(const Secret private_key, write_cosign_key(key, password, random));
  TRY(write_files(files, private_key, key.public_key()));
  if (password.empty())
    std::cerr << "warning: neither COSIGN_PASSWORD nor COSIGN_PASSWORD_FILE holds a password: whoever reads "
              << files.private_key.string() << " can sign with it\n";
  const auto served = store_paths::image_public_key(settings);
  std::cout << "made " << files.private_key.string() << " (private, mode 0600) and " << files.public_key.string() << "\n"
            << "next: keep a copy of the private key and its password where only you can read them\n"
            << "      cp " << files.public_key.string() << " " << served.string()
            << "     # storage.public_keys: served as /gpg/cosign.pub\n"
            << "      export COSIGN_PRIVATE_KEY_FILE=" << files.private_key.string()
            << "     # and COSIGN_PASSWORD_FILE: for packyard promote\n"
            << "      packyard signing-key check\n";
  if (std::filesystem::exists(served))
    std::cout << "note: " << served.string()
              << " exists: customers who have that key refuse what the new one signs until they fetch it\n";
  return ExitCode::done;
}

}  // namespace

JudgedImageKey judge_image_key(const Settings& settings) {
  JudgedImageKey judged;
  const auto signer = open_image_signer();
  judged.is_configured = !signer || *signer != nullptr;
  if (!signer) judged.problem = signer.error().message;
  if (!signer || *signer == nullptr) return judged;
  const std::string public_key = (*signer)->public_key();
  judged.fingerprint = image_key_fingerprint(public_key).value_or("");
  const auto served = check_image_key_is_served(store_paths::image_public_key(settings), public_key);
  if (!served) judged.problem = served.error().message;
  return judged;
}

std::string image_key_as_text(const JudgedImageKey& judged) {
  if (!judged.is_configured) return "image key: none (COSIGN_PRIVATE_KEY and COSIGN_PRIVATE_KEY_FILE are not set)\n";
  std::string text;
  if (!judged.fingerprint.empty()) text += "image key sha256:" + judged.fingerprint + " (ECDSA P-256)\n";
  if (!judged.problem.empty()) return text + "refused: " + judged.problem + "\n";
  return text + "oci: good: cosign, skopeo and podman verify with it, and it is served as cosign.pub\n";
}

std::string image_key_as_json(const JudgedImageKey& judged) {
  return std::string("{\"configured\":") + (judged.is_configured ? "true" : "false") +
         ",\"fingerprint\":" + json_text(judged.fingerprint) + ",\"problem\":" + json_text(judged.problem) + "}";
}

void add_new_cosign_command(CLI::App& signing_key, PressCommand& command) {
  const auto folder = std::make_shared<std::string>();
  auto* made =
      signing_key.add_subcommand("new-cosign", "make a key pair for images, cosign.key and cosign.pub, that cosign loads");
  made->footer("The private key is encrypted with COSIGN_PASSWORD, or the content of the file COSIGN_PASSWORD_FILE.");
  made->add_option("--output-folder", *folder, "where to put them; existing files are never overwritten")->required();
  made->callback(
      [&command, folder] { command.run = [folder](const Settings& settings) { return make_image_key(settings, *folder); }; });
}

}  // namespace packyard
