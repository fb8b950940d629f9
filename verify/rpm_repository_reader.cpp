#include "verify/rpm_repository_reader.h"

#include <algorithm>
#include <charconv>

#include "verify/input_decompressor.h"
#include "verify/tree_grammar.h"
#include "verify/xml_reader.h"

namespace packyard {
namespace {

constexpr std::uint64_t open_bytes_max = 8ull * 1024 * 1024 * 1024;  // an index without open-size

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class RepomdHandler final : public XmlHandler {
 public:
  void begin(std::string_view name, const XmlAttributes& attributes) override {
    ++depth_;
    if (depth_ == 1) is_repomd_ = name == "repomd";
    if (depth_ == 2 && name == "data")
      repomd_.records.push_back({std::string(attributes.value("type")), "", "", "", "", "", {}, {}});
    if (depth_ != 3 || repomd_.records.empty()) return;
    RepomdRecord& record = repomd_.records.back();
    if (name == "location") record.href = attributes.value("href");
    if (name == "checksum") record.checksum_type = attributes.value("type");
    if (name == "open-checksum") record.open_checksum_type = attributes.value("type");
  }
  void end(std::string_view name, std::string_view text) override {
    if (depth_ == 2 && name == "revision") repomd_.revision = text;
    if (depth_ == 3 && !repomd_.records.empty()) {
      RepomdRecord& record = repomd_.records.back();
      if (name == "checksum") record.checksum = text;
      if (name == "open-checksum") record.open_checksum = text;
      if (name == "size") record.size_bytes = number(text);
      if (name == "open-size") record.open_size_bytes = number(text);
    }
    --depth_;
  }
  bool is_repomd() const { return is_repomd_; }
  Repomd take() { return std::move(repomd_); }

 private:
  Repomd repomd_;
  unsigned depth_ = 0;
  bool is_repomd_ = false;
};

// filelists.xml and other.xml: which packages they speak of.
class PackageIds final : public XmlHandler {
 public:
  void begin(std::string_view name, const XmlAttributes& attributes) override {
    if (++depth_ == 1) promised_ = number(attributes.value("packages"));
    if (depth_ == 2 && name == "package") {
      ++seen_;
      ids_.insert(std::string(attributes.value("pkgid")));
    }
  }
  void end(std::string_view, std::string_view) override { --depth_; }
  bool keeps_its_promise() const { return promised_ == seen_; }
  std::set<std::string> take() { return std::move(ids_); }

 private:
  unsigned depth_ = 0;
  std::uint64_t seen_ = 0;
  std::optional<std::uint64_t> promised_;
  std::set<std::string> ids_;
};

// Anything else that is XML: only its form is checked.
class AnyXml final : public XmlHandler {
 public:
  void begin(std::string_view, const XmlAttributes&) override {}
  void end(std::string_view, std::string_view) override {}
};

}  // namespace

Result<Repomd> read_repomd(std::string_view text) {
  RepomdHandler handler;
  XmlReader reader(handler);
  TRY(reader.feed(text));
  TRY(reader.finish());
  if (!handler.is_repomd()) return fail(ErrorCode::invalid, "is no repomd.xml");
  return handler.take();
}

struct PrimaryReader::State final : XmlHandler {
  explicit State(Give to) : give(std::move(to)), reader(*this) {}

  void begin(std::string_view name, const XmlAttributes& attributes) override {
    ++depth;
    if (depth == 1) promised = number(attributes.value("packages"));
    if (depth == 2 && name == "package") {
      package = {};
      location.clear();
      problem.clear();
    }
    if (depth != 3) return;
    if (name == "version") {
      const std::string_view epoch = attributes.value("epoch");
      package.version = (epoch.empty() || epoch == "0" ? "" : std::string(epoch) + ":") + std::string(attributes.value("ver")) +
          "-" +
                        std::string(attributes.value("rel"));
    }
    if (name == "size") {
      const auto size = number(attributes.value("package"));
      if (!size) problem = "has no package size";
      package.size_bytes = size.value_or(0);
    }
    if (name == "location") location = attributes.value("href");
    if (name == "checksum" && attributes.value("type") != "sha256") problem = "has a checksum other than sha256";
  }
  void end(std::string_view name, std::string_view text) override {
    if (depth == 3 && name == "name") package.name = text;
    if (depth == 3 && name == "arch") package.architecture = text;
    if (depth == 3 && name == "checksum") {
      if (auto digest = Sha256::parse_hex(text)) package.sha256 = *digest;
      else problem = "has a malformed checksum";
    }
    if (depth == 2 && name == "package") {
      ++seen;
      if (location.empty()) problem = "has no location";
      if (!problem.empty() && first_problem.empty()) first_problem = "package " + package.name + " " + problem;
      if (problem.empty()) give(location, package);
    }
    --depth;
  }

