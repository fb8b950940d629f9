// RegistryHandler: the OCI read API over the live release: /v2/, manifests by tag and digest, tags/list, referrers. Who may read
// is the gate's matter, asked by the front before; blobs are files that nginx sends, so that no image passes through this
// process. OCI distribution-spec 1.1, "Pull", "Content Discovery". An http::Handler; thread-safe; blocks for small local files
// only.
//
// Signature tags (sha256-<hex>.sig) are listed like any other tag, as by registries that cosign pushes to: mirrors that go by the
// list (skopeo sync, crane copy --all-tags, regsync) then hold the signatures without further settings.
#pragma once

#include <string>

#include "core/http/http_message.h"
#include "core/log.h"
#include "core/log_limit.h"
#include "registry/manifest_reader.h"
#include "registry/published_repositories.h"
#include "registry/registry_metrics.h"
#include "registry/registry_request.h"

namespace packyard {

class RegistryHandler {
 public:
  // Log and metrics outlive it.
  RegistryHandler(const std::string& published_folder, RegistryMetrics& metrics, const Log& log);
  http::Response handle(const http::Request& request);

 private:
  using Document = std::shared_ptr<const RepositoryDocument>;

  http::Response answer(const RegistryRequest& asked, const http::Request& request);
  http::Response manifest(const RegistryRequest& asked, const Document& document, const http::Request& request);
  http::Response blob(const RegistryRequest& asked, const RepositoryDocument& document);
  http::Response missing_or_failed(const RegistryRequest& asked, const Error& error);
  http::Response failure(const Error& error);

  PublishedRepositories repositories_;
  ManifestReader manifests_;
  RegistryMetrics& metrics_;
  const Log& log_;
  LogLimit limit_;
};

}  // namespace packyard
