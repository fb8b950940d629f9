#include "promote/rpm_target_rules.h"

#include <algorithm>
#include <array>

namespace packyard {
namespace {

// Dist tags and the names targets give their os have the same shape: family and number.
constexpr std::array<std::string_view, 6> os_families = {"el", "fc", "amzn", "mga", "lp", "sle"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "el9" when the text begins with a family and a number that nothing continues but a point, '_', '+' and the like.
std::string os_at(std::string_view text) {
  for (const std::string_view family : os_families) {
    if (!text.starts_with(family)) continue;
    std::size_t end = family.size();
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end > family.size() && (end == text.size() || !is_letter(text[end]))) return std::string(text.substr(0, end));
  }
  return {};
}

bool accepts_architecture(std::string_view target, std::string_view package) {
  if (package == "noarch" || package == target) return true;
  constexpr std::array<std::string_view, 5> of_x86 = {"i386", "i486", "i586", "i686", "athlon"};
  return (target == "x86_64" || target == "i686" || target == "i386") && std::ranges::find(of_x86, package) != of_x86.end();
}

std::string release_of(const PackageFacts& facts) { return facts.version.substr(facts.version.rfind('-') + 1); }

bool fits(const PackageFacts& facts, RpmTargetKind kind, std::string_view os, const RpmTargetSettings& target) {
  if (!os.empty() && target.os != os) return false;
  if (target.kind != kind) return false;
  return kind == RpmTargetKind::source || accepts_architecture(target.architecture, facts.architecture);
}

bool has_debug_target(const RpmTargetSettings& binary, const std::vector<RpmTargetSettings>& all) {
  return std::ranges::any_of(all, [&](const RpmTargetSettings& other) {
    return other.kind == RpmTargetKind::debug && other.os == binary.os && other.architecture == binary.architecture;
  });
}

std::unexpected<Error> refuse(std::string why, const PackageFacts& facts, RpmTargetKind kind, std::string_view os,
                              const std::vector<RpmTargetSettings>& all) {
  std::string right;
  for (const RpmTargetSettings& other : all)
    if (fits(facts, kind, os, other)) right += (right.empty() ? "" : " or ") + other.name.text();
  if (right.empty())
    return fail(ErrorCode::invalid, why + "; no configured target takes it: add one to rpm targets in config/packyard.yml");
  return fail(ErrorCode::invalid, why + "; stage it under " + right);
}

}  // namespace

std::string os_of_release(std::string_view release) {
  for (std::size_t at = 0; at + 1 < release.size(); ++at) {
    if (release[at] != '.' && release[at] != '+') continue;
    if (std::string os = os_at(release.substr(at + 1)); !os.empty()) return os;
  }
  return {};
}

RpmTargetKind kind_of(const PackageFacts& facts) {
  if (facts.architecture == "src" || facts.architecture == "nosrc") return RpmTargetKind::source;
  return facts.name.ends_with("-debuginfo") || facts.name.ends_with("-debugsource") ? RpmTargetKind::debug
                                                                                    : RpmTargetKind::binary;
}

Result<void> check_rpm_target(const PackageFacts& facts, const RpmTargetSettings& target,
                              const std::vector<RpmTargetSettings>& all) {
  RpmTargetKind kind = kind_of(facts);
  // Without a target of their own, debug packages stay beside what they belong to.
  if (kind == RpmTargetKind::debug && target.kind == RpmTargetKind::binary && !has_debug_target(target, all))
    kind = RpmTargetKind::binary;
  const std::string named_os = os_of_release(release_of(facts));
  // An os of our own making (say "vendor1") cannot be contradicted by a dist tag.
  if (!named_os.empty() && named_os != target.os && os_at(target.os) == target.os)
    return refuse("its release says " + named_os + ", the target " + target.name.text() + " is for " + target.os, facts, kind,
                  named_os, all);
  if (kind != target.kind) {
    const std::string_view what = kind == RpmTargetKind::source  ? "a source package"
                                  : kind == RpmTargetKind::debug ? "a debug package"
                                                                 : "a binary package";
    return refuse("it is " + std::string(what) + ", which target " + target.name.text() + " does not take", facts, kind,
                  target.os, all);
  }
  if (kind == RpmTargetKind::source || accepts_architecture(target.architecture, facts.architecture)) return {};
  return refuse("architecture " + facts.architecture + " does not belong in target " + target.name.text(), facts, kind, target.os,
                all);
}

}  // namespace packyard
