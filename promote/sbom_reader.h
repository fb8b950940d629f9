// Looks into a staged SBOM: is it what its name says? CycloneDX 1.x JSON, SPDX 2.x and 3.x JSON. Only the words that mark each
// are looked for: SBOMs are large, and what reads them judges them. Bad files are ErrorCode::invalid with words for the vendor.
// Pure but for reading the file.
#pragma once

#include <filesystem>

#include "core/result.h"

namespace packyard {

enum class SbomForm { cyclonedx, spdx };

Result<void> check_sbom(const std::filesystem::path& file, SbomForm form);

}  // namespace packyard
