#include "storage/audit_verifier.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "core/descriptor.h"
#include "core/json_document.h"
#include "storage/audit_link.h"

namespace packyard {
namespace {

constexpr std::size_t block_bytes = 256 * 1024;

std::string range_text(std::uint64_t first, std::uint64_t last) {
  const std::string one = std::to_string(first);
  return first == last ? "sequence " + one + " is" : "sequences " + one + " to " + std::to_string(last) + " are";
}

// Follows the chain line by line.
class Chain {
 public:
  Chain(AuditReport& report, std::vector<AuditHead> claims, const UseAuditLine& use)
      : report_(report), claims_(std::move(claims)), use_(use) {}

  void take(std::string_view text) {
    ++report_.lines;
    const auto link = read_audit_link(text);
    if (link) return take_good(*link, text);
    settle_bad({});
    ++bad_since_good_;
    bad_.emplace(AuditRemark{report_.lines, report_.newest.sequence + bad_since_good_, "changed: " + link.error().message});
    bad_bytes_ = text.size();
    bad_digest_ = sha256(text);
  }

  void end(std::size_t torn_bytes) {
    settle_bad({});
    if (torn_bytes > 0)
      report_.notes.push_back({report_.lines + 1, last_sequence() + 1,
                               "torn: " + std::to_string(torn_bytes) + " bytes without a line end; the next change puts it in order"});
    for (const AuditHead& claim : claims_)
      if (claim.sequence > last_sequence())
        report_.findings.push_back({report_.lines + 1, last_sequence() + 1,
                                    "missing: " + range_text(last_sequence() + 1, claim.sequence) + " cut off at the end"});
  }

 private:
  std::uint64_t last_sequence() const { return report_.newest.sequence + bad_since_good_; }

  void find(std::uint64_t sequence, std::string text) { report_.findings.push_back({report_.lines, sequence, std::move(text)}); }

  // A torn line is told by the one that put it in order, with its digest; any other bad line was changed.
  void settle_bad(const std::string& told_after) {
    if (!bad_) return;
    if (is_told_by(told_after)) {
      bad_->text = "torn: a writer was killed in it; " + std::to_string(bad_bytes_) + " bytes, whose change did not happen";
      report_.notes.push_back(std::move(*bad_));
      --bad_since_good_;
    } else {
      report_.findings.push_back(std::move(*bad_));
    }
    bad_.reset();
  }

  bool is_told_by(const std::string& told) const {
    const auto after = parse_json(told);
    const JsonNode* const bytes = after ? after->find("torn_bytes") : nullptr;
    const JsonNode* const digest = after ? after->find("torn_sha256") : nullptr;
    return bytes != nullptr && digest != nullptr && bytes->whole == bad_bytes_ && digest->text == bad_digest_.hex();
  }

  void take_good(const AuditLink& line, std::string_view text) {
    const bool recovers = line.outcome == AuditOutcome::recovered;
    const auto whole = use_ || recovers ? read_audit_line(text) : Result<AuditLine>(fail(ErrorCode::not_found, "not read"));
    const std::string told = recovers && whole ? whole->entry.after : std::string();
    settle_bad(told);
    if (use_ && whole) use_(*whole, text);
    const std::uint64_t newest = report_.newest.sequence, sequence = line.head.sequence;
    for (const AuditHead& claim : claims_)
      if (claim.sequence == sequence && claim.hash != line.head.hash)
        find(sequence, "changed: the head that was kept has another hash for this sequence");
    if (sequence <= newest) return find(sequence, "out of order: it stands behind sequence " + std::to_string(newest));
    if (sequence > last_sequence() + 1)
      find(sequence, "missing before it: " + range_text(last_sequence() + 1, sequence - 1) + " not there");
    if (sequence == newest + 1 && line.previous != report_.newest.hash)
      find(sequence, "it does not follow the line before it: its previous hash is another");
    if (recovers) report_.notes.push_back({report_.lines, sequence, "recovered after a crash, or damage: " + told});
    report_.newest = line.head;
    bad_since_good_ = 0;
  }

  AuditReport& report_;
  const std::vector<AuditHead> claims_;
  const UseAuditLine& use_;
  std::uint64_t bad_since_good_ = 0;
  std::optional<AuditRemark> bad_;
  std::size_t bad_bytes_ = 0;
  Sha256 bad_digest_;
};

// Gives whole lines, and the number of bytes behind the last of them. Of a line that is too long, its first bytes.
Result<std::size_t> read_lines(int descriptor, const std::string& name, const std::function<void(std::string_view)>& use) {
  std::string kept, block(block_bytes, '\0');
  while (true) {
    const ssize_t count = read(descriptor, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(system_error("reading the audit log " + name));
    if (count == 0) return kept.size();
    std::string_view rest(block.data(), static_cast<std::size_t>(count));
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      const std::string_view piece = rest.substr(0, end);
      if (kept.size() <= audit_line_bytes_max) kept += piece;
      if (end == std::string_view::npos) break;
      use(kept);
      kept.clear();
      rest.remove_prefix(end + 1);
    }
  }
}

}  // namespace

Result<AuditReport> verify_audit_log(const AuditFiles& files, const std::optional<AuditHead>& expected, const UseAuditLine& use) {
  AuditReport report;
  std::vector<AuditHead> claims;
  if (expected) claims.push_back(*expected);
  auto head = read_audit_head(files.head);
  if (!head && head.error().code != ErrorCode::corrupt) return fail(std::move(head).error());
  if (head && *head) claims.push_back(**head);
  Chain chain(report, claims, use);
  const Descriptor descriptor(open(files.log.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.number() < 0 && (errno != ENOENT || claims.empty()))
    return fail(system_error("opening the audit log " + files.log.string()));
  std::size_t torn_bytes = 0;
  if (descriptor.number() >= 0) {
    TRY_ASSIGN(torn_bytes, read_lines(descriptor.number(), files.log.string(), [&](std::string_view line) { chain.take(line); }));
  }
  chain.end(torn_bytes);
  const std::uint64_t behind = report.lines + 1;
  if (!head) report.findings.push_back({behind, report.newest.sequence, head.error().message});
  if (head && !*head && !expected && report.lines > 0)
    report.findings.push_back(
        {behind, report.newest.sequence, "the head " + files.head.string() + " is missing: cut lines would not be noticed"});
  if (head && *head && (*head)->sequence < report.newest.sequence)
    report.notes.push_back({behind, report.newest.sequence,
                            "beyond the head at sequence " + std::to_string((*head)->sequence) +
                                ": the writer died before the change; the next change says so"});
  return report;
}

}  // namespace packyard
