// S3Fixture: a test with an S3ObjectStore at the server that lies, below a prefix of its own, on a clock that never really waits.
#pragma once

#include <gtest/gtest.h>

#include "storage/s3/s3_object_store.h"
#include "tests/support/s3_test_server.h"

namespace packyard {

class S3Fixture : public testing::Test {
 protected:
  static constexpr std::size_t part_bytes = 100'000;

  static S3Limits limits() {
    S3Limits limits;
    limits.connection.flow = std::chrono::milliseconds(1000);
    limits.connection.flow_bytes_min = 1000;
    limits.call_max = limits.long_call_max = std::chrono::milliseconds(5000);
    limits.retries.attempts_max = 4;
    limits.part_bytes = part_bytes;
    return limits;
  }

  void SetUp() override { lie("[]"); }
  void TearDown() override { lie("[]"); }

  static ObjectKey key(std::string_view text) { return ObjectKey::parse(text).value(); }
  // Of the shared server's tests each has its own folder.
  std::string prefix() const {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    return std::string(test->test_suite_name()) + "/" + test->name();
  }
  void lie(std::string_view lies) { server_.lie(lies); }  // see s3_server.py
  // `times` lies of a kind to GETs (or another method) of keys that contain `contains`.
  void lie(std::string_view kind, int times, std::string_view method, std::string_view contains, std::string_view more = "") {
    lie("[{\"lie\":\"" + std::string(kind) + "\",\"times\":" + std::to_string(times) + ",\"method\":\"" + std::string(method) +
        "\",\"contains\":\"" + std::string(contains) + "\"" + std::string(more) + "}]");
  }
  void put(std::string_view name, std::string_view bytes) {
    const auto put = store_.put(key(name), bytes);
    ASSERT_TRUE(put) << put.error().message;
  }
  Result<std::string> get(std::string_view name) { return read_small_object(store_, key(name), 64 << 20); }
  static std::string some_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 997);
    return bytes;
  }

  S3TestServer& server_ = S3TestServer::shared();
  ManualClock clock_{SystemClock().now()};
  SystemRandomSource random_;
  S3ObjectStore store_{server_.settings(prefix()), S3TestServer::credentials(), clock_, random_, limits()};
};

}  // namespace packyard
