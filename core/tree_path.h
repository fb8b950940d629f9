// Where each published thing lies below public/, and under which URL a customer asks for it. The only file that makes these
// names (design: "A release"); core/repository_path reads the URLs back, and a table test round-trips every shape.
// All results are relative, without a leading slash. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/names.h"

namespace packyard::tree_path {

// pool/rpm/core/2025/el9-x86_64/packages/a/acme-1.0-1.el9.x86_64.rpm
std::string rpm_package(const TargetId& target, std::string_view file_name);
// packages/a/acme-1.0-1.el9.x86_64.rpm: the location inside repodata. The folder is the first letter, lower-case.
std::string rpm_location(std::string_view file_name);
// index/rpm/core/2025/el9-x86_64/<sha256>-primary.xml.zst
std::string rpm_index(const TargetId& target, const Sha256& digest, std::string_view name);

// pool/deb/core/2025/pool/bookworm/a/acme/acme_1.0_amd64.deb ("libx" for sources that start with lib)
std::string deb_package(const TargetId& target, std::string_view source_name, std::string_view file_name);
// pool/bookworm/a/acme/acme_1.0_amd64.deb: Filename in Packages, relative to /deb/core/2025
std::string deb_filename(const TargetId& target, std::string_view source_name, std::string_view file_name);
// index/deb/core/2025/bookworm/by-hash/SHA256/<hex>
std::string deb_by_hash(const TargetId& target, const Sha256& digest);

// pool/oci/core/2025/server: what one image repository holds, so that a key for one never reads a blob of another
std::string oci_repository(const TargetId& target);
// pool/oci/core/2025/server/blobs/sha256/<hex>
std::string oci_blob(const TargetId& target, const Sha256& digest);
// pool/oci/core/2025/server/manifests/sha256/<hex>
std::string oci_manifest(const TargetId& target, const Sha256& digest);
// pool/oci/core/2025/server/images/1.4.2-0123456789abcdef.json: what publishing a tag consisted of
std::string oci_image_record(const TargetId& target, std::string_view tag, const Sha256& staged);

// generations/rpm/core/2025/el9-x86_64/000007
std::string generation(const TargetId& target, std::uint64_t number);
// releases/000042
std::string release(std::uint64_t number);
// releases/000042/rpm/core/2025/el9-x86_64: a link to the generation
std::string release_target(std::uint64_t release_number, const TargetId& target);
// How that link is written: ../../../../../generations/… relative to where it stands, so that the tree can be moved.
std::string release_target_link(const TargetId& target, std::uint64_t generation_number);

// What a customer asks for, relative to the site's root.
std::string rpm_url(const TargetId& target, std::string_view rest);        // rpm/core/2025/el9-x86_64/ + rest
std::string deb_dists_url(const TargetId& target, std::string_view rest);  // deb/core/2025/dists/bookworm/ + rest

}  // namespace packyard::tree_path
