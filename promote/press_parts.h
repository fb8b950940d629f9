// PressParts: what every command of the press works with. Owned by the program (programs/packyard_press) or a test; all of it
// outlives the command.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "core/settings.h"
#include "promote/package_format.h"
#include "promote/progress.h"
#include "signer/openpgp_signer.h"
#include "storage/audit_log.h"
#include "storage/object_store.h"
#include "verify/site_verifier.h"

namespace packyard {

// Who changes releases, for the audit log.
struct PressActor {
  std::string name;     // of the account, or of whom it acts for
  std::string address;  // "local", or the queued promotion that is carried out
};

struct PressParts {
  const Settings& settings;
  ObjectStore& staging;
  std::string archive_folder;  // of the staging store; empty: archive_store is another store
  ObjectStore& archive;        // the same object as staging when archive_folder is set
  std::vector<const PackageFormat*> formats;
  OpenPgpSigner& signer;
  Clock& clock;
  const Log& log;
  Progress& progress;
  AuditLog& audit;
  PressActor actor;
  // Judges a candidate as a customer would: SiteVerifier::verify.
  std::function<Result<VerifyReport>(const VerifyRequest&)> verify;

  const PackageFormat* find_format(Format format) const {
    for (const auto* known : formats)
      if (known->format() == format) return known;
    return nullptr;
  }
};

}  // namespace packyard
