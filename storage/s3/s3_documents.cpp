#include "storage/s3/s3_documents.h"

#include <charconv>

#include "core/xml/xml_document.h"

namespace packyard {
namespace {

constexpr std::string_view xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
constexpr std::size_t upload_id_bytes_max = 4096;

std::unexpected<Error> refuse(std::string_view root, std::string_view why) {
  return fail(ErrorCode::internal, "what came is not S3's " + std::string(root) + ": " + std::string(why));
}

Result<XmlNode> parse_root(std::string_view text, std::string_view root) {
  auto document = parse_xml(text);
  if (!document) return refuse(root, document.error().message);
  if (document->name != root) return refuse(root, "another element");
  return document;
}

std::string text_of(const XmlNode& node, std::string_view name) {
  const XmlNode* const child = node.child(name);
  return child == nullptr ? std::string() : child->own_text();
}

std::optional<std::uint64_t> number_of(const XmlNode& node, std::string_view name) {
  const std::string text = text_of(node, name);
  std::uint64_t number = 0;
  const auto [stopped, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failure != std::errc() || stopped != text.data() + text.size()) return std::nullopt;
  return number;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// As encoding-type=url writes keys: %XX, and '+' for a space.
std::optional<std::string> url_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1, low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

}  // namespace

Result<S3ListPage> parse_list_page(std::string_view text) {
  constexpr std::string_view root = "ListBucketResult";
  TRY_ASSIGN(const XmlNode document, parse_root(text, root));
  const bool is_encoded = text_of(document, "EncodingType") == "url";
  const auto name_of = [&](const XmlNode& node, std::string_view element) -> std::optional<std::string> {
    const XmlNode* const child = node.child(element);
    if (child == nullptr) return std::nullopt;
    return is_encoded ? url_decoded(child->own_text()) : child->own_text();
  };
  S3ListPage page;
  for (const XmlNode& child : document.children) {
    if (child.name == "Contents") {
      auto key = name_of(child, "Key");
      const auto size_bytes = number_of(child, "Size");
      if (!key || key->empty() || !size_bytes) return refuse(root, "an object without key or size");
      page.objects.push_back({std::move(*key), *size_bytes});
    } else if (child.name == "CommonPrefixes") {
      auto prefix = name_of(child, "Prefix");
      if (!prefix || prefix->empty()) return refuse(root, "a common prefix without its name");
      page.prefixes.push_back(std::move(*prefix));
    }
  }
  if (document.child("KeyCount") != nullptr && number_of(document, "KeyCount") != page.objects.size() + page.prefixes.size())
    return refuse(root, "it does not hold as many keys as it says");
  const std::string truncated = text_of(document, "IsTruncated");
  if (truncated != "true" && truncated != "false") return refuse(root, "it does not say whether it is whole");
  if (truncated == "false") return page;
  page.next = text_of(document, "NextContinuationToken");
  if (page.next.empty()) return refuse(root, "it is not whole and does not say how to go on");
  return page;
}

std::optional<S3ErrorDocument> parse_error_document(std::string_view text) {
  const auto document = parse_xml(text);
  if (!document || document->name != "Error") return std::nullopt;
  S3ErrorDocument error{text_of(*document, "Code"), text_of(*document, "Message"), text_of(*document, "Region")};
  if (error.code.empty()) return std::nullopt;
  return error;
}

Result<std::string> parse_upload_id(std::string_view text) {
  constexpr std::string_view root = "InitiateMultipartUploadResult";
  TRY_ASSIGN(const XmlNode document, parse_root(text, root));
  std::string id = text_of(document, "UploadId");
  if (id.empty() || id.size() > upload_id_bytes_max) return refuse(root, "no usable upload id");
  return id;
}

Result<EntityTag> parse_result_tag(std::string_view text, std::string_view root) {
  TRY_ASSIGN(const XmlNode document, parse_root(text, root));
  EntityTag tag = EntityTag::parse(text_of(document, "ETag"));
  if (tag.empty()) return refuse(root, "no ETag");
  return tag;
}

std::string complete_upload_document(const std::vector<EntityTag>& parts) {
  const auto element = [](std::string name, std::string text) {
    return XmlNode{std::move(name), {}, {}, {{{}, std::move(text), {}, {}}}};
  };
  XmlNode root{"CompleteMultipartUpload", {}, {{"xmlns", std::string(xml_namespace)}}, {}};
  for (std::size_t i = 0; i < parts.size(); ++i)
    root.children.push_back({"Part", {}, {}, {element("PartNumber", std::to_string(i + 1)), element("ETag", parts[i].quoted())}});
  return write_xml(root);
}

}  // namespace packyard
