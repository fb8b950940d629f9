// S3TestServer: tests/support/s3_server.py as a child process: an S3 server in memory that verifies signatures by itself and lies
// when told to. Needs python3. One per test program is enough: tests take prefixes of their own. Not shared between threads.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "core/json_document.h"
#include "core/settings.h"
#include "storage/s3/aws_signature.h"

namespace packyard {

class S3TestServer {
 public:
  S3TestServer();
  ~S3TestServer();
  S3TestServer(const S3TestServer&) = delete;
  S3TestServer& operator=(const S3TestServer&) = delete;
  // The one that this program's tests share.
  static S3TestServer& shared();

  S3Settings settings(std::string prefix) const;
  static AwsCredentials credentials();
  // A JSON list of lies, see s3_server.py; forgets the ones before and what was asked so far.
  void lie(std::string_view lies);
  // What was asked since, as "GET /staging/…?…", in its order, one a line.
  std::string requests();
  // Keys of uploads in parts that nobody completed or aborted.
  std::size_t open_uploads();

 private:
  JsonNode control(std::string_view method, std::string_view path, std::string_view body);
  pid_t child_ = -1;
  int input_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace packyard
