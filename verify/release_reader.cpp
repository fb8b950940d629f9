#include "verify/release_reader.h"

#include <algorithm>
#include <array>

#include "verify/json_value.h"
#include "verify/tree_grammar.h"

namespace packyard {
namespace {

constexpr std::size_t release_values_max = 1'000'000;

std::unexpected<Error> wrong(std::string_view what) { return fail(ErrorCode::invalid, "is malformed: " + std::string(what)); }

// contents.json as it streams by: {"target","generation","published_at","files":[{…}],"packages":[{…}],"objects":[{…}]}
class ContentsHandler final : public JsonHandler {
 public:
  Result<void> word(JsonWord) override { return wrong("neither text nor number for " + key_); }
  Result<void> number(std::uint64_t value) override {
    if (depth_ == 1 && key_ == "generation")
      document.generation = value;
    else if (depth_ == 3 && key_ == "size_bytes")
      item_.size_bytes = value;
    else
      return wrong("a number for " + key_);
    return seen();
  }
  Result<void> text(std::string value) override {
    const bool is_package = depth_ == 3 && list_ == "packages";
    if (depth_ == 1 && key_ == "target")
      document.target = std::move(value);
    else if (depth_ == 1 && key_ == "published_at")
      TRY(take_time(value));
    else if (depth_ == 3 && key_ == "path")
      path_ = std::move(value);
    else if (depth_ == 3 && key_ == "sha256")
      TRY(take_digest(value));
    else if (is_package && key_ == "name")
      item_.name = std::move(value);
    else if (is_package && key_ == "version")
      item_.version = std::move(value);
    else if (is_package && key_ == "architecture")
      item_.architecture = std::move(value);
    else
      return wrong("a text for " + key_);
    return seen();
  }
  Result<void> begin_object() override {
    if (depth_ != 0 && depth_ != 2) return wrong("an object for " + key_);
    if (depth_ == 2) {
      item_ = {};
      path_.clear();
      item_keys_ = 0;
    }
    ++depth_;
    return {};
  }
  Result<void> end_object() override {
    if (depth_-- == 3) return add_item();
    return keys_ == (document.has_objects ? 6u : 5u) ? Result<void>() : wrong("fields missing");
  }
  Result<void> begin_list() override {
    if (depth_ != 1 || (key_ != "files" && key_ != "packages" && key_ != "objects")) return wrong("a list for " + key_);
    list_ = key_;
    document.has_objects |= list_ == "objects";
    ++keys_;
    ++depth_;
    return {};
  }
  Result<void> end_list() override {
    --depth_;
    return {};
  }
  Result<void> name(std::string name) override {
    key_ = std::move(name);
    return {};
  }

  ContentsDocument document;

 private:
  Result<void> seen() {
    ++(depth_ == 1 ? keys_ : item_keys_);
    return {};
  }
  Result<void> take_time(const std::string& text) {
    const auto time = Timestamp::parse_rfc3339(text);
    if (!time) return wrong("published_at");
    document.published_at = *time;
    return {};
  }
  Result<void> take_digest(const std::string& text) {
    const auto digest = Sha256::parse_hex(text);
    if (!digest) return wrong("a sha256");
    item_.sha256 = *digest;
    return {};
  }
  Result<void> add_item() {
    if (!tree_grammar::is_sound(path_)) return wrong("an unsound path");
    const bool is_package = list_ == "packages";
    if (item_keys_ != (is_package ? 6u : 3u)) return wrong("fields of " + path_);
    auto& plain = list_ == "files" ? document.files : document.objects;
    const bool is_new = is_package ? document.packages.emplace(path_, item_).second
                                   : plain.emplace(path_, FileDigest{item_.sha256, item_.size_bytes}).second;
    return is_new ? Result<void>() : wrong(path_ + " twice");
  }

  unsigned depth_ = 0;
  unsigned keys_ = 0, item_keys_ = 0;  // no name comes twice, so the count says whether all are there
  std::string key_, list_, path_;
  IndexedPackage item_;
};

Result<ReleasedGeneration> read_generation(const std::string& name, const JsonValue& value) {
  const JsonValue* number = value.find("generation");
  const std::string* digest = value.find_text("contents_sha256");
  if (!value.has_exactly({"generation", "contents_sha256"}) || number->number() == nullptr || digest == nullptr)
    return wrong("the fields of " + name);
  TRY_ASSIGN(const Sha256 contents, Sha256::parse_hex(*digest));
  return ReleasedGeneration{*number->number(), contents};
}

}  // namespace

Result<ReleaseDocument> read_release_document(std::string_view text) {
  TRY_ASSIGN(const JsonValue document, read_json_value(text, release_values_max));
  if (!document.has_exactly({"release", "published_at", "kind", "targets"})) return wrong("its fields");
  const std::uint64_t* number = document.find("release")->number();
  const std::string *published_at = document.find_text("published_at"), *kind = document.find_text("kind");
  const JsonObject* targets = document.find("targets")->object();
  if (number == nullptr || published_at == nullptr || kind == nullptr || targets == nullptr)
    return wrong("the types of its fields");
  ReleaseDocument release;
  release.release = *number;
  release.kind = *kind;
  constexpr std::array<std::string_view, 4> kinds = {"promotion", "rollback", "withdrawal", "refresh"};
  if (std::ranges::find(kinds, release.kind) == kinds.end()) return wrong("the kind " + release.kind);
  TRY_ASSIGN(release.published_at, Timestamp::parse_rfc3339(*published_at));
  for (const auto& [name, value] : *targets) {
    TRY_ASSIGN(TargetId target, TargetId::parse(name));
    TRY_ASSIGN(const ReleasedGeneration generation, read_generation(name, value));
    release.targets.emplace(std::move(target), generation);
  }
  return release;
}

Result<ContentsDocument> read_contents_document(std::istream& stream) {
  ContentsHandler handler;
  TRY(read_json(stream, handler));
  return std::move(handler.document);
}

}  // namespace packyard
