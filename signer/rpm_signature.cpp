#include "signer/rpm_signature.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "core/check.h"
#include "signer/openpgp_packets.h"
#include "signer/rpm_header_block.h"

namespace packyard {
namespace {

constexpr std::size_t lead_bytes = 96;
constexpr std::size_t block_bytes = 1024 * 1024;

// What stays of a package's own signature header: digests, sizes and signatures over single files, nothing over the whole.
constexpr std::array<std::uint32_t, 12> kept_tags = {
    rpm_tag::sha1_header,       rpm_tag::long_size,  rpm_tag::long_archive_size, rpm_tag::sha256_header,
    rpm_tag::file_signatures,   rpm_tag::file_signature_length, rpm_tag::verity_signatures, rpm_tag::verity_signature_algorithm,
    rpm_tag::sha3_256_header,   rpm_tag::size,       rpm_tag::md5,               rpm_tag::payload_size};

class PackageReader {
 public:
  PackageReader(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  PackageReader(const PackageReader&) = delete;
  PackageReader& operator=(const PackageReader&) = delete;
  ~PackageReader() { close(descriptor_); }

  static Result<std::unique_ptr<PackageReader>> open_file(const std::filesystem::path& file) {
    const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) return fail(system_error("opening " + file.string()));
    auto reader = std::make_unique<PackageReader>(descriptor, file.string());
    struct stat status {};
    if (fstat(descriptor, &status) != 0) return fail(system_error("reading the size of " + file.string()));
    if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid, "reading " + file.string() + ": not a regular file");
    reader->size_bytes_ = static_cast<std::uint64_t>(status.st_size);
    return reader;
  }

  // At most `length` bytes; fewer only at the end of the file.
  Result<std::string_view> read_some(std::string& buffer, std::size_t length) {
    buffer.resize(length);
    std::size_t filled = 0;
    while (filled < length) {
      const ssize_t got = read(descriptor_, buffer.data() + filled, length - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(system_error("reading " + name_));
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    offset_ += filled;
    return std::string_view(buffer).substr(0, filled);
  }

  Result<void> append_exactly(std::string& bytes, std::size_t length) {
    const auto truncated = [&] { return fail(ErrorCode::invalid, "reading " + name_ +
                                             ": truncated, it ends inside its headers"); };
    if (length > size_bytes_ - std::min(size_bytes_, offset_)) return truncated();
    std::string piece;
    TRY_ASSIGN(const std::string_view got, read_some(piece, length));
    if (got.size() != length) return truncated();
    bytes += got;
    return {};
  }

  std::uint64_t size_bytes() const { return size_bytes_; }
  std::uint64_t offset() const { return offset_; }

 private:
  int descriptor_;
  std::string name_;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t offset_ = 0;
};

// Writes and hashes; a file that is not finished is removed again.
class SealedWriter {
 public:
  explicit SealedWriter(const std::filesystem::path& file) : file_(file) {}
  SealedWriter(const SealedWriter&) = delete;
  SealedWriter& operator=(const SealedWriter&) = delete;
  ~SealedWriter() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    unlink(file_.c_str());
  }

  Result<void> create() {
    descriptor_ = open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor_ < 0) return fail(system_error("creating " + file_.string()));
    return {};
  }

