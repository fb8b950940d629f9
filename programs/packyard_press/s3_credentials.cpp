#include "programs/packyard_press/s3_credentials.h"

#include <algorithm>
#include <string>

#include "signer/secret_variables.h"

namespace packyard {
namespace {

Result<Secret> take_key(std::string_view variable, SecretPrivacy privacy, std::string_view place) {
  const std::string name(variable);
  TRY_ASSIGN(const auto taken, take_secret(name, privacy, EmptyFile::refused));
  if (!taken)
    return fail(ErrorCode::invalid, std::string(place) + " is on S3, and " + name + " is not set: set it or " + name + "_FILE");
  const std::string_view text = without_line_end(taken->secret.reveal());
  // It goes into a header, and nothing else must come with it.
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
    return fail(ErrorCode::invalid, "reading " + name + ": a key of S3 is one word of printable characters");
  return Secret(std::string(text));
}

}  // namespace

Result<AwsCredentials> take_s3_credentials(std::string_view access_key_variable, std::string_view secret_key_variable,
                                           std::string_view place) {
  TRY_ASSIGN(const Secret access_key, take_key(access_key_variable, SecretPrivacy::open, place));
  TRY_ASSIGN(Secret secret_key, take_key(secret_key_variable, SecretPrivacy::secret, place));
  return AwsCredentials{std::string(access_key.reveal()), std::move(secret_key)};
}

}  // namespace packyard
