#include "promote/rpm_metadata.h"

#include <glib.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>

// "requires" names a member in that header and is a word of the language since C++20.
#ifdef __clang__
#pragma clang diagnostic ignored "-Wkeyword-macro"
#endif
#define requires requires_
#include <createrepo_c/createrepo_c.h>
#undef requires

namespace packyard {
namespace {

constexpr int changelog_entries_max = 10;  // as createrepo_c does unless told otherwise

struct PackageFreer {
  void operator()(cr_Package* package) const { cr_package_free(package); }
};
using Package = std::unique_ptr<cr_Package, PackageFreer>;

Error taken(GError* error, const RpmMetadataRequest& request) {
  Error result{ErrorCode::invalid,
               "reading " + std::string(request.location) + " for the index: " +
                   (error != nullptr && error->message != nullptr ? error->message : "libcreaterepo_c gave no reason")};
  g_clear_error(&error);
  return result;
}

// The library keeps one rpm transaction for all threads and loads what it needs with the first package: one at a time. Reading a
// header takes a tenth of a millisecond; making XML of it, the longer part, runs beside.
Result<Package> read_header(const RpmMetadataRequest& request) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  cr_xml_dump_init();
  cr_package_parser_init();
  GError* error = nullptr;
  Package package(cr_package_from_rpm_base(request.package.c_str(), changelog_entries_max, CR_HDRR_NONE, &error));
  if (package == nullptr || error != nullptr) return fail(taken(error, request));
  return package;
}

char* kept(cr_Package& package, std::string_view text) {
  return g_string_chunk_insert_len(package.chunk, text.data(), static_cast<gssize>(text.size()));
}

Result<std::string> dumped(char* xml, GError* error, const RpmMetadataRequest& request) {
  const std::unique_ptr<char, decltype(&std::free)> owned(xml, &std::free);
  if (xml == nullptr || error != nullptr) return fail(taken(error, request));
  std::string text(xml);
  // The library writes them as they are, and no reader of XML takes them: dnf would refuse the whole repository.
  const auto is_control = [](unsigned char c) { return c < 0x20 && c != '\t' && c != '\n' && c != '\r'; };
  if (std::ranges::any_of(text, is_control))
    return fail(ErrorCode::invalid, std::string(request.location) +
                                        " has a control character in a file's name, its summary, description, changelog or "
                                        "another text of its header, which no index can hold: correct the package");
  return text;
}

}  // namespace

Result<RpmMetadata> make_rpm_metadata(const RpmMetadataRequest& request) {
  TRY_ASSIGN(const Package package, read_header(request));
  package->pkgId = kept(*package, request.digest.sha256.hex());
  package->checksum_type = kept(*package, "sha256");
  package->location_href = kept(*package, request.location);
  package->time_file = request.file_time.seconds;
  package->size_package = static_cast<gint64>(request.digest.size_bytes);
  GError* error = nullptr;
  const cr_HeaderRangeStruct range = cr_get_header_byte_range(request.package.c_str(), &error);
  if (error != nullptr) return fail(taken(error, request));
  package->rpm_header_start = range.start;
  package->rpm_header_end = range.end;
  RpmMetadata metadata;
  const auto dump = [&](char* (*make)(cr_Package*, GError**)) {
    GError* problem = nullptr;
    char* const xml = make(package.get(), &problem);
    return dumped(xml, problem, request);
  };
  TRY_ASSIGN(metadata.primary, dump(cr_xml_dump_primary));
  TRY_ASSIGN(metadata.filelists, dump(cr_xml_dump_filelists));
  TRY_ASSIGN(metadata.other, dump(cr_xml_dump_other));
  return metadata;
}

}  // namespace packyard
