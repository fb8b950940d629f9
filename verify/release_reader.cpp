#include "verify/release_reader.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "verify/tree_grammar.h"

namespace packyard {
namespace {

using nlohmann::json;

std::unexpected<Error> wrong(std::string_view what) { return fail(ErrorCode::invalid, "is malformed: " + std::string(what)); }

bool has_exactly(const json& object, std::initializer_list<const char*> names) {
  return object.is_object() && object.size() == names.size() &&
      std::ranges::all_of(names, [&](const char* name) { return object.contains(name); });
}

// contents.json as it streams by: {"target","generation","published_at","files":[{…}],"packages":[{…}]}
class ContentsHandler final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return refuse("a null"); }
  bool boolean(bool) override { return refuse("a boolean"); }
  bool number_integer(number_integer_t) override { return refuse("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return refuse("a fraction"); }
  bool binary(binary_t&) override { return refuse("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (depth_ == 1 && key_ == "generation") document.generation = value;
    else if (depth_ == 3 && key_ == "size_bytes") item_.size_bytes = value;
    else return refuse("a number for " + key_);
    return seen();
  }
  bool string(string_t& value) override {
    if (depth_ == 1 && key_ == "target") document.target = value;
    else if (depth_ == 1 && key_ == "published_at") return take_time(value);
    else if (depth_ == 3 && key_ == "path") path_ = value;
    else if (depth_ == 3 && key_ == "sha256") return take_digest(value);
    else if (depth_ == 3 && list_ == "packages" && key_ == "name") item_.name = value;
    else if (depth_ == 3 && list_ == "packages" && key_ == "version") item_.version = value;
    else if (depth_ == 3 && list_ == "packages" && key_ == "architecture") item_.architecture = value;
    else return refuse("a text for " + key_);
    return seen();
  }
  bool start_object(std::size_t) override {
    if (depth_ != 0 && depth_ != 2) return refuse("an object for " + key_);
    if (depth_ == 2) {
      item_ = {};
      path_.clear();
      item_keys_ = 0;
    }
    ++depth_;
    return true;
  }
  bool end_object() override {
    if (depth_-- == 1) return keys_ == 5 || refuse("fields missing");
    return add_item();
  }
  bool start_array(std::size_t) override {
    if (depth_ != 1 || (key_ != "files" && key_ != "packages")) return refuse("a list for " + key_);
    list_ = key_;
    ++depth_;
    return seen_list();
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool key(string_t& name) override {
    key_ = name;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    if (problem.empty()) problem = "not JSON at byte " + std::to_string(position);
    return false;
  }

  ContentsDocument document;
  std::string problem;

 private:
  bool refuse(const std::string& what) {
    if (problem.empty()) problem = what;
    return false;
  }
  bool seen() {
    ++(depth_ == 1 ? keys_ : item_keys_);
    return true;
  }
  bool seen_list() {
    ++keys_;
    return true;
  }
  bool take_time(const std::string& text) {
    const auto time = Timestamp::parse_rfc3339(text);
    if (!time) return refuse("published_at");
    document.published_at = *time;
    return seen();
  }
  bool take_digest(const std::string& text) {
    const auto digest = Sha256::parse_hex(text);
    if (!digest) return refuse("a sha256");
    item_.sha256 = *digest;
    return seen();
  }
  bool add_item() {
    if (!tree_grammar::is_sound(path_)) return refuse("an unsound path");
    const bool is_package = list_ == "packages";
    if (item_keys_ != (is_package ? 6u : 3u)) return refuse("fields of " + path_);
    const bool is_new = is_package ? document.packages.emplace(path_, item_).second
                                   : document.files.emplace(path_, FileDigest{item_.sha256, item_.size_bytes}).second;
    return is_new || refuse(path_ + " twice");
  }

  unsigned depth_ = 0;
  unsigned keys_ = 0, item_keys_ = 0;
  std::string key_, list_, path_;
  IndexedPackage item_;
};

}  // namespace

Result<ReleaseDocument> read_release_document(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return wrong("not JSON");
  if (!has_exactly(document, {"release", "published_at", "kind", "targets"})) return wrong("its fields");
  if (!document["release"].is_number_unsigned() || !document["published_at"].is_string() || !document["kind"].is_string() ||
      !document["targets"].is_object())
    return wrong("the types of its fields");
  ReleaseDocument release;
  release.release = document["release"].get<std::uint64_t>();
  release.kind = document["kind"].get<std::string>();
  constexpr std::array<std::string_view, 4> kinds = {"promotion", "rollback", "withdrawal", "refresh"};
  if (std::ranges::find(kinds, release.kind) == kinds.end()) return wrong("the kind " + release.kind);
  TRY_ASSIGN(release.published_at, Timestamp::parse_rfc3339(document["published_at"].get<std::string>()));
  for (const auto& [name, value] : document["targets"].items()) {
    TRY_ASSIGN(TargetId target, TargetId::parse(name));
    if (!has_exactly(value, {"generation", "contents_sha256"}) || !value["generation"].is_number_unsigned() ||
        !value["contents_sha256"].is_string())
      return wrong("the fields of " + name);
    ReleasedGeneration generation;
    generation.generation = value["generation"].get<std::uint64_t>();
    TRY_ASSIGN(generation.contents_sha256, Sha256::parse_hex(value["contents_sha256"].get<std::string>()));
    release.targets.emplace(std::move(target), generation);
  }
  return release;
}

Result<ContentsDocument> read_contents_document(std::istream& stream) {
  ContentsHandler handler;
  if (!json::sax_parse(stream, &handler)) return wrong(handler.problem.empty() ? "not JSON" : handler.problem);
  return std::move(handler.document);
}

}  // namespace packyard
