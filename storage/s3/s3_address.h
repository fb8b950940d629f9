// S3Address: how requests name a bucket and its keys at a server, by path or by virtual host. A plain value.
#pragma once

#include <string>
#include <string_view>

#include "core/settings.h"
#include "storage/s3/aws_signature.h"

namespace packyard {

class S3Address {
 public:
  explicit S3Address(const S3Settings& settings);
  const std::string& host() const { return host_; }  // as the Host header has it
  std::string path(std::string_view key) const;      // percent-encoded; of the bucket itself for an empty key
  std::string url(std::string_view key, const AwsFields& query) const;
  std::string copy_source(std::string_view key) const;  // value of x-amz-copy-source
  std::string description() const;                      // "S3 bucket staging/prefix at https://s3.example.org"

 private:
  S3Settings settings_;
  std::string host_;
  std::string origin_;
};

}  // namespace packyard
