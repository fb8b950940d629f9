// EntityTag: the ETag of an S3 object. For an object that was put in one piece and is not encrypted with a key of its own it is
// the MD5 of the bytes; for one put in parts the MD5 over the parts' MD5s and their number. Whether it is one of these, is judged
// by its form and the answer's headers; any other tag only says whether an object is still the same. Plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/transfer/http_client.h"

namespace packyard {

class EntityTag {
 public:
  EntityTag() = default;
  // Of an answer's headers; empty when there is none.
  static EntityTag of(const HttpHead& head);
  // As an ETag header or element has it, with quotation marks or without.
  static EntityTag parse(std::string_view text);

  bool empty() const { return text_.empty(); }
  std::string quoted() const { return "\"" + text_ + "\""; }
  // False when the tag is an MD5 and another one. `md5`: 16 bytes, or none when it is not known.
  bool may_name(std::string_view md5) const;
  // True when the tag is the one of an object put in parts with these MD5s, which nothing else has.
  bool is_of_parts(const std::vector<std::string>& md5s) const;
  bool operator==(const EntityTag&) const = default;

 private:
  std::string text_;
  bool is_opaque_ = false;  // encrypted: no digest of the bytes, whatever it looks like
};

}  // namespace packyard
