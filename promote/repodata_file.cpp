#include "promote/repodata_file.h"

#include "core/durable_file.h"
#include "core/tree_path.h"
#include "promote/background_sink.h"
#include "promote/index_file.h"

namespace packyard {
namespace {

std::string unfinished_name(const RepodataFileRequest& request) {
  // In the folder of the finished files, so that naming it by its checksum is a rename.
  const std::filesystem::path folder = std::filesystem::path(tree_path::rpm_index(request.target, Sha256{}, "x")).parent_path();
  return (request.candidate / folder / ("unfinished-" + request.type)).string();
}

std::string checksum_element(std::string_view element, const Sha256& digest) {
  return "    <" + std::string(element) + " type=\"sha256\">" + digest.hex() + "</" + std::string(element) + ">\n";
}

std::string number_element(std::string_view element, std::int64_t number) {
  return "    <" + std::string(element) + ">" + std::to_string(number) + "</" + std::string(element) + ">\n";
}

}  // namespace

struct RepodataFile::State {
  State(RepodataFileRequest asked, IndexFile opened)
      : request(std::move(asked)), unfinished(unfinished_name(request)), file(std::move(opened)) {
    if (request.compression)
      compressor = make_compressor(*request.compression, [this](std::string_view bytes) { return file.write(bytes); });
    worker.emplace([this](std::string_view bytes) -> Result<void> {
      open_hash.update(bytes);
      open_size_bytes += bytes.size();
      return compressor != nullptr ? compressor->write(bytes) : file.write(bytes);
    });
  }

  RepodataFileRequest request;
  std::filesystem::path unfinished;
  IndexFile file;
  std::unique_ptr<Compressor> compressor;
  Sha256Stream open_hash;  // of the bytes before compression
  std::uint64_t open_size_bytes = 0;
  std::optional<BackgroundSink> worker;  // last: its thread uses all of the above
};

RepodataFile::RepodataFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
RepodataFile::RepodataFile(RepodataFile&&) noexcept = default;
RepodataFile::~RepodataFile() = default;

Result<RepodataFile> RepodataFile::create(RepodataFileRequest request) {
  TRY_ASSIGN(IndexFile file, IndexFile::create(unfinished_name(request)));
  return RepodataFile(std::make_unique<State>(std::move(request), std::move(file)));
}

Result<void> RepodataFile::write(std::string_view bytes) { return state_->worker->write(bytes); }

Result<RepodataFile::Finished> RepodataFile::finish() {
  State& state = *state_;
  const RepodataFileRequest& request = state.request;
  TRY(state.worker->finish());
  if (state.compressor != nullptr) TRY(state.compressor->finish());
  TRY_ASSIGN(const FileDigest digest, state.file.finish(request.published_at));
  const std::string name =
      request.name + (request.compression ? "." + std::string(compression_suffix(*request.compression)) : "");
  Finished finished;
  finished.file = {tree_path::rpm_index(request.target, digest.sha256, name), digest};
  TRY(move_file(state.unfinished, request.candidate / finished.file.path));
  std::string& entry = finished.repomd_entry;
  entry = "  <data type=\"" + request.type + "\">\n";
  entry += checksum_element("checksum", digest.sha256);
  if (request.compression) entry += checksum_element("open-checksum", state.open_hash.finish());
  entry += "    <location href=\"repodata/" + digest.sha256.hex() + "-" + name + "\"/>\n";
  entry += number_element("timestamp", request.published_at.seconds);
  entry += number_element("size", static_cast<std::int64_t>(digest.size_bytes));
  if (request.compression) entry += number_element("open-size", static_cast<std::int64_t>(state.open_size_bytes));
  entry += "  </data>\n";
  return finished;
}

}  // namespace packyard
