#include "storage/audit_link.h"

#include <charconv>
#include <optional>
#include <string>

namespace packyard {
namespace {

constexpr std::string_view sequence_mark = "{\"sequence\":", previous_mark = ",\"previous\":\"", hash_mark = ",\"hash\":\"";
constexpr std::string_view hash_end = "\"}";
constexpr std::size_t hash_digits = 64;

// Takes the text off the end, or leaves everything.
bool take_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

std::optional<Sha256> take_hash(std::string_view& text, std::string_view mark) {
  if (text.size() < hash_digits) return std::nullopt;
  const auto hash = Sha256::parse_hex(text.substr(text.size() - hash_digits));
  text.remove_suffix(hash_digits);
  return hash && take_end(text, mark) ? std::optional(*hash) : std::nullopt;
}

std::optional<AuditOutcome> take_outcome(std::string_view& text) {
  for (const AuditOutcome outcome : {AuditOutcome::done, AuditOutcome::failed, AuditOutcome::recovered})
    if (take_end(text, ",\"outcome\":\"" + std::string(to_string(outcome)) + "\"")) return outcome;
  return std::nullopt;
}

}  // namespace

Result<AuditLink> read_audit_link(std::string_view line) {
  if (line.size() > audit_line_bytes_max) return fail(ErrorCode::invalid, "it is no line of an audit log");
  std::string_view rest = line;
  const auto hash = take_end(rest, hash_end) ? take_hash(rest, hash_mark) : std::nullopt;
  if (!hash) return fail(ErrorCode::invalid, "it does not end with its hash");
  if (sha256(rest) != *hash) return fail(ErrorCode::invalid, "it does not have the hash that it ends with");
  AuditLink link{.head = {0, *hash}, .previous = {}};
  const auto previous = take_end(rest, "\"") ? take_hash(rest, previous_mark) : std::nullopt;
  const auto outcome = take_outcome(rest);
  const bool begins = rest.starts_with(sequence_mark);
  if (begins) rest.remove_prefix(sequence_mark.size());
  const auto [stopped, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), link.head.sequence);
  const bool ends = failure == std::errc() && stopped != rest.data() + rest.size() && *stopped == ',';
  if (!previous || !outcome || !begins || !ends) return fail(ErrorCode::invalid, "it lacks a field of an audit line");
  link.previous = *previous;
  link.outcome = *outcome;
  return link;
}

}  // namespace packyard
