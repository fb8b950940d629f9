#include "registry/registry_handler.h"

#include <algorithm>
#include <span>

#include "core/clock.h"
#include "registry/oci_digest.h"
#include "registry/registry_answer.h"

namespace packyard {
namespace {

constexpr std::uint32_t failure_lines_per_second_max = 5;
// A list without n, or with a larger one, is cut here and goes on with Link.
constexpr std::size_t tags_max = 10'000;
constexpr std::string_view index_type = "application/vnd.oci.image.index.v1+json";

http::Response unknown_manifest(const RegistryRequest& asked) {
  return registry_error(RegistryError::manifest_unknown, asked.repository + " holds no manifest " + std::string(asked.reference));
}

http::Response bad_digest() {
  return registry_error(RegistryError::digest_invalid, "a digest is sha256: and 64 hexadecimal digits, in lower case");
}

http::Response refused(RegistryRefusal refusal) {
  switch (refusal) {
    case RegistryRefusal::bad_number:
      return registry_error(RegistryError::pagination_number_invalid,
                            "n must be given once, a whole number from 0 to 4294967295");
    case RegistryRefusal::bad_parameter:
      return registry_error(RegistryError::bad_request,
                            "a query parameter is given twice, longer than 255 bytes or not printable ASCII");
    case RegistryRefusal::no_such_path: break;
  }
  return registry_error(RegistryError::name_unknown, "images are named component/year/image here, like core/2025/server");
}

// Strong comparison would do no harm: our entity tags are digests. RFC 9110 13.1.2: a list of entity tags, or "*".
bool already_has(const http::Request& request, const std::string& entity_tag) {
  return std::ranges::any_of(request.headers, [&](const http::Header& header) {
    return http::same_header_name(header.name, "If-None-Match") &&
           (header.value == "*" || header.value.find(entity_tag) != std::string_view::npos);
  });
}

http::Response tags_page(const RegistryRequest& asked, const RepositoryDocument& document) {
  const std::span<const PublishedTag> all = document.tags();
  const auto begin = asked.last.empty() ? all.begin() : std::ranges::upper_bound(all, asked.last, {}, &PublishedTag::name);
  const auto left = static_cast<std::size_t>(all.end() - begin);
  const std::size_t wanted = std::min<std::size_t>(asked.entries_max.value_or(tags_max), tags_max);
  const auto page = std::span(begin, std::min(left, wanted));
  std::string body = "{\"name\":\"" + asked.repository + "\",\"tags\":[";
  for (const PublishedTag& tag : page) body.append(body.back() == '[' ? "\"" : ",\"").append(tag.name).append("\"");
  http::Response response = registry_answer("application/json", body + "]}\n", Caching::again);
  if (page.size() < left && !page.empty())
    response.headers.push_back({"Link", "</v2/" + asked.repository + "/tags/list?n=" + std::to_string(page.size()) +
                                            "&last=" + page.back().name + ">; rel=\"next\""});
  return response;
}

// Never 404 for a subject that is not here: that would mean that there is no such endpoint.
http::Response referrers_index(const RegistryRequest& asked, const RepositoryDocument& document) {
  if (!is_oci_digest(asked.reference)) return bad_digest();
  std::string body = "{\"schemaVersion\":2,\"mediaType\":\"" + std::string(index_type) + "\",\"manifests\":[";
  if (const auto subject = parse_oci_digest(asked.reference))
    for (const Referrer& referrer : document.referrers(*subject))
      if (asked.artifact_type.empty() || asked.artifact_type == referrer.artifact_type)
        body.append(body.back() == '[' ? "" : ",").append(referrer.descriptor);
  http::Response response = registry_answer(index_type, body + "]}", Caching::again);
  if (!asked.artifact_type.empty()) response.headers.push_back({"OCI-Filters-Applied", "artifactType"});
  return response;
}

}  // namespace

RegistryHandler::RegistryHandler(const std::string& published_folder, RegistryMetrics& metrics, const Log& log)
    : repositories_(published_folder),
      manifests_(published_folder),
      metrics_(metrics),
      log_(log),
      limit_(failure_lines_per_second_max) {}

http::Response RegistryHandler::handle(const http::Request& request) {
  const auto asked = parse_registry_request(request.target);
  const std::size_t kind = asked ? static_cast<std::size_t>(asked->resource) : RegistryMetrics::kind_other;
  http::Response response;
  if (request.method != "GET" && request.method != "HEAD")
    response = registry_error(RegistryError::unsupported, "images cannot be pushed or deleted here, only pulled");
  else
    response = asked ? answer(*asked, request) : refused(asked.error());
  metrics_.count(kind, response.status);
  return response;
}

http::Response RegistryHandler::answer(const RegistryRequest& asked, const http::Request& request) {
  if (asked.resource == RegistryResource::ping) return registry_answer("application/json", "{}", Caching::again);
  const auto document = repositories_.find(asked.repository);
  if (!document) return missing_or_failed(asked, document.error());
  switch (asked.resource) {
    case RegistryResource::manifest: return manifest(asked, *document, request);
    case RegistryResource::blob: return blob(asked, **document);
    case RegistryResource::tags: return tags_page(asked, **document);
    case RegistryResource::referrers: return referrers_index(asked, **document);
    case RegistryResource::upload:
    case RegistryResource::ping: break;
  }
  return registry_error(RegistryError::blob_upload_unknown, "nothing is uploaded here");
}

http::Response RegistryHandler::manifest(const RegistryRequest& asked, const Document& document, const http::Request& request) {
  const bool by_digest = asked.reference.find(':') != std::string_view::npos;
  if (by_digest && !is_oci_digest(asked.reference)) return bad_digest();
  const auto digest = parse_oci_digest(asked.reference);
  const Sha256* tagged = by_digest ? nullptr : document->find_tag(asked.reference);
  if (!digest && tagged == nullptr) return unknown_manifest(asked);
  const HeldManifest* held = document->find_manifest(digest ? *digest : *tagged);
  if (held == nullptr) return unknown_manifest(asked);
  const auto bytes = manifests_.read(asked.repository, held->digest, held->size_bytes);
  if (!bytes) {
    if (bytes.error().code != ErrorCode::not_found) return failure(bytes.error());
    // Purged since the document was read, or really missing: the release that is live now says which.
    const auto now = repositories_.find(asked.repository);
    if (!now) return missing_or_failed(asked, now.error());
    return *now == document ? failure(bytes.error()) : manifest(asked, *now, request);
  }
  const std::string digest_text = oci_digest_text(held->digest);
  const std::string entity_tag = "\"" + digest_text + "\"";
  http::Response response = registry_answer(held->media_type, **bytes, by_digest ? Caching::forever : Caching::again);
  response.headers.push_back({"Docker-Content-Digest", digest_text});
  response.headers.push_back({"ETag", entity_tag});
  if (already_has(request, entity_tag)) response.status = 304;
  return response;
}

http::Response RegistryHandler::blob(const RegistryRequest& asked, const RepositoryDocument& document) {
  if (!is_oci_digest(asked.reference)) return bad_digest();
  const auto digest = parse_oci_digest(asked.reference);
  if (!digest || !document.holds_blob(*digest))
    return registry_error(RegistryError::blob_unknown, asked.repository + " holds no blob " + std::string(asked.reference));
  // The front sends this one itself; saying 404 here would send an operator looking for a file that is there.
  const http::Response response =
      registry_error(RegistryError::misrouted, "blobs are sent by the file server: the front must route /v2/…/blobs/ there");
  if (limit_.ask(SystemClock().now()).write) log_.warning("registry_blob_misrouted", {{"repository", asked.repository}});
  return response;
}

http::Response RegistryHandler::missing_or_failed(const RegistryRequest& asked, const Error& error) {
  if (error.code != ErrorCode::not_found) return failure(error);
  return registry_error(RegistryError::name_unknown, "there is no image " + asked.repository);
}

http::Response RegistryHandler::failure(const Error& error) {
  const LogLimit::Verdict verdict = limit_.ask(SystemClock().now());
  if (verdict.write) log_.error("registry_failed", {{"why", error.message}, {"lines_left_out", verdict.left_out}});
  const bool may_pass = error.code == ErrorCode::unavailable;
  return registry_error(may_pass ? RegistryError::unavailable : RegistryError::damaged,
                        may_pass ? "the registry cannot read its store right now, try again"
                                 : "the registry's store is damaged; the operator has a log line about it");
}

}  // namespace packyard