  Give give;
  XmlReader reader;
  unsigned depth = 0;
  std::uint64_t seen = 0;
  std::optional<std::uint64_t> promised;
  IndexedPackage package;
  std::string location, problem, first_problem;
};

PrimaryReader::PrimaryReader(Give give) : state_(std::make_unique<State>(std::move(give))) {}
PrimaryReader::~PrimaryReader() = default;
Result<void> PrimaryReader::feed(std::string_view bytes) { return state_->reader.feed(bytes); }

Result<void> PrimaryReader::finish() {
  TRY(state_->reader.finish());
  if (!state_->first_problem.empty()) return fail(ErrorCode::invalid, state_->first_problem);
  if (state_->promised != state_->seen)
    return fail(ErrorCode::invalid, "holds " + std::to_string(state_->seen) +
                " packages, but its packages attribute says otherwise");
  return {};
}

void RpmRepositoryReader::read(const std::string& repomd_path, std::string_view text) {
  const auto repomd = read_repomd(text);
  if (!findings_.accept(repomd_path, repomd)) return;
  std::set<std::string> types;
  for (const RepomdRecord& record : repomd->records) {
    if (!types.insert(record.type).second) findings_.add(repomd_path, "names " + record.type + " twice");
    read_record(record, repomd_path);
  }
  for (const char* needed : {"primary", "filelists", "other"})
    if (!types.contains(needed)) findings_.add(repomd_path, std::string("does not name ") + needed);
  std::set<std::string> ids;
  for (const auto& [path, package] : packages_) ids.insert(package.sha256.hex());
  for (const ListedIds& listed : listed_ids_)
    if (listed.ids != ids) findings_.add(listed.path, "does not speak of the same packages as primary");
}

void RpmRepositoryReader::read_record(const RepomdRecord& record, const std::string& repomd_path) {
  const auto wrong = [&](const std::string& problem) { findings_.add(repomd_path, record.type + " " + problem); };
  const std::string path = tree_grammar::repodata_path(target_, record.href);
  if (path.empty()) return wrong("has the location " + record.href + ", expected repodata/<sha256>-NAME");
  index_files_.insert(path);
  if (record.checksum_type != "sha256") return wrong("has a checksum of type " + record.checksum_type + ", expected sha256");
  if (tree_grammar::index_digest(target_, path) != record.checksum)
    wrong("has a location that does not begin with its checksum " + record.checksum);
  const auto file = tree_.find(path);
  if (!findings_.accept(path, file)) return;
  if (record.size_bytes != file->size_bytes)
    findings_.add(path, "has " + std::to_string(file->size_bytes) + " bytes, repomd.xml says " +
                            (record.size_bytes ? std::to_string(*record.size_bytes) : "nothing"));
  const auto digest = tree_.digest(*file);
  if (!findings_.accept(path, digest)) return;
  if (digest->sha256.hex() != record.checksum)
    return findings_.add(path, "has SHA-256 " + digest->sha256.hex() + ", repomd.xml says " + record.checksum);
  findings_.accept(path, read_index(record, path, *file));
}

Result<void> RpmRepositoryReader::read_index(const RepomdRecord& record, const std::string& path, const TreeFile& file) {
  const auto give = [&](const std::string& location, const IndexedPackage& package) {
    const std::string package_path = tree_grammar::package_path(target_, location);
    if (!tree_grammar::is_package(target_, package_path))
      return findings_.add(path, "package " + package.name + " has the location " + location);
    if (!packages_.emplace(package_path, package).second) findings_.add(path, "lists " + location + " twice");
  };
  PrimaryReader primary(give);
  PackageIds ids;
  AnyXml any;
  XmlReader id_reader(ids), any_reader(any);
  const bool is_primary = record.type == "primary", is_list = record.type == "filelists" || record.type == "other";
  const bool is_xml = !is_primary && !is_list && record.href.find(".xml") != std::string::npos;
  const auto sink = [&](std::string_view bytes) -> Result<void> {
    if (is_primary) return primary.feed(bytes);
    if (is_list) return id_reader.feed(bytes);
    if (is_xml) return any_reader.feed(bytes);
    return {};
  };
  TRY_ASSIGN(const FileDigest open,
             unpack_file(file.real, packing_of(path), record.open_size_bytes.value_or(open_bytes_max), sink));
  if (is_primary) TRY(primary.finish());
  if (is_list) TRY(id_reader.finish());
  if (is_xml) TRY(any_reader.finish());
  if (is_list && !ids.keeps_its_promise()) findings_.add(path, "does not hold as many packages as its packages attribute says");
  if (is_list) listed_ids_.push_back({path, ids.take()});
  if (packing_of(path) == Packing::none && record.open_checksum.empty()) return {};
  if (record.open_checksum_type != "sha256" || record.open_checksum != open.sha256.hex())
    return fail(ErrorCode::invalid, "unpacks to SHA-256 " + open.sha256.hex() + ", repomd.xml's open-checksum is " +
                record.open_checksum);
  if (record.open_size_bytes != open.size_bytes)
    return fail(ErrorCode::invalid, "unpacks to " + std::to_string(open.size_bytes) + " bytes, repomd.xml's open-size is " +
                                        (record.open_size_bytes ? std::to_string(*record.open_size_bytes) : "missing"));
  return {};
}

}  // namespace packyard
