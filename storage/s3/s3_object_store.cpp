#include "storage/s3/s3_object_store.h"

#include <algorithm>

#include "core/log.h"
#include "storage/s3/s3_documents.h"
#include "storage/s3/s3_object_reader.h"
#include "storage/s3/s3_upload.h"

namespace packyard {
namespace {

constexpr std::size_t objects_max = 1'000'000;                      // of one listing; beyond it something else lies there
constexpr std::uint64_t copied_bytes_max = std::uint64_t{5} << 30;  // S3 copies no more in one call

// One page's objects and folders, relative to `prefix`, added to a level.
Result<void> add_page(const S3ListPage& page, const std::string& root, const std::string& prefix, ObjectLevel& level) {
  const auto outside = [] {
    return fail(ErrorCode::internal, "the server lists a key that does not lie where it was asked to list");
  };
  for (const S3ListedObject& object : page.objects) {
    if (!object.key.starts_with(prefix)) return outside();
    const std::string name = object.key.substr(root.size());
    // Some programs put an empty object where they mean a folder.
    if (name.empty() || (name.ends_with('/') && object.size_bytes == 0)) continue;
    auto key = ObjectKey::parse(name);
    if (key)
      level.here.objects.push_back({std::move(*key), object.size_bytes});
    else
      level.here.refused.push_back({escape_for_log(name), key.error().message});
  }
  for (const std::string& folder : page.prefixes) {
    if (!folder.starts_with(prefix) || !folder.ends_with('/') || folder.size() <= prefix.size()) return outside();
    const std::string segment = folder.substr(prefix.size(), folder.size() - prefix.size() - 1);
    auto key = ObjectKey::parse(segment);
    if (key)
      level.folders.push_back(segment);
    else
      level.here.refused.push_back({escape_for_log(folder.substr(root.size())), key.error().message});
  }
  return {};
}

// A key that came twice, because it was put while the pages were read: the later one counts.
void sort_level(ObjectLevel& level) {
  auto& objects = level.here.objects;
  std::ranges::reverse(objects);
  std::ranges::stable_sort(objects, {}, &ObjectInfo::key);
  const auto repeated = std::ranges::unique(objects, {}, &ObjectInfo::key);
  objects.erase(repeated.begin(), repeated.end());
  std::ranges::sort(level.folders);
  const auto again = std::ranges::unique(level.folders);
  level.folders.erase(again.begin(), again.end());
}

}  // namespace

S3ObjectStore::S3ObjectStore(const S3Settings& settings, AwsCredentials credentials, Clock& clock, RandomSource& random,
                             const S3Limits& limits)
    : settings_(settings), client_(settings, std::move(credentials), limits, clock, random) {}

std::string S3ObjectStore::description() const { return client_.address().description(); }

std::string S3ObjectStore::full(const ObjectKey& key) const {
  return settings_.prefix.empty() ? key.text() : settings_.prefix + "/" + key.text();
}

std::string S3ObjectStore::name_of(const ObjectKey& key) const { return key.text() + " in " + description(); }

Result<ObjectLevel> S3ObjectStore::list_pages(std::string_view folder, Depth depth) {
  if (!folder.empty()) TRY(ObjectKey::parse(folder));
  const std::string root = settings_.prefix.empty() ? "" : settings_.prefix + "/";
  const std::string prefix = root + (folder.empty() ? "" : std::string(folder) + "/");
  const std::string attempted = "listing " + (folder.empty() ? "" : std::string(folder) + " in ") + description();
  ObjectLevel level;
  std::string next;
  do {
    AwsFields query = {
        {"list-type", "2"}, {"encoding-type", "url"}, {"max-keys", std::to_string(client_.limits().list_page_keys)}};
    if (!prefix.empty()) query.emplace_back("prefix", prefix);
    if (depth == Depth::one_level) query.emplace_back("delimiter", "/");
    if (!next.empty()) query.emplace_back("continuation-token", next);
    S3ListPage page;
    const auto answer = client_.call({"GET", "", query}, [&](const HttpAnswer& body) -> S3Result<void> {
      auto parsed = parse_list_page(body.body);
      if (!parsed) return std::unexpected(broken_answer(parsed.error()));
      page = std::move(*parsed);
      return {};
    });
    if (!answer) return fail(answer.error().to_error(attempted));
    if (const auto added = add_page(page, root, prefix, level); !added) return fail(added.error().in(attempted));
    if (!page.next.empty() && page.next == next)
      return fail(ErrorCode::internal, attempted + ": the server gives the same page again");
    if (level.here.objects.size() + level.here.refused.size() + level.folders.size() > objects_max)
      return fail(ErrorCode::invalid, attempted + ": more than " + std::to_string(objects_max) +
                                          " objects; give staging a bucket or prefix of its own");
    next = page.next;
  } while (!next.empty());
  sort_level(level);
  return level;
}

Result<ObjectListing> S3ObjectStore::list(std::string_view folder) {
  TRY_ASSIGN(ObjectLevel level, list_pages(folder, Depth::all));
  return std::move(level.here);
}

Result<ObjectLevel> S3ObjectStore::list_level(std::string_view folder) { return list_pages(folder, Depth::one_level); }

Result<ObjectInfo> S3ObjectStore::stat(const ObjectKey& key) {
  const auto state = look_up(client_, full(key));
  if (!state) return fail(state.error().to_error("looking for " + name_of(key)));
  return ObjectInfo{key, state->size_bytes};
}

Result<std::unique_ptr<ObjectReader>> S3ObjectStore::open(const ObjectKey& key) {
  return S3ObjectReader::open(client_, full(key), name_of(key));
}

Result<void> S3ObjectStore::put(const ObjectKey& key, std::string_view bytes) {
  return put_object(client_, full(key), name_of(key), bytes);
}

Result<void> S3ObjectStore::put_from(const ObjectKey& key, ObjectReader& reader) {
  return put_object_from(client_, full(key), name_of(key), reader);
}

Result<void> S3ObjectStore::move(const ObjectKey& from, const ObjectKey& to) {
  const std::string attempted = "moving " + from.text() + " to " + to.text() + " in " + description();
  const auto before = look_up(client_, full(from));
  if (!before) return fail(before.error().to_error(attempted));
  if (before->size_bytes > copied_bytes_max) {
    TRY_ASSIGN(const auto reader, open(from));
    TRY(put_from(to, *reader));
  } else {
    AwsFields headers = {{"x-amz-copy-source", client_.address().copy_source(full(from))}};
    if (!before->tag.empty()) headers.emplace_back("x-amz-copy-source-if-match", before->tag.quoted());
    const S3Call call{"PUT", full(to), {}, headers, {}, S3Call::Duration::may_be_long};
    const auto copied = client_.call(call, [](const HttpAnswer& answer) -> S3Result<void> {
      if (auto failed = judge_success(answer.body)) return std::unexpected(std::move(*failed));
      if (const auto tag = parse_result_tag(answer.body, "CopyObjectResult"); !tag)
        return std::unexpected(broken_answer(tag.error()));
      return {};
    });
    if (!copied) return fail(copied.error().to_error(attempted));
  }
  // What is removed must be held under the other name, and be what was copied.
  const auto arrived = look_up(client_, full(to)), after = look_up(client_, full(from));
  if (!arrived) return fail(arrived.error().to_error(attempted + ": looking whether it arrived"));
  if (arrived->size_bytes != before->size_bytes)
    return fail(ErrorCode::internal, attempted + ": the copy is " + std::to_string(arrived->size_bytes) +
                                         " bytes long instead of " + std::to_string(before->size_bytes) +
                                         "; both are still there");
  if (!after) return fail(after.error().to_error(attempted));
  if (after->tag != before->tag)
    return fail(ErrorCode::conflict, attempted + ": another object was put there meanwhile; it stays");
  const auto removed = client_.call({"DELETE", full(from)});
  if (!removed) return fail(removed.error().to_error(attempted));
  return {};
}

Result<void> S3ObjectStore::remove(const ObjectKey& key) {
  const std::string attempted = "removing " + name_of(key);
  // S3 says yes to the removal of what is absent.
  if (const auto there = look_up(client_, full(key)); !there) return fail(there.error().to_error(attempted));
  const auto removed = client_.call({"DELETE", full(key)});
  if (!removed) return fail(removed.error().to_error(attempted));
  return {};
}

}  // namespace packyard
