// What an S3 server answers with: any bytes are read or refused; a listing that is read has names and sizes, and says whether it
// is whole; an error has a code; what is sent back to the server fits into a header.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.h"
#include "storage/s3/s3_documents.h"
#include "storage/s3/s3_failure.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace packyard;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto page = parse_list_page(text)) {
    for (const auto& object : page->objects) CHECK(!object.key.empty());
    for (const auto& prefix : page->prefixes) CHECK(!prefix.empty());
  }
  if (const auto error = parse_error_document(text)) CHECK(!error->code.empty());
  if (const auto id = parse_upload_id(text)) CHECK(!id->empty());
  for (const std::string_view root : {"CopyObjectResult", "CompleteMultipartUploadResult"}) {
    if (const auto tag = parse_result_tag(text, root)) {
      CHECK(!tag->empty() && tag->quoted().find_first_of("\r\n") == std::string::npos);
      (void)complete_upload_document({*tag});
    }
  }
  for (const unsigned status : {200u, 301u, 404u, 412u, 500u, 503u})
    for (const unsigned char c : judge_answer({status, {}}, text).words) CHECK(c >= ' ' && c < 0x7f);
  (void)judge_success(text);
  return 0;
}
