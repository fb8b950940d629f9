#include "verify/rpm_package_reader.h"

#include <fcntl.h>
#include <rpm/header.h>
#include <rpm/rpmkeyring.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmts.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <vector>

namespace packyard {
namespace {

constexpr std::size_t block_bytes = 256 * 1024;
constexpr std::uint32_t sha256_algorithm = 8;  // RFC 4880 9.4

int keep_quiet(rpmlogRec, rpmlogCallbackData) { return 0; }

// librpm reads its configuration once per process; it logs to standard error unless told otherwise.
bool librpm_is_ready() {
  static std::once_flag once;
  static bool ready = false;
  std::call_once(once, [] {
    rpmlogSetCallback(keep_quiet, nullptr);
    ready = rpmReadConfigFiles(nullptr, nullptr) == 0;
  });
  return ready;
}

bool add_key(rpmKeyring keyring, const std::string& certificate) {
  rpmPubkey key = rpmPubkeyNew(reinterpret_cast<const std::uint8_t*>(certificate.data()), certificate.size());
  if (key == nullptr) return false;
  bool added = rpmKeyringAddKey(keyring, key) >= 0;
  int count = 0;
  rpmPubkey* subkeys = rpmGetSubkeys(key, &count);
  for (int i = 0; i < count; ++i) {
    added = rpmKeyringAddKey(keyring, subkeys[i]) >= 0 && added;
    rpmPubkeyFree(subkeys[i]);
  }
  std::free(subkeys);
  rpmPubkeyFree(key);
  return added;
}

std::string text_of(Header header, rpmTagVal tag) {
  const char* text = headerGetString(header, tag);
  return text == nullptr ? "" : text;
}

struct PayloadDigest {
  std::string expected;  // empty: the package has none
  std::uint64_t begin = 0;
};

PayloadDigest payload_digest_of(Header header, std::uint64_t begin) {
  if (headerGetNumber(header, RPMTAG_PAYLOADDIGESTALGO) != sha256_algorithm) return {};
  PayloadDigest digest{"", begin};
  rpmtd values = rpmtdNew();
  if (headerGet(header, RPMTAG_PAYLOADDIGEST, values, HEADERGET_MINMEM) != 0) {
    const char* text = rpmtdGetString(values);
    if (text != nullptr) digest.expected = text;
  }
  rpmtdFreeData(values);
  rpmtdFree(values);
  return digest;
}

// The whole file and the payload in one pass.
Result<FileDigest> digest_both(const std::filesystem::path& package, const PayloadDigest& payload) {
  const int descriptor = open(package.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return fail(system_error("opening " + package.string()));
  Sha256Stream whole, part;
  FileDigest result;
  std::vector<char> block(block_bytes);
  while (true) {
    const ssize_t got = read(descriptor, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const Error error = system_error("reading " + package.string());
      close(descriptor);
      return fail(error);
    }
    if (got == 0) break;
    const std::string_view bytes(block.data(), static_cast<std::size_t>(got));
    whole.update(bytes);
    const std::uint64_t end = result.size_bytes + bytes.size();
    if (!payload.expected.empty() && end > payload.begin)
      part.update(bytes.substr(payload.begin > result.size_bytes ? payload.begin - result.size_bytes : 0));
    result.size_bytes = end;
  }
  close(descriptor);
  result.sha256 = whole.finish();
  if (!payload.expected.empty() && part.finish().hex() != payload.expected)
    return fail(ErrorCode::invalid, "has a payload that differs from the digest in its signed header");
  return result;
}

}  // namespace

struct RpmPackageReader::State {
  State() : keyring(rpmKeyringNew()), transaction(rpmtsCreate()) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    rpmtsFree(transaction);
    rpmKeyringFree(keyring);
  }
  rpmKeyring keyring;
  rpmts transaction;
};

RpmPackageReader::RpmPackageReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
RpmPackageReader::~RpmPackageReader() = default;

Result<std::unique_ptr<RpmPackageReader>> RpmPackageReader::make(const PublicKeys& keys) {
  if (!librpm_is_ready())
    return fail(ErrorCode::unavailable, "starting librpm: its configuration cannot be read; reinstall the package rpm-common");
  auto state = std::make_unique<State>();
  for (const std::string& certificate : keys.certificates())
    if (!add_key(state->keyring, certificate)) return fail(ErrorCode::invalid, "librpm does not take a key of lts.asc");
  rpmtsSetKeyring(state->transaction, state->keyring);
  rpmtsSetVSFlags(state->transaction, RPMVSF_DEFAULT);
  return std::unique_ptr<RpmPackageReader>(new RpmPackageReader(std::move(state)));
}

Result<CheckedRpm> RpmPackageReader::check(const std::filesystem::path& package) {
  FD_t file = Fopen(package.c_str(), "r.ufdio");
  if (file == nullptr || Ferror(file) != 0) {
    if (file != nullptr) Fclose(file);
    return fail(system_error("opening " + package.string()));
  }
  Header header = nullptr;
  const rpmRC outcome = rpmReadPackageFile(state_->transaction, file, package.c_str(), &header);
  const off_t payload_begin = Ftell(file);
  Fclose(file);
  const auto refuse = [&](const char* why) {
    headerFree(header);
    return fail(ErrorCode::invalid, why);
  };
  if (outcome == RPMRC_NOKEY) return refuse("is signed by a key that is not in lts.asc");
  if (outcome != RPMRC_OK || header == nullptr)
    return refuse("is not accepted by rpm: damaged, or its signature or digests are wrong");
  // librpm lets an unsigned package pass here.
  if (headerIsEntry(header, RPMTAG_RSAHEADER) == 0 && headerIsEntry(header, RPMTAG_DSAHEADER) == 0)
    return refuse("is not signed");
  CheckedRpm checked;
  checked.name = text_of(header, RPMTAG_NAME);
  const std::uint64_t epoch = headerGetNumber(header, RPMTAG_EPOCH);
  checked.version = (epoch == 0 ? "" : std::to_string(epoch) + ":") + text_of(header, RPMTAG_VERSION) + "-" +
      text_of(header, RPMTAG_RELEASE);
  checked.architecture = headerIsSource(header) != 0 ? "src" : text_of(header, RPMTAG_ARCH);
  const PayloadDigest payload = payload_digest_of(header, static_cast<std::uint64_t>(payload_begin));
  headerFree(header);
  TRY_ASSIGN(checked.digest, digest_both(package, payload));
  return checked;
}

}  // namespace packyard
