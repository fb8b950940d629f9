// The XML that S3 servers answer with (and the one that finishes an upload): strict in what is used, blind to the rest. Pure
// functions over outside bytes; whatever is not the document asked for is ErrorCode::internal, since the server is not what it
// should be. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/s3/entity_tag.h"

namespace packyard {

struct S3ListedObject {
  std::string key;  // any bytes
  std::uint64_t size_bytes = 0;
};

// ListObjectsV2.
struct S3ListPage {
  std::vector<S3ListedObject> objects;
  std::vector<std::string> prefixes;  // what the delimiter folded, with it
  std::string next;                   // continuation token; empty on the last page
};
Result<S3ListPage> parse_list_page(std::string_view text);

struct S3ErrorDocument {
  std::string code;  // "NoSuchKey"
  std::string message;
  std::string region;  // where the bucket is, when the server says so
};
// Nothing when the text is no <Error> with a code.
std::optional<S3ErrorDocument> parse_error_document(std::string_view text);

// CreateMultipartUpload.
Result<std::string> parse_upload_id(std::string_view text);
// CompleteMultipartUploadResult and CopyObjectResult.
Result<EntityTag> parse_result_tag(std::string_view text, std::string_view root);

// The body of CompleteMultipartUpload; parts in their order.
std::string complete_upload_document(const std::vector<EntityTag>& parts);

}  // namespace packyard
