#include "signer/secret_variables.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/descriptor.h"

namespace packyard {
namespace {

constexpr std::size_t secret_bytes_max = 1024 * 1024;

// Checks the file that was opened, not the name, so that nobody can exchange it in between.
Result<void> check_private(int descriptor, const std::string& attempted) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return fail(system_error(attempted));
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
    return fail(ErrorCode::invalid, attempted + ": it is neither a file nor a pipe");
  if (S_ISREG(status.st_mode) && (status.st_mode & (S_IROTH | S_IWOTH)) != 0)
    return fail(ErrorCode::invalid, attempted + ": other users may read or write it; make it private with chmod 600");
  return {};
}

Result<Secret> read_secret_file(const std::string& variable, const std::string& file, SecretPrivacy privacy,
                                EmptyFile empty_file) {
  const std::string attempted = "reading the file that " + variable + " names, " + file;
  const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (descriptor.number() < 0) return fail(system_error(attempted));
  if (privacy == SecretPrivacy::secret) TRY(check_private(descriptor.number(), attempted));
  std::string text;
  text.reserve(secret_bytes_max + 1);  // never grows, so that no copy of the secret stays behind
  char block[4096];
  while (true) {
    const ssize_t got = read(descriptor.number(), block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error(attempted));
    if (got == 0) break;
    if (text.size() + static_cast<std::size_t>(got) > secret_bytes_max)
      return fail(ErrorCode::invalid, attempted + ": larger than 1 MiB");
    text.append(block, static_cast<std::size_t>(got));
  }
  explicit_bzero(block, sizeof block);
  if (text.empty() && empty_file == EmptyFile::refused) return fail(ErrorCode::invalid, attempted + ": it is empty");
  Secret secret(text);
  explicit_bzero(text.data(), text.size());
  return secret;
}

// The value of a variable; the variable is gone afterwards.
std::optional<Secret> take_variable(const std::string& name) {
  char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  Secret secret{std::string(value)};
  explicit_bzero(value, std::strlen(value));
  unsetenv(name.c_str());
  return secret;
}

}  // namespace

Result<std::optional<TakenSecret>> take_secret(const std::string& name, SecretPrivacy privacy, EmptyFile empty_file) {
  const std::string file_variable = name + "_FILE";
  auto value = take_variable(name);
  const char* file = std::getenv(file_variable.c_str());
  if (file == nullptr || *file == '\0') {
    if (!value) return std::nullopt;
    return TakenSecret{std::move(*value), SecretOrigin::variable};
  }
  if (value) return fail(ErrorCode::invalid, name + " and " + file_variable + " are both set; set one of them");
  TRY_ASSIGN(Secret secret, read_secret_file(file_variable, file, privacy, empty_file));
  return TakenSecret{std::move(secret), SecretOrigin::file};
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace packyard
