#include "promote/deb_package_reader.h"

#include <algorithm>
#include <optional>

#include "promote/deb_archive.h"
#include "promote/deb_relations.h"
#include "promote/deb_version.h"
#include "promote/tar_reader.h"

namespace packyard {
namespace {

constexpr std::size_t control_entries_max = 10'000;
constexpr std::uint64_t control_tar_bytes_max = 64ULL << 20;
constexpr std::uint64_t data_tar_bytes_max = 256ULL << 30;

// Stops a small file that unpacks without end.
ByteSource limited(ByteSource source, std::uint64_t limit_bytes) {
  return [source = std::move(source), limit_bytes, met_bytes = std::uint64_t{0}]() mutable -> Result<std::string_view> {
    auto piece = source();
    if (piece && (met_bytes += piece->size()) > limit_bytes)
      return fail(ErrorCode::invalid, "unpacks to more than " + std::to_string(limit_bytes >> 20) + " MiB");
    return piece;
  };
}

std::string_view without_dot_slash(std::string_view path) {
  if (path.starts_with("./")) path.remove_prefix(2);
  while (path.starts_with("/")) path.remove_prefix(1);
  return path;
}

Result<DebControl> read_control(DebArchive& archive) {
  TRY_ASSIGN(ByteSource unpacked, archive.control_tar());
  std::optional<std::string> text;
  std::size_t entries = 0;
  const auto visit = [&](const TarEntry& entry, const TarEntryBytes& bytes) -> Result<void> {
    if (++entries > control_entries_max) return fail(ErrorCode::invalid, "more than 10,000 entries");
    if (without_dot_slash(entry.path) != "control") return {};
    if (entry.kind != TarEntryKind::file || text) return fail(ErrorCode::invalid, "'control' is not one regular file");
    TRY_ASSIGN(text, bytes.read(DebControl::size_bytes_max));
    return {};
  };
  // One object for both readers: the copy inside a std::function would count anew.
  const ByteSource source = limited(std::move(unpacked), control_tar_bytes_max);
  const auto read = read_tar(source, visit);
  if (!read) return fail(read.error().in("reading control.tar"));
  if (!text) return fail(ErrorCode::invalid, "control.tar has no control file");
  return DebControl::parse(*text);
}

Result<std::vector<std::string>> read_data(DebArchive& archive, DebDepth depth) {
  TRY_ASSIGN(ByteSource unpacked, archive.data_tar());
  std::vector<std::string> files;
  const auto visit = [&](const TarEntry& entry, const TarEntryBytes&) -> Result<void> {
    if (depth != DebDepth::with_files || entry.kind == TarEntryKind::folder) return {};
    const std::string_view path = without_dot_slash(entry.path);
    if (path.find('\n') == std::string_view::npos && !path.empty()) files.emplace_back(path);
    return {};
  };
  const ByteSource source = limited(std::move(unpacked), data_tar_bytes_max);
  const auto read = read_tar(source, visit);
  if (!read) return fail(read.error().in("reading data.tar"));
  return files;
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_package_name(std::string_view name) {
  return name.size() >= 2 && name.size() <= 150 && is_lower_or_digit(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_lower_or_digit(c) || c == '+' || c == '-' || c == '.'; });
}

bool is_architecture(std::string_view name) {
  return !name.empty() && name.size() <= 64 && is_lower_or_digit(name.front()) && name != "any" && name != "source" &&
         std::ranges::all_of(name, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

}  // namespace

Result<DebPackage> read_deb_package(const std::filesystem::path& file, DebDepth depth) {
  TRY_ASSIGN(DebArchive archive, DebArchive::open(file));
  TRY_ASSIGN(DebControl control, read_control(archive));
  DebPackage package{std::move(control), {}};
  if (depth != DebDepth::control) {
    TRY_ASSIGN(package.files, read_data(archive, depth));
  }
  return package;
}

Result<PackageFacts> deb_facts(const DebControl& control) {
  for (const std::string_view field : {"Package", "Version", "Architecture"})
    if (control.value(field).empty())
      return fail(ErrorCode::invalid, "control file: field " + std::string(field) + " is missing or empty");
  PackageFacts facts;
  facts.name = control.value("Package");
  facts.version = control.value("Version");
  facts.architecture = control.value("Architecture");
  if (!is_package_name(facts.name))
    return fail(ErrorCode::invalid,
                "control file: Package is 2 to 150 lower-case letters, digits, '+', '-' and '.', a letter or digit first");
  if (!is_architecture(facts.architecture))
    return fail(ErrorCode::invalid, "control file: Architecture names one architecture, like amd64 or all");
  const auto version = DebVersion::parse(facts.version);
  if (!version) return fail(version.error().in("control file"));
  // "Source: acme (1.2-3)" when the source's version differs.
  const std::string_view source = control.value("Source");
  facts.source_name = source.empty() ? facts.name : std::string(source.substr(0, source.find_first_of(" (")));
  if (!is_package_name(facts.source_name))
    return fail(ErrorCode::invalid, "control file: Source is not the name of a source package");
  facts.file_name = facts.name + "_" + version->without_epoch() + "_" + facts.architecture + ".deb";
  if (facts.file_name.size() > 250)
    return fail(ErrorCode::invalid, "name, version and architecture make a file name above 250 characters");
  // It becomes the front of a line in Contents; continuation lines would become lines of their own.
  if (control.value("Section").find('\n') != std::string_view::npos)
    return fail(ErrorCode::invalid, "control file: Section has more than one line; it names one section, like utils");
  TRY(check_deb_relations(control));
  return facts;
}

bool deb_staged_name_fits(std::string_view staged_name, const PackageFacts& facts) {
  if (staged_name == facts.file_name) return true;
  const std::size_t colon = facts.version.find(':');
  if (colon == std::string::npos) return false;
  const std::string epoch = facts.version.substr(0, colon), rest = facts.version.substr(colon + 1);
  return std::ranges::any_of(std::initializer_list<std::string_view>{":", "%3a", "%3A"}, [&](std::string_view joint) {
    return staged_name == facts.name + "_" + epoch + std::string(joint) + rest + "_" + facts.architecture + ".deb";
  });
}

}  // namespace packyard
