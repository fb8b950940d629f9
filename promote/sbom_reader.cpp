#include "promote/sbom_reader.h"

#include <string>

#include "core/durable_file.h"

namespace packyard {
namespace {

constexpr std::size_t sbom_bytes_max = 64 << 20;

}  // namespace

Result<void> check_sbom(const std::filesystem::path& file, SbomForm form) {
  auto text = read_small_file(file, sbom_bytes_max);
  if (!text && text.error().code == ErrorCode::invalid)
    return fail(ErrorCode::invalid, "the SBOM is larger than " + std::to_string(sbom_bytes_max >> 20) + " MiB");
  if (!text) return fail(text.error());
  const auto says = [&](std::string_view word) { return text->find("\"" + std::string(word) + "\"") != std::string::npos; };
  const std::size_t first = text->find_first_not_of(" \t\r\n");
  if (first == std::string::npos || (*text)[first] != '{') return fail(ErrorCode::invalid, "the SBOM is no JSON object");
  if (form == SbomForm::cyclonedx && !(says("bomFormat") && says("CycloneDX")))
    return fail(ErrorCode::invalid, "the SBOM says nothing of CycloneDX (bomFormat): stage it as .spdx.json if it is SPDX");
  if (form == SbomForm::spdx && !says("spdxVersion") && !says("@graph"))
    return fail(ErrorCode::invalid, "the SBOM says nothing of SPDX (spdxVersion): stage it as .cdx.json if it is CycloneDX");
  return {};
}

}  // namespace packyard
