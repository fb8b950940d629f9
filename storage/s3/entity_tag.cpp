#include "storage/s3/entity_tag.h"

#include <algorithm>

#include "core/digest.h"
#include "core/hex.h"

namespace packyard {
namespace {

constexpr std::size_t md5_digits = 32;

bool is_md5(std::string_view text) {
  return text.size() == md5_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

EntityTag EntityTag::parse(std::string_view text) {
  if (text.starts_with('"')) text.remove_prefix(1);
  if (text.ends_with('"')) text.remove_suffix(1);
  EntityTag tag;
  // What is sent back as a header must be one word.
  if (std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '"'; })) tag.text_ = text;
  return tag;
}

EntityTag EntityTag::of(const HttpHead& head) {
  EntityTag tag = parse(head.header("etag"));
  tag.is_opaque_ = head.header("x-amz-server-side-encryption").starts_with("aws:kms") ||
                   !head.header("x-amz-server-side-encryption-customer-algorithm").empty();
  return tag;
}

bool EntityTag::may_name(std::string_view md5) const { return is_opaque_ || md5.empty() || !is_md5(text_) || text_ == hex(md5); }

bool EntityTag::is_of_parts(const std::vector<std::string>& md5s) const {
  Md5Stream stream;
  for (const std::string& md5 : md5s) {
    if (md5.empty()) return false;
    stream.update(md5);
  }
  return text_ == hex(stream.finish()) + "-" + std::to_string(md5s.size());
}

}  // namespace packyard
