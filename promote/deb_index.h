// Builds the index of one suite: main/binary-ARCH/Packages in plain, xz and gzip, Contents where wanted, Release with the SHA-256
// of each, InRelease and Release.gpg; each index file also as by-hash (a hard link, so that a reader of an older Release still
// finds its files). wiki.debian.org/DebianRepository/Format. One pass over the packages, memory flat. Thread-safe.
#pragma once

#include "core/result.h"
#include "core/settings.h"
#include "promote/package_format.h"

namespace packyard {

Result<BuiltGeneration> build_deb_index(const GenerationRequest& request, const DebTargetSettings& settings);

}  // namespace packyard
