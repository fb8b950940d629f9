#include "verify/image_signature_checker.h"

#include <algorithm>

#include "verify/image_config_reader.h"
#include "verify/tree_grammar.h"

namespace packyard {
namespace {

constexpr std::string_view oci_manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view oci_config_type = "application/vnd.oci.image.config.v1+json";
constexpr std::string_view empty_config_type = "application/vnd.oci.empty.v1+json";
constexpr std::string_view any_bundle_type = "application/vnd.dev.sigstore.bundle";  // cosign goes by this beginning
constexpr const char* signature_annotation = "dev.cosignproject.cosign/signature";
constexpr const char* content_annotation = "dev.sigstore.bundle.content";
constexpr const char* predicate_annotation = "dev.sigstore.bundle.predicateType";

bool is_bundle(const ManifestDocument& manifest) {
  return manifest.artifact_type.starts_with(any_bundle_type) ||
         std::ranges::any_of(manifest.layers, [](const auto& layer) { return layer.media_type.starts_with(any_bundle_type); });
}

bool is_bill_of_materials(const ManifestDocument& manifest) {
  const std::string_view type = manifest.artifact_type;
  return (type == "application/vnd.cyclonedx+json" || type == "application/spdx+json") && manifest.layers.size() == 1 &&
         manifest.layers[0].media_type == type;
}

bool has_annotation(const ManifestDocument& manifest, const char* name, std::string_view value) {
  const auto found = manifest.annotations.find(name);
  return found != manifest.annotations.end() && found->second == value;
}

}  // namespace

std::string ImageSignatureChecker::repository_name() const {
  const TargetId& target = repository_.target();
  return target.component.text() + "/" + target.year.text() + "/" + target.target.text();
}

bool ImageSignatureChecker::promises(ImageSignature form) const {
  return std::ranges::find(trust_.forms, form) != trust_.forms.end();
}

void ImageSignatureChecker::check() {
  const RepositoryListing& document = repository_.document();
  for (const auto& [digest, manifest] : repository_.manifests()) read_referrer(digest, manifest);
  for (const auto& [tag, digest] : document.tags)
    if (const auto subject = tree_grammar::signed_digest(tag)) read_signature_tag(tag, *subject, digest);
  if (!trust_.key) return;
  for (const auto& [tag, image] : repository_.images())
    for (const Sha256& digest : repository_.reachable(image.top)) demand(repository_.target().text() + ":" + tag, digest, tag);
  for (const Sha256& digest : boms_) demand(tree_grammar::manifest_path(repository_.target(), digest), digest, std::nullopt);
}

// cosign's `.sig` tag. skopeo takes only this media type, and only such layers.
void ImageSignatureChecker::read_signature_tag(const std::string& tag, const Sha256& subject, const Sha256& manifest) {
  const std::string name = repository_.target().text() + ":" + tag;
  const auto entry = repository_.document().manifests.find(manifest);
  const auto found = repository_.manifests().find(manifest);
  if (entry == repository_.document().manifests.end() || found == repository_.manifests().end()) return;  // a finding already
  const ManifestDocument& document = found->second;
  if (entry->second.media_type != oci_manifest_type || document.kind != ManifestKind::image)
    return findings_.add(name, "is not an OCI image manifest");
  if (document.config->media_type != oci_config_type) findings_.add(name, "has a config of type " + document.config->media_type);
  if (document.subject) findings_.add(name, "has a subject: it would be listed as a referrer");
  for (const ManifestDescriptor& layer : document.layers) take_legacy(name, subject, layer);
}

void ImageSignatureChecker::take_legacy(const std::string& subject, const Sha256& digest, const ManifestDescriptor& layer) {
  if (layer.media_type != simple_signing_type) return findings_.add(subject, "has a layer of type " + layer.media_type);
  const auto signature = layer.annotations.find(signature_annotation);
  if (signature == layer.annotations.end()) return findings_.add(subject, "has a layer without a signature");
  const auto payload = repository_.small_blob(layer, signature_bytes_max);
  if (!payload || !trust_.key) return;
  ++checked_;
  const auto claim = read_legacy_signature(*trust_.key, *payload, signature->second);
  const std::string layer_name = "the payload " + digest_with_algorithm(layer.digest);
  if (!claim) return findings_.add(subject, layer_name + " " + claim.error().message);
  if (claim->digest != digest)
    return findings_.add(subject, layer_name + " signs " + digest_with_algorithm(claim->digest) + " instead");
  take_reference(subject, digest, *claim);
}

// HOST/core/2025/server:1.4.2 with the same tag as annotation, or HOST/core/2025/server@sha256:… with none.
void ImageSignatureChecker::take_reference(const std::string& subject, const Sha256& digest, const ImageClaim& claim) {
  const std::string ending = "/" + repository_name() + (claim.tag ? ":" + *claim.tag : "@" + digest_with_algorithm(digest));
  const std::string_view reference = claim.reference;
  const std::string_view host = reference.ends_with(ending) ? reference.substr(0, reference.size() - ending.size()) : "";
  if (host.empty() || host.find('/') != std::string_view::npos || (claim.tag && !tree_grammar::is_tag(*claim.tag)))
    return findings_.add(subject, "signs the reference " + claim.reference + " with the tag '" + claim.tag.value_or("") +
                                      "', which is none of this repository");
  Claims& claims = claims_[digest];
  if (host != trust_.site)
    claims.other_references.insert(claim.reference);
  else if (claim.tag)
    claims.legacy_tags.insert(*claim.tag);
  else
    claims.has_legacy_without_tag = true;
}

// What points at another manifest and is listed by the registry's referrers API.
void ImageSignatureChecker::read_referrer(const Sha256& digest, const ManifestDocument& manifest) {
  const std::string path = tree_grammar::manifest_path(repository_.target(), digest);
  if (is_bundle(manifest)) return read_bundle_manifest(path, manifest);
  // An image or index may have a subject of its own; what it is, is in its tag's signatures.
  const bool is_image = manifest.kind == ManifestKind::index || is_image_config(manifest.config->media_type);
  if (!manifest.subject || repository_.is_child(digest) || is_image) return;
  if (!is_bill_of_materials(manifest))
    return findings_.add(path, "is attached to " + digest_with_algorithm(manifest.subject->digest) +
                                   ", but is neither a signature nor a bill of materials nor part of an image");
  if (!repository_.document().manifests.contains(manifest.subject->digest))
    findings_.add(path, "is attached to an image that is not held");
  boms_.push_back(digest);
}

// cosign 3 takes any bundle of an image for its signature, and looks no further when one is there: so each must be one, and good.
void ImageSignatureChecker::read_bundle_manifest(const std::string& path, const ManifestDocument& manifest) {
  if (!manifest.subject) return findings_.add(path, "is a bundle without a subject");
  if (manifest.artifact_type != bundle_type || manifest.layers.size() != 1 || manifest.layers[0].media_type != bundle_type ||
      manifest.config->media_type != empty_config_type || manifest.media_type != oci_manifest_type)
    return findings_.add(path, "is not the manifest of one bundle v0.3");
  if (!has_annotation(manifest, content_annotation, "dsse-envelope") ||
      !has_annotation(manifest, predicate_annotation, sign_predicate_type))
    findings_.add(path, "lacks the annotations by which a signature's bundle is told from others");
  if (!repository_.document().manifests.contains(manifest.subject->digest))
    findings_.add(path, "signs a manifest that is not held");
  const auto bundle = repository_.small_blob(manifest.layers[0], signature_bytes_max);
  if (!bundle || !trust_.key) return;
  ++checked_;
  const auto claim = read_bundle(*trust_.key, *bundle);
  if (!claim) return findings_.add(path, "its bundle " + claim.error().message);
  if (claim->digest != manifest.subject->digest)
    return findings_.add(path, "is attached to " + digest_with_algorithm(manifest.subject->digest) + ", but signs " +
                                   digest_with_algorithm(claim->digest));
  Claims& claims = claims_[claim->digest];
  claims.has_bundle = true;
  if (claim->tag)
    claims.bundle_tags.insert(*claim->tag);
  else
    claims.has_bundle_without_tag = true;
}

void ImageSignatureChecker::demand(const std::string& subject, const Sha256& digest, const std::optional<std::string>& tag) {
  const Claims& claims = claims_[digest];
  const std::string platform = repository_.platform_text(digest);
  const std::string manifest = digest_with_algorithm(digest) + (platform.empty() ? "" : " (" + platform + ")");
  const std::string by = tag ? " for this tag" : "";
  if (promises(ImageSignature::legacy) && !(tag ? claims.legacy_tags.contains(*tag) : claims.has_legacy_without_tag)) {
    const std::string other = claims.other_references.empty() ? ""
                                                              : "; one names " + *claims.other_references.begin() +
                                                                    ", the settings name the site '" + trust_.site + "'";
    findings_.add(subject, manifest + " has no legacy signature" + by + other);
  }
  // With a bundle for another tag there, cosign 3 does not fall back to the legacy one.
  if ((promises(ImageSignature::bundle) || claims.has_bundle) &&
      !(tag ? claims.bundle_tags.contains(*tag) : claims.has_bundle_without_tag))
    findings_.add(subject, manifest + " has no bundle" + by);
}

}  // namespace packyard
