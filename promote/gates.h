// Gates: what a staged package must pass before anything is signed, beyond being readable and fitting its target. Each looks at
// one thing and says in words what is wrong and what to do. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/settings.h"
#include "promote/package_format.h"
#include "storage/catalog.h"

namespace packyard::gates {

// Signed by keys we do not know: refused unless policy says to sign again. `known`: fingerprints or long key ids of the signing
// key and of every key that customers are served.
std::optional<std::string> signer(const PackageFacts& facts, const std::vector<std::string>& known, ForeignSignature policy);

// The name it would be published under has been used: by other bytes, or it was withdrawn, or its bytes are gone for good.
std::optional<std::string> taken_name(const PublishedName& taken, const Sha256& staged);

// A name that stays with what it was first published with was used before, for something else.
std::string fixed_name(const PackageFacts& facts, const PublishedName& taken);

// Nothing is published that an SBOM staged alone could join.
std::string nothing_to_join(const PackageFacts& facts, const std::string& unit);

// Older than what the target lists as newest.
std::optional<std::string> older(const PackageFormat& format, const PackageFacts& facts,
                                 const std::optional<std::string>& newest_listed, const TargetId& target);

// Two staged files would get one name. `first` is the key of the other one.
std::string same_name_twice(const std::string& path, const std::string& first);

}  // namespace packyard::gates
