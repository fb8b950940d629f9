#include "storage/audit_line.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/json_document.h"
#include "core/json_text.h"

namespace packyard {
namespace {

constexpr std::string_view hash_mark = ",\"hash\":\"";
constexpr std::string_view line_end = "\"}";
constexpr std::size_t hash_digits = 64;
constexpr auto outcomes = std::to_array({AuditOutcome::done, AuditOutcome::failed, AuditOutcome::recovered});

std::string json_or_null(const std::string& json) { return json.empty() ? "null" : json; }

// The tree that was written as it would be written again; empty for null.
std::string text_of(const JsonNode& node) { return node.kind == JsonNode::Kind::null ? std::string() : json_text(node); }

const JsonNode& field(const JsonNode& object, std::string_view name) {
  static const JsonNode none{};
  const JsonNode* const found = object.find(name);
  return found == nullptr ? none : *found;
}

Result<AuditLine> line_of(const JsonNode& object) {
  AuditLine line;
  const auto sequence = field(object, "sequence").whole;
  const auto time = Timestamp::parse_rfc3339(field(object, "time").text);
  const auto previous = Sha256::parse_hex(field(object, "previous").text);
  const std::string& outcome = field(object, "outcome").text;
  const auto* const known = std::ranges::find_if(outcomes, [&](AuditOutcome one) { return to_string(one) == outcome; });
  if (!sequence || !time || !previous || known == outcomes.end()) return fail(ErrorCode::invalid, "it lacks a field of an audit line");
  line.head.sequence = *sequence;
  line.time = *time;
  line.previous = *previous;
  line.outcome = *known;
  line.entry = {field(object, "actor").text,  field(object, "address").text,    field(object, "action").text,
                field(object, "object").text, text_of(field(object, "before")), text_of(field(object, "after"))};
  return line;
}

}  // namespace

std::string_view to_string(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::done: return "done";
    case AuditOutcome::failed: return "failed";
    case AuditOutcome::recovered: return "recovered";
  }
  return "done";
}

std::string AuditHead::text() const { return std::to_string(sequence) + ":" + hash.hex(); }

Result<AuditHead> AuditHead::parse(std::string_view text) {
  AuditHead head;
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto [stopped, failure] = std::from_chars(text.data(), text.data() + colon, head.sequence);
  const auto hash = Sha256::parse_hex(text.substr(std::min(colon + 1, text.size())));
  if (failure != std::errc() || stopped != text.data() + colon || !hash)
    return fail(ErrorCode::invalid, "not of the form SEQUENCE:HASH, with a hash of 64 hexadecimal digits");
  head.hash = *hash;
  if (head.text() != text) return fail(ErrorCode::invalid, "the sequence is not written as a plain number");
  return head;
}

WrittenAuditLine write_audit_line(const AuditHead& previous, Timestamp time, const AuditEntry& entry, AuditOutcome outcome) {
  const auto quoted = [](std::string_view text) { return json_text(text); };
  WrittenAuditLine line;
  line.head.sequence = previous.sequence + 1;
  line.text = "{\"sequence\":" + std::to_string(line.head.sequence) + ",\"time\":" + quoted(time.rfc3339()) +
              ",\"actor\":" + quoted(entry.actor) + ",\"address\":" + quoted(entry.address) + ",\"action\":" + quoted(entry.action) +
              ",\"object\":" + quoted(entry.object) + ",\"before\":" + json_or_null(entry.before) +
              ",\"after\":" + json_or_null(entry.after) + ",\"outcome\":" + quoted(to_string(outcome)) +
              ",\"previous\":" + quoted(previous.hash.hex());
  line.head.hash = sha256(line.text);
  line.text += std::string(hash_mark) + line.head.hash.hex() + std::string(line_end) + "\n";
  return line;
}

Result<AuditLine> read_audit_line(std::string_view text) {
  constexpr std::size_t tail_bytes = hash_mark.size() + hash_digits + line_end.size();
  if (text.size() < tail_bytes || text.size() > audit_line_bytes_max) return fail(ErrorCode::invalid, "it is no line of an audit log");
  const std::string_view hashed = text.substr(0, text.size() - tail_bytes), tail = text.substr(hashed.size());
  const auto hash = Sha256::parse_hex(tail.substr(hash_mark.size(), hash_digits));
  if (!tail.starts_with(hash_mark) || !tail.ends_with(line_end) || !hash) return fail(ErrorCode::invalid, "it does not end with its hash");
  if (sha256(hashed) != *hash) return fail(ErrorCode::invalid, "it does not have the hash that it ends with");
  const auto object = parse_json(text);
  if (!object || object->kind != JsonNode::Kind::object) return fail(ErrorCode::invalid, "it is not one JSON object");
  TRY_ASSIGN(AuditLine line, line_of(*object));
  line.head.hash = *hash;
  return line;
}

}  // namespace packyard
