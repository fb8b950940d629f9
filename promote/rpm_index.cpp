#include "promote/rpm_index.h"

#include <array>

#include "core/tree_path.h"
#include "promote/index_file.h"
#include "promote/record_fields.h"
#include "promote/repodata_file.h"

namespace packyard {
namespace {

constexpr std::string_view xml_declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

struct MetadataKind {
  const char* type;
  const char* element;
  const char* attributes;
};
constexpr std::array<MetadataKind, 3> metadata_kinds = {{
    {"primary", "metadata", "xmlns=\"http://linux.duke.edu/metadata/common\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\""},
    {"filelists", "filelists", "xmlns=\"http://linux.duke.edu/metadata/filelists\""},
    {"other", "otherdata", "xmlns=\"http://linux.duke.edu/metadata/other\""},
}};

class RpmIndexBuilder {
 public:
  RpmIndexBuilder(const GenerationRequest& request, const RpmTargetSettings& settings)
      : request_(request), settings_(settings), folder_(tree_path::generation(request.target, request.generation)) {}

  Result<BuiltGeneration> build() {
    TRY(write_packages());
    TRY(write_supplements());
    TRY(write_repomd());
    return std::move(built_);
  }

 private:
  Result<RepodataFile> open(std::string type, std::string name, std::optional<Compression> compression) const {
    return RepodataFile::create(
        {request_.target, request_.candidate, std::move(type), std::move(name), compression, request_.published_at});
  }

  Result<void> finish(RepodataFile& file) {
    TRY_ASSIGN(RepodataFile::Finished finished, file.finish());
    built_.files.push_back(std::move(finished.file));
    repomd_entries_ += finished.repomd_entry;
    return {};
  }

  Result<void> write_packages() {
    const std::uint64_t count = request_.packages.count();
    std::vector<RepodataFile> files;
    for (const MetadataKind& kind : metadata_kinds) {
      TRY_ASSIGN(RepodataFile file, open(kind.type, std::string(kind.type) + ".xml", settings_.compression));
      TRY(file.write(std::string(xml_declaration) + "<" + kind.element + " " + kind.attributes + " packages=\"" +
                     std::to_string(count) + "\">\n"));
      files.push_back(std::move(file));
    }
    std::uint64_t met = 0;
    const auto visit = [&](const ListedPackage& package) -> Result<void> {
      TRY_ASSIGN(const auto pieces, split_record(package.record, metadata_kinds.size()));
      for (std::size_t i = 0; i < files.size(); ++i) TRY(files[i].write(pieces[i]));
      ++met;
      return {};
    };
    TRY(request_.packages.for_each(visit));
    if (met != count)
      return fail(ErrorCode::internal,
                  "the catalog counted " + std::to_string(count) + " packages and listed " + std::to_string(met));
    for (std::size_t i = 0; i < files.size(); ++i) {
      TRY(files[i].write("</" + std::string(metadata_kinds[i].element) + ">\n"));
      TRY(finish(files[i]));
    }
    return {};
  }

  Result<void> write_supplement(std::string_view staged_name, const char* type, const char* name,
                                std::optional<Compression> compression) {
    const auto found = request_.supplements.find(std::string(staged_name));
    if (found == request_.supplements.end() || found->second.empty()) return {};
    TRY_ASSIGN(RepodataFile file, open(type, name, compression));
    TRY(file.write(found->second));
    return finish(file);
  }

  Result<void> write_supplements() {
    TRY(write_supplement("comps.xml", "group", "comps.xml", {}));
    TRY(write_supplement("comps.xml", "group_gz", "comps.xml", Compression::gzip));
    TRY(write_supplement("updateinfo.xml", "updateinfo", "updateinfo.xml", settings_.compression));
    return write_supplement("modules.yaml", "modules", "modules.yaml", settings_.compression);
  }

  Result<void> write_repomd() {
    std::string text(xml_declaration);
    text += "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n";
    text += "  <revision>" + std::to_string(request_.published_at.seconds) + "</revision>\n";
    text += repomd_entries_;
    text += "</repomd>\n";
    TRY_ASSIGN(const std::string signature, request_.signer.sign_detached(text, SignatureForm::armored));
    TRY_ASSIGN(const std::string key, request_.signer.public_key());
    const std::pair<std::string_view, std::string_view> files[] = {
        {"repomd.xml", text}, {"repomd.xml.asc", signature}, {"repomd.xml.key", key}};
    for (const auto& [name, bytes] : files) {
      const std::string path = folder_ + "/" + std::string(name);
      TRY_ASSIGN(const FileDigest digest, write_index_file(request_.candidate / path, bytes, request_.published_at));
      built_.files.push_back({path, digest});
    }
    return {};
  }

  const GenerationRequest& request_;
  const RpmTargetSettings& settings_;
  std::string folder_;
  std::string repomd_entries_;
  BuiltGeneration built_;
};

}  // namespace

std::string rpm_record(std::string_view primary, std::string_view filelists, std::string_view other) {
  return join_record({primary, filelists, other});
}

Result<BuiltGeneration> build_rpm_index(const GenerationRequest& request, const RpmTargetSettings& settings) {
  auto built = RpmIndexBuilder(request, settings).build();
  if (!built) return fail(built.error().in("building the index of " + request.target.text()));
  return built;
}

}  // namespace packyard
