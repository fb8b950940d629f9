// Builds a generation of an image repository: gathers the records of all images it holds, listed or not, assembles cosign's
// signature manifests and writes repository.json, which is all that the registry API reads. No key is needed: signatures were
// made when the images were sealed.
#pragma once

#include <filesystem>

#include "promote/package_format.h"

namespace packyard {

// `published`: public/, where files of earlier generations lie already.
Result<BuiltGeneration> build_oci_repository(const GenerationRequest& request, const std::filesystem::path& published);

}  // namespace packyard
