#include "storage/s3/s3_address.h"

#include "core/percent_encoding.h"

namespace packyard {

S3Address::S3Address(const S3Settings& settings) : settings_(settings) {
  HttpOrigin origin = settings.endpoint;
  if (settings.style == S3Style::virtual_host) origin.host = settings.bucket + "." + origin.host;
  host_ = origin.host_header();
  origin_ = origin.url();
}

std::string S3Address::path(std::string_view key) const {
  const std::string inside = "/" + percent_encode(key, Slash::stays);
  if (settings_.style == S3Style::virtual_host) return inside;
  return "/" + settings_.bucket + (key.empty() ? "" : inside);
}

std::string S3Address::url(std::string_view key, const AwsFields& query) const {
  const std::string text = canonical_query(query);
  return origin_ + path(key) + (text.empty() ? "" : "?" + text);
}

std::string S3Address::copy_source(std::string_view key) const {
  return "/" + settings_.bucket + "/" + percent_encode(key, Slash::stays);
}

std::string S3Address::description() const {
  return "S3 bucket " + settings_.bucket + (settings_.prefix.empty() ? "" : "/" + settings_.prefix) + " at " +
         settings_.endpoint.url();
}

}  // namespace packyard
