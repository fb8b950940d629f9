#include "promote/rpm_package_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "core/base64.h"
#include "core/hex.h"
#include "promote/rpm_digest.h"
#include "signer/openpgp_packets.h"
#include "signer/rpm_header_block.h"

namespace packyard {
namespace {

constexpr std::size_t lead_size_bytes = 96;
constexpr std::string_view lead_magic = "\xed\xab\xee\xdb";
constexpr std::size_t block_size_bytes = 256 * 1024;
constexpr std::uint32_t tag_name = 1000, tag_version = 1001, tag_release = 1002, tag_epoch = 1003, tag_architecture = 1022,
                        tag_source_rpm = 1044, tag_no_source = 1051, tag_no_patch = 1052, tag_payload_digest = 5092,
                        tag_payload_digest_kind = 5093, tag_modularity_label = 5096;

using Entries = std::vector<RpmHeaderEntry>;

std::unexpected<Error> damaged(std::string_view why) {
  return fail(ErrorCode::invalid, "not an intact RPM package: " + std::string(why));
}

class PackageFile {
 public:
  static Result<PackageFile> open(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return fail(system_error("opening " + file.string()));
    return PackageFile(descriptor);
  }
  PackageFile(PackageFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  PackageFile& operator=(PackageFile&&) = delete;
  ~PackageFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  // Up to the wanted size; less only at the end of the file.
  Result<std::size_t> read_some(char* into, std::size_t size_bytes) {
    std::size_t filled = 0;
    while (filled < size_bytes) {
      const ssize_t got = read(descriptor_, into + filled, size_bytes - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(system_error("reading the package"));
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    return filled;
  }
  Result<void> append(std::string& bytes, std::size_t size_bytes) {
    const std::size_t before = bytes.size();
    bytes.resize(before + size_bytes);
    TRY_ASSIGN(const std::size_t got, read_some(bytes.data() + before, size_bytes));
    if (got != size_bytes) return damaged("it is truncated");
    return {};
  }
  Result<std::string> read_header(RpmHeaderLimits limits) {
    std::string block;
    TRY(append(block, rpm_header_intro_bytes));
    TRY_ASSIGN(const std::size_t size_bytes, rpm_header_bytes(block, limits));
    TRY(append(block, size_bytes - rpm_header_intro_bytes));
    return block;
  }

 private:
  explicit PackageFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// The first string of an entry; empty when it is absent.
Result<std::string> text_of(const Entries& entries, std::uint32_t tag) {
  const RpmHeaderEntry* const entry = find_rpm_entry(entries, tag);
  if (entry == nullptr) return std::string();
  if (entry->type != RpmType::string && entry->type != RpmType::string_array && entry->type != RpmType::i18n_string)
    return damaged("header tag " + std::to_string(tag) + " is not text");
  return std::string(entry->data.substr(0, entry->data.find('\0')));
}

Result<void> check_lead(std::string_view lead) {
  const auto number = [lead](std::size_t at) {
    return static_cast<unsigned char>(lead[at]) << 8 | static_cast<unsigned char>(lead[at + 1]);
  };
  if (!lead.starts_with(lead_magic)) return damaged("it does not begin as one");
  if (lead[4] != 3)
    return fail(ErrorCode::invalid, "an RPM package of format " + std::to_string(lead[4]) + "; build it with rpm 4.14 or newer");
  if (number(6) > 1 || number(78) != 5) return damaged("its lead is damaged");
  if (lead.substr(80).find_first_not_of('\0') != std::string_view::npos) return damaged("its lead is damaged");
  return {};
}

// What the signature header promises and the main header adds, compared with what was read.
class IntegrityCheck {
 public:
  Result<void> begin(const Entries& signature, std::string_view header, const Entries& main) {
    TRY(check_header(signature, header));
    for (const std::uint32_t tag : {rpm_tag::size, rpm_tag::long_size}) {
      const RpmHeaderEntry* const entry = find_rpm_entry(signature, tag);
      if (entry == nullptr) continue;
      TRY_ASSIGN(promised_size_bytes_, read_rpm_number(*entry));
    }
    if (const RpmHeaderEntry* const entry = find_rpm_entry(signature, rpm_tag::md5); entry != nullptr) {
      md5_ = Promise{"MD5 of header and payload", hex(entry->data), std::nullopt};
      TRY_ASSIGN(md5_->digest, RpmDigest::start(RpmDigestKind::md5));
      md5_->digest->update(header);
    }
    TRY_ASSIGN(const std::string payload_digest, text_of(main, tag_payload_digest));
    if (!payload_digest.empty()) {
      const RpmHeaderEntry* const kind = find_rpm_entry(main, tag_payload_digest_kind);
      if (kind == nullptr) return damaged("it does not say which kind its payload digest is");
      TRY_ASSIGN(const std::uint64_t number, read_rpm_number(*kind));
      payload_ = Promise{"digest of the payload", payload_digest, std::nullopt};
      TRY_ASSIGN(payload_->digest, RpmDigest::start(static_cast<RpmDigestKind>(number)));
    }
    if (!md5_ && !payload_)
      return fail(ErrorCode::invalid,
                  "it carries no digest of its payload, so damage could not be found; build it with rpm 4.14 or newer");
    met_bytes_ = header.size();
    return {};
  }
  void update(std::string_view bytes) {
    met_bytes_ += bytes.size();
    if (md5_) md5_->digest->update(bytes);
    if (payload_) payload_->digest->update(bytes);
  }
  Result<void> finish() {
    if (promised_size_bytes_ && *promised_size_bytes_ != met_bytes_)
      return damaged("header and payload are " + std::to_string(met_bytes_) + " bytes, not the " +
                     std::to_string(*promised_size_bytes_) + " it was built with; it was truncated or changed on the way");
    for (std::optional<Promise>* const promise : {&payload_, &md5_}) {
      if (!*promise || (*promise)->digest->hex() == (*promise)->expected) continue;
      return damaged("the " + std::string((*promise)->name) + " is not the one it was built with");
    }
    return {};
  }

 private:
  struct Promise {
    std::string_view name;
    std::string expected;
    std::optional<RpmDigest> digest;
  };

  static Result<void> check_header(const Entries& signature, std::string_view header) {
    int checked = 0;
    for (const auto& [tag, kind] :
         {std::pair{rpm_tag::sha256_header, RpmDigestKind::sha256}, {rpm_tag::sha1_header, RpmDigestKind::sha1}}) {
      if (find_rpm_entry(signature, tag) == nullptr) continue;
      TRY_ASSIGN(const std::string expected, text_of(signature, tag));
      TRY_ASSIGN(RpmDigest digest, RpmDigest::start(kind));
      digest.update(header);
      if (digest.hex() != expected) return damaged("the digest of its header is not the one it was built with");
      ++checked;
    }
    if (checked == 0) return damaged("it carries no digest of its header");
    return {};
  }

  std::optional<std::uint64_t> promised_size_bytes_;
  std::uint64_t met_bytes_ = 0;
  std::optional<Promise> md5_, payload_;
};

bool is_made_of(std::string_view text, std::string_view others) {
  return !text.empty() && std::ranges::all_of(text, [others](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || others.contains(c);
  });
}

// Name, version, release and architecture become a file name and part of an address.
Result<void> check_names(const PackageFacts& facts, const std::string& version, const std::string& release) {
  const auto refuse = [](std::string_view what, const std::string& text) {
    return fail(ErrorCode::invalid,
                "its " + std::string(what) + " '" + text.substr(0, 80) + "' has characters RPM does not allow there");
  };
  if (!is_made_of(facts.name, "._+-") || facts.name.front() == '.' || facts.name.front() == '-')
    return refuse("name", facts.name);
  if (!is_made_of(version, "._+~^") || version.front() == '.') return refuse("version", version);
  if (!is_made_of(release, "._+~^")) return refuse("release", release);
  if (!is_made_of(facts.architecture, "_")) return refuse("architecture", facts.architecture);
  if (facts.file_name.size() > 250)
    return fail(ErrorCode::invalid, "name, version and architecture make a file name above 250 characters");
  return {};
}

Result<PackageFacts> facts_of(const Entries& main) {
  PackageFacts facts;
  TRY_ASSIGN(facts.name, text_of(main, tag_name));
  TRY_ASSIGN(const std::string version, text_of(main, tag_version));
  TRY_ASSIGN(const std::string release, text_of(main, tag_release));
  TRY_ASSIGN(facts.architecture, text_of(main, tag_architecture));
  TRY_ASSIGN(facts.source_name, text_of(main, tag_source_rpm));
  TRY_ASSIGN(facts.modularity, text_of(main, tag_modularity_label));
  // The header of a source package names the architecture it was built on; having no source makes it one.
  if (find_rpm_entry(main, tag_source_rpm) == nullptr) {
    const bool incomplete = find_rpm_entry(main, tag_no_source) != nullptr || find_rpm_entry(main, tag_no_patch) != nullptr;
    facts.architecture = incomplete ? "nosrc" : "src";
  }
  std::uint64_t epoch = 0;
  if (const RpmHeaderEntry* const entry = find_rpm_entry(main, tag_epoch); entry != nullptr) {
    TRY_ASSIGN(epoch, read_rpm_number(*entry));
  }
  facts.version = (epoch == 0 ? std::string() : std::to_string(epoch) + ":") + version + "-" + release;
  facts.file_name = facts.name + "-" + version + "-" + release + "." + facts.architecture + ".rpm";
  TRY(check_names(facts, version, release));
  if (const RpmHeaderEntry* const entry = find_rpm_entry(main, rpm_tag::rpm_format); entry != nullptr) {
    TRY_ASSIGN(const std::uint64_t number, read_rpm_number(*entry));
    if (number > 4)
      return fail(ErrorCode::invalid, "built in RPM format " + std::to_string(number) +
                                          ", which older clients cannot read; build it with: rpmbuild --define '_rpmformat 4'");
  }
  return facts;
}

Result<std::vector<std::string>> signer_key_ids(const Entries& signature) {
  std::vector<std::string> ids;
  const auto add = [&ids](std::string_view bytes) -> Result<void> {
    auto found = read_signer_key_ids(bytes);
    if (!found) return fail(found.error().in("reading the signature the package carries"));
    for (std::string& id : *found)
      if (std::ranges::find(ids, id) == ids.end()) ids.push_back(std::move(id));
    return {};
  };
  for (const std::uint32_t tag : {rpm_tag::rsa_header, rpm_tag::dsa_header, rpm_tag::pgp, rpm_tag::gpg})
    if (const RpmHeaderEntry* const entry = find_rpm_entry(signature, tag); entry != nullptr) TRY(add(entry->data));
  if (const RpmHeaderEntry* const entry = find_rpm_entry(signature, rpm_tag::openpgp); entry != nullptr) {
    std::string_view rest = entry->data;
    while (!rest.empty()) {
      std::string encoded(rest.substr(0, rest.find('\0')));
      rest.remove_prefix(std::min(encoded.size() + 1, rest.size()));
      std::erase(encoded, '\n');
      const auto bytes = decode_base64(encoded);
      if (!bytes) return damaged("its OpenPGP signature is not base64");
      TRY(add(*bytes));
    }
  }
  return ids;
}

}  // namespace

Result<PackageFacts> read_rpm_package(const std::filesystem::path& path) {
  TRY_ASSIGN(PackageFile file, PackageFile::open(path));
  std::string lead;
  TRY(file.append(lead, lead_size_bytes));
  TRY(check_lead(lead));
  TRY_ASSIGN(const std::string signature_block, file.read_header(rpm_signature_limits));
  std::string padding;
  TRY(file.append(padding, (8 - signature_block.size() % 8) % 8));
  if (padding.find_first_not_of('\0') != std::string::npos) return damaged("the padding behind its signature header is damaged");
  TRY_ASSIGN(const Entries signature, read_rpm_header(signature_block, rpm_signature_limits));
  TRY_ASSIGN(const std::string header, file.read_header(rpm_main_limits));
  TRY_ASSIGN(const Entries main, read_rpm_header(header, rpm_main_limits));
  IntegrityCheck check;
  TRY(check.begin(signature, header, main));
  TRY_ASSIGN(PackageFacts facts, facts_of(main));
  if ((lead[7] == 1) != (facts.architecture == "src" || facts.architecture == "nosrc"))
    return damaged("its lead and its header do not agree whether it is a source package");
  TRY_ASSIGN(facts.signer_key_ids, signer_key_ids(signature));
  std::string block(block_size_bytes, '\0');
  while (true) {
    TRY_ASSIGN(const std::size_t got, file.read_some(block.data(), block.size()));
    if (got == 0) break;
    check.update({block.data(), got});
  }
  TRY(check.finish());
  return facts;
}

}  // namespace packyard
