// Where things may lie below public/, as verify understands ARCHITECTURE.md "A release": its own grammar, written apart from
// the one the writers use (core/tree_path), so that a mistake there is found here. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/names.h"

namespace packyard::tree_grammar {

// Relative, no empty, "." or ".." segment, only characters that need no escaping in a URL path or are known to be harmless.
bool is_sound(std::string_view path);

// "000042" and longer numbers without further leading zeros; nothing for anything else and for 0.
std::optional<std::uint64_t> parse_number(std::string_view digits);
std::string number_text(std::uint64_t number);

// releases/000042
std::optional<std::uint64_t> parse_release(std::string_view path);
std::string release_folder(std::uint64_t number);
// generations/rpm/core/2025/el9-x86_64/000007/
std::string generation_folder(const TargetId& target, std::uint64_t generation);
// What releases/000042/rpm/core/2025/el9-x86_64 must link to.
std::string target_link(const TargetId& target, std::uint64_t generation);

// A package of this target: pool/rpm/T/packages/<letter>/<file>.rpm, pool/deb/C/Y/pool/SUITE/<letters>/<source>/<file>.deb or,
// what a tag was made of, pool/oci/T/images/<tag>-<16 digits>.json
bool is_package(const TargetId& target, std::string_view path);
// An index file of this target: index/rpm/T/<sha256>-<name> or index/deb/T/by-hash/SHA256/<sha256>; gives the digest's digits.
std::optional<std::string_view> index_digest(const TargetId& target, std::string_view path);
// What a URL below the target's root means: rpm "packages/a/x.rpm", deb (below /deb/C/Y) "pool/bookworm/a/acme/x.deb".
std::string package_path(const TargetId& target, std::string_view location);
// repodata/<sha256>-primary.xml.gz -> index/rpm/T/<sha256>-primary.xml.gz; empty for other shapes.
std::string repodata_path(const TargetId& target, std::string_view href);
std::string by_hash_path(const TargetId& target, std::string_view digest);

// A tag as the OCI distribution specification has it.
bool is_tag(std::string_view text);
// A tag that begins with a digest, as tools make for what belongs to an image: never one a person chose.
bool is_generated_tag(std::string_view tag);
// "sha256-<hex>.sig": the digest that is signed there; nothing for other tags.
std::optional<Sha256> signed_digest(std::string_view tag);
std::string signature_tag(const Sha256& digest);
// The tag in the path of an image record, a package of an image repository.
std::optional<std::string_view> record_tag(const TargetId& target, std::string_view path);
// pool/oci/T/manifests/sha256/<hex>, pool/oci/T/blobs/sha256/<hex>, and the digest in such a path.
std::string manifest_path(const TargetId& target, const Sha256& digest);
std::string blob_path(const TargetId& target, const Sha256& digest);
std::optional<Sha256> object_digest(const TargetId& target, std::string_view path);

}  // namespace packyard::tree_grammar
