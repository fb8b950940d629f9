// AdminWorld: a whole admin without a listener: memory store, a clock at 2026-01-01T00:00:00Z, real signal and randomness, and
// the components core and plus. For tests; not shared between threads unless its parts are.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "admin/key_json.h"
#include "admin/routes.h"
#include "tests/support/memory_audit_log.h"
#include "tests/support/memory_key_store.h"
#include "tests/support/temporary_folder.h"

namespace packyard {

struct AdminWorld {
  static constexpr std::int64_t start_seconds = 1'767'225'600;

  explicit AdminWorld(std::vector<AdminToken> tokens = {});
  AdminCaller caller{"tester", "192.0.2.1", AdminRole::all};
  // Host is added unless given.
  http::Response ask(std::string_view method, std::string_view target, std::string_view body = {},
                     std::vector<http::Header> headers = {});
  http::Response create(std::string_view body) {
    return ask("POST", "/api/v1/keys", body, {{"Content-Type", "application/json"}});
  }

  TemporaryFolder folder;
  MemoryKeyStore store;
  ManualClock clock{Timestamp{start_seconds}};
  SystemRandomSource random;
  Log log{LogLevel::error};
  Pepper pepper = make_pepper(Secret(std::string(pepper_size_bytes, 'p')));
  ChangeSignal signal;
  MemoryAuditLog audit;
  RequestGuard guard;
  KeyService keys;
  Settings settings;  // core with 2025, plus with 2025 and 2026; el9-x86_64 and bookworm
  PromotionQueue queue{folder / "queue"};
  PromotionService promotions{{queue, audit, settings, clock, log}};
  AdminApi api{keys, promotions, guard, log};
};

// The code of an error answer; empty when it is none.
std::string error_code_of(const http::Response& response);
std::string header_of(const http::Response& response, std::string_view name);

}  // namespace packyard