  Result<void> append(std::string_view bytes) {
    hash_.update(bytes);
    size_bytes_ += bytes.size();
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail(system_error("writing " + file_.string()));
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<FileDigest> finish() {
    const int descriptor = descriptor_;
    descriptor_ = -1;
    if (close(descriptor) != 0) {
      const Error error = system_error("closing " + file_.string());
      unlink(file_.c_str());
      return fail(error);
    }
    return FileDigest{hash_.finish(), size_bytes_};
  }

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
  Sha256Stream hash_;
  std::uint64_t size_bytes_ = 0;
};

struct Headers {
  std::string lead;
  std::string signature;
  std::string main;
};

Result<std::string> read_header(PackageReader& reader, RpmHeaderLimits limits) {
  std::string block;
  TRY(reader.append_exactly(block, rpm_header_intro_bytes));
  TRY_ASSIGN(const std::size_t whole, rpm_header_bytes(block, limits));
  TRY(reader.append_exactly(block, whole - rpm_header_intro_bytes));
  return block;
}

Result<Headers> read_headers(PackageReader& reader) {
  Headers headers;
  TRY(reader.append_exactly(headers.lead, lead_bytes));
  if (!headers.lead.starts_with("\xed\xab\xee\xdb"))
    return fail(ErrorCode::invalid, "not an RPM package: its magic number is missing");
  const int major = headers.lead[4], signature_type = headers.lead[79];
  if ((major != 3 && major != 4) || signature_type != 5)
    return fail(ErrorCode::invalid,
                "an RPM package of lead version " + std::to_string(major) + ", which today's clients do not read");
  TRY_ASSIGN(headers.signature, read_header(reader, rpm_signature_limits));
  std::string padding;
  TRY(reader.append_exactly(padding, (8 - headers.signature.size() % 8) % 8));
  TRY_ASSIGN(headers.main, read_header(reader, rpm_main_limits));
  return headers;
}

// What the old signature header says of the bytes about to be signed: signing a damaged package would bless it.
Result<void> check_against_package(const std::vector<RpmHeaderEntry>& entries, const Headers& headers,
                                   const PackageReader& reader) {
  TRY_ASSIGN(const auto main_entries, read_rpm_header(headers.main, rpm_main_limits));
  if (const auto* entry = find_rpm_entry(main_entries, rpm_tag::rpm_format)) {
    TRY_ASSIGN(const std::uint64_t version, read_rpm_number(*entry));
    if (version >= 6)
      return fail(ErrorCode::invalid,
                  "an RPM package of format " + std::to_string(version) + ", which rpm before 4.20 does not install; "
                  "build it with _rpmformat 4");
  }
  if (const auto* entry = find_rpm_entry(entries, rpm_tag::sha256_header)) {
    if (entry->data != std::string_view((sha256(headers.main).hex() + '\0')))
      return fail(ErrorCode::invalid, "its header does not have the SHA-256 the package says: damaged");
  }
  const std::uint64_t after_signature = headers.main.size() + (reader.size_bytes() - reader.offset());
  for (const std::uint32_t tag : {rpm_tag::size, rpm_tag::long_size}) {
    const auto* entry = find_rpm_entry(entries, tag);
    if (entry == nullptr) continue;
    TRY_ASSIGN(const std::uint64_t recorded, read_rpm_number(*entry));
    if (recorded != after_signature)
      return fail(ErrorCode::invalid,
                  "header and payload have " + std::to_string(after_signature) + " bytes where the package says " +
                                          std::to_string(recorded) + ": truncated or damaged");
  }
  return {};
}

Result<std::uint32_t> tag_for(std::string_view signature) {
  TRY_ASSIGN(const auto packets, read_openpgp_packets(signature));
  if (packets.size() != 1 || packets[0].tag != openpgp_tag::signature)
    return fail(ErrorCode::internal, "the signer returned something other than one signature");
  TRY_ASSIGN(const auto facts, read_openpgp_signature(packets[0].body));
  if (facts.hash_algorithm < 8 || facts.hash_algorithm > 10)
    return fail(ErrorCode::internal,
                "the signer used hash algorithm " + std::to_string(facts.hash_algorithm) + " instead of SHA-256 or SHA-512");
  return facts.public_key_algorithm <= 3 ? rpm_tag::rsa_header : rpm_tag::dsa_header;
}

Result<std::string> make_signature_header(const std::vector<RpmHeaderEntry>& old, const std::string& main,
                                          OpenPgpSigner& signer) {
  TRY_ASSIGN(const std::string signature, signer.sign_detached(main, SignatureForm::binary));
  TRY_ASSIGN(const std::uint32_t tag, tag_for(signature));
  std::vector<RpmHeaderEntry> entries;
  for (const RpmHeaderEntry& entry : old) {
    if (std::ranges::find(kept_tags, entry.tag) == kept_tags.end()) continue;
    if (find_rpm_entry(entries, entry.tag) != nullptr)
      return fail(ErrorCode::invalid, "malformed RPM signature header: tag " + std::to_string(entry.tag) + " appears twice");
    entries.push_back(entry);
  }
  const std::string digest = sha256(main).hex() + '\0';
  if (find_rpm_entry(entries, rpm_tag::sha256_header) == nullptr)
    entries.push_back({rpm_tag::sha256_header, RpmType::string, 1, digest});
  entries.push_back({tag, RpmType::binary, static_cast<std::uint32_t>(signature.size()), signature});
  return write_rpm_signature_header(std::move(entries));
}

Result<FileDigest> seal(PackageReader& reader, const std::filesystem::path& sealed, OpenPgpSigner& signer) {
  TRY_ASSIGN(const Headers headers, read_headers(reader));
  TRY_ASSIGN(const auto entries, read_rpm_header(headers.signature, rpm_signature_limits));
  TRY(check_against_package(entries, headers, reader));
  TRY_ASSIGN(const std::string signature_header, make_signature_header(entries, headers.main, signer));
  SealedWriter writer(sealed);
  TRY(writer.create());
  TRY(writer.append(headers.lead));
  TRY(writer.append(signature_header));
  TRY(writer.append(headers.main));
  const std::uint64_t payload_bytes = reader.size_bytes() - reader.offset();
  std::uint64_t copied = 0;
  std::string buffer;
  while (true) {
    TRY_ASSIGN(const std::string_view block, reader.read_some(buffer, block_bytes));
    if (block.empty()) break;
    TRY(writer.append(block));
    copied += block.size();
  }
  if (copied != payload_bytes) return fail(ErrorCode::conflict, "its size changed while it was being read");
  return writer.finish();
}

}  // namespace

Result<FileDigest> sign_rpm(const std::filesystem::path& package, const std::filesystem::path& sealed, OpenPgpSigner& signer) {
  TRY_ASSIGN(const auto reader, PackageReader::open_file(package));
  auto digest = seal(*reader, sealed, signer);
  if (!digest) return fail(digest.error().in("signing " + package.string()));
  return digest;
}

}  // namespace packyard
