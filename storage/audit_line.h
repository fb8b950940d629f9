// One line of an audit log: who did what to which object, from where, and what it was before and after; bound by SHA-256 to the line
// before it. The line is the canonical form itself, byte for byte, without white space and with its fields in this order:
//   {"sequence":N,"time":"…","actor":"…","address":"…","action":"…","object":"…","before":…,"after":…,"outcome":"…",
//    "previous":"<hash of the line before>","hash":"<SHA-256 of everything before ,\"hash\":>"}
// before and after are JSON, null where there is nothing. Pure functions; reading takes hostile bytes. RFC 8259, FIPS 180-4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/result.h"
#include "core/timestamp.h"

namespace packyard {

inline constexpr std::size_t audit_line_bytes_max = 1024 * 1024;

// What is written down; never a secret.
struct AuditEntry {
  std::string actor;    // name of the token or account
  std::string address;  // where the request came from; "local" for a command
  std::string action;   // "key_revoked", "promotion"
  std::string object;   // "key_…", "release 42"
  std::string before{}, after{};  // JSON; empty: null

  bool operator==(const AuditEntry&) const = default;
};

enum class AuditOutcome {
  done,       // written before the change, which followed
  failed,     // the change of the line named by it did not happen
  recovered,  // the log itself was put in order after a crash, or found to lack something
};
std::string_view to_string(AuditOutcome outcome);

// Where a chain stands: the newest line's sequence and hash; 0 and zeros before the first.
struct AuditHead {
  std::uint64_t sequence = 0;
  Sha256 hash{};

  bool operator==(const AuditHead&) const = default;
  std::string text() const;                                // "42:<64 digits>"
  static Result<AuditHead> parse(std::string_view text);
};

struct AuditLine {
  Timestamp time;
  AuditEntry entry;
  AuditOutcome outcome = AuditOutcome::done;
  Sha256 previous;
  AuditHead head;  // the line's own sequence and hash

  bool operator==(const AuditLine&) const = default;
};

// The line that follows `previous`, with its line end.
struct WrittenAuditLine {
  std::string text;
  AuditHead head;
};
WrittenAuditLine write_audit_line(const AuditHead& previous, Timestamp time, const AuditEntry& entry, AuditOutcome outcome);

// Without its line end. Fails as invalid, saying what is wrong, for anything that write_audit_line() did not write.
Result<AuditLine> read_audit_line(std::string_view line);

}  // namespace packyard
