#include "admin/admin_token.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/descriptor.h"

namespace packyard {
namespace {

constexpr std::size_t file_bytes_max = 1024;

// What RFC 6750 allows in a bearer token.
bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

// Judges the file that was opened, not the name, so that nobody can exchange it in between.
Result<void> check_private(int descriptor, const std::string& attempted) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return fail(system_error(attempted));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid, attempted + ": it is not a file");
  if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0)
    return fail(ErrorCode::invalid, attempted + ": other users may read or write it; make it private with chmod 600");
  return {};
}

}  // namespace

Result<Secret> read_admin_token(const std::filesystem::path& file) {
  const std::string attempted = "reading the admin token from " + file.string();
  const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (descriptor.number() < 0) return fail(system_error(attempted));
  TRY(check_private(descriptor.number(), attempted));
  char text[file_bytes_max + 1];
  ssize_t got = -1;
  do {
    got = read(descriptor.number(), text, sizeof text);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return fail(system_error(attempted));
  std::size_t length = static_cast<std::size_t>(got);
  if (length > 0 && text[length - 1] == '\n') --length;
  const bool fits =
      length >= admin_token_length_min && length <= file_bytes_max && std::all_of(text, text + length, is_token_character);
  Secret token(fits ? std::string(text, length) : std::string());
  explicit_bzero(text, sizeof text);
  if (!fits)
    return fail(ErrorCode::invalid, attempted +
                                        ": it must hold one line of 32 or more letters, digits and -._~+/=; make one with "
                                        "head -c 32 /dev/urandom | base64 -w 0");
  return token;
}

}  // namespace packyard
