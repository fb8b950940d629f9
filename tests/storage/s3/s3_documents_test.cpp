#include "storage/s3/s3_documents.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

std::string list(const std::string& inside) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
         inside + "</ListBucketResult>";
}

TEST(S3Documents, ReadsAPageOfAListing) {
  const auto page = parse_list_page(list(
      "<Name>b</Name><KeyCount>3</KeyCount><IsTruncated>true</IsTruncated><NextContinuationToken>t/+=</NextContinuationToken>"
      "<EncodingType>url</EncodingType><Contents><Key>a/x%2B1%7E2</Key><Size>3</Size><ETag>&quot;e&quot;</ETag></Contents>"
      "<Contents><Key>a/%C3%B6+%01</Key><Size>18446744073709551615</Size></Contents>"
      "<CommonPrefixes><Prefix>a/b%25/</Prefix></CommonPrefixes>"));
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->objects.size(), 2u);
  EXPECT_EQ(page->objects[0].key, "a/x+1~2");
  EXPECT_EQ(page->objects[0].size_bytes, 3u);
  EXPECT_EQ(page->objects[1].key, "a/ö \x01");
  EXPECT_EQ(page->prefixes, std::vector<std::string>{"a/b%/"});
  EXPECT_EQ(page->next, "t/+=");
}

TEST(S3Documents, TakesKeysAsTheyAreWhenTheServerEncodesNone) {
  const auto page = parse_list_page(list("<IsTruncated>false</IsTruncated><Contents><Key>a+%41</Key><Size>0</Size></Contents>"));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->objects[0].key, "a+%41");
  EXPECT_EQ(page->next, "");
}

TEST(S3Documents, RefusesAListingThatCannotBeTrusted) {
  const std::string whole = "<IsTruncated>false</IsTruncated>";
  for (const std::string& text :
       {list(""), list("<IsTruncated>maybe</IsTruncated>"), list("<IsTruncated>true</IsTruncated>"),
        list(whole + "<Contents><Key>a</Key></Contents>"), list(whole + "<Contents><Size>1</Size></Contents>"),
        list(whole + "<Contents><Key>a</Key><Size>-1</Size></Contents>"),
        list(whole + "<Contents><Key>a</Key><Size>1x</Size></Contents>"),
        list(whole + "<Contents><Key></Key><Size>1</Size></Contents>"), list(whole + "<CommonPrefixes/>"),
        list(whole + "<KeyCount>2</KeyCount><Contents><Key>a</Key><Size>1</Size></Contents>"),
        list(whole + "<EncodingType>url</EncodingType><Contents><Key>a%4</Key><Size>1</Size></Contents>"),
        list(whole).substr(0, 100), std::string("<html/>"), std::string("<Error><Code>SlowDown</Code></Error>"), std::string()}) {
    const auto page = parse_list_page(text);
    ASSERT_FALSE(page) << text;
    EXPECT_EQ(page.error().code, ErrorCode::internal);
  }
}

TEST(S3Documents, ReadsAnErrorOrSaysThatItIsNone) {
  const auto error =
      parse_error_document("<Error><Code>PermanentRedirect</Code><Message>m</Message><Region>eu-west-1</Region></Error>");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, "PermanentRedirect");
  EXPECT_EQ(error->message, "m");
  EXPECT_EQ(error->region, "eu-west-1");
  for (const char* text : {"", "<Error/>", "<Error><Code></Code></Error>", "<html><Code>x</Code></html>", "not found"})
    EXPECT_FALSE(parse_error_document(text)) << text;
}

TEST(S3Documents, ReadsTheStepsOfAnUpload) {
  EXPECT_EQ(parse_upload_id("<InitiateMultipartUploadResult><UploadId>u-1</UploadId></InitiateMultipartUploadResult>").value(),
            "u-1");
  EXPECT_FALSE(parse_upload_id("<InitiateMultipartUploadResult/>"));
  EXPECT_EQ(parse_result_tag("<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>", "CopyObjectResult").value().quoted(),
            "\"e\"");
  EXPECT_FALSE(parse_result_tag("<CopyObjectResult/>", "CopyObjectResult"));
  EXPECT_FALSE(parse_result_tag("<Error><Code>InternalError</Code></Error>", "CopyObjectResult"));
  EXPECT_EQ(
      complete_upload_document({EntityTag::parse("a"), EntityTag::parse("b")}),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>"
      "<Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag></Part></CompleteMultipartUpload>\n");
}

}  // namespace
}  // namespace packyard
