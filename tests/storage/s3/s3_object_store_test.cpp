#include "storage/s3/s3_object_store.h"

#include "tests/support/s3_fixture.h"

namespace packyard {
namespace {

// What the conformance suite cannot ask of a server that is well.
class S3ObjectStoreTest : public S3Fixture {
 protected:
  S3ObjectStore other(std::string where) {
    return {server_.settings(std::move(where)), S3TestServer::credentials(), clock_, random_, limits()};
  }
};

TEST_F(S3ObjectStoreTest, ListsOverPagesAndTriesEachAgain) {
  S3Limits paged = limits();
  paged.list_page_keys = 3;
  S3ObjectStore store(server_.settings(prefix()), S3TestServer::credentials(), clock_, random_, paged);
  for (int i = 10; i < 20; ++i) put("f/" + std::to_string(i), "x");
  lie(R"([{"lie":"reset","contains":"continuation-token","times":2},{"lie":"truncate","contains":"list-type","after":1}])");
  const auto listing = store.list("f");
  ASSERT_TRUE(listing) << listing.error().message;
  EXPECT_EQ(listing->objects.size(), 10u);
}

TEST_F(S3ObjectStoreTest, AListingThatIsNoneIsNoEmptyStaging) {
  put("f/a", "x");
  for (const char* kind : {"xml", "cut_xml"}) {
    lie(kind, 1, "GET", "list-type");
    EXPECT_EQ(store_.list("f").error().code, ErrorCode::internal) << kind;
  }
  lie(R"([{"lie":"error_in_ok","contains":"list-type"}])");
  EXPECT_EQ(store_.list("f").error().code, ErrorCode::internal);
  lie("status", 100, "GET", "list-type", R"(,"status":500)");
  EXPECT_EQ(store_.list_level("").error().code, ErrorCode::unavailable);
  lie("status", 100, "GET", "list-type", R"(,"status":404,"code":"NoSuchBucket")");
  EXPECT_EQ(store_.list("f").error().code, ErrorCode::invalid);
}

TEST_F(S3ObjectStoreTest, StatNeverGuesses) {
  put("a", "12345");
  EXPECT_EQ(store_.stat(key("none")).error().code, ErrorCode::not_found);
  // HEAD has no words; what GET says then counts.
  lie(R"([{"lie":"status","status":404,"method":"HEAD"}])");
  EXPECT_EQ(store_.stat(key("a")).value().size_bytes, 5u);
  lie(R"([{"lie":"status","status":404,"method":"HEAD"},{"lie":"status","status":404,"code":"NoSuchBucket","method":"GET"}])");
  EXPECT_EQ(store_.stat(key("a")).error().code, ErrorCode::invalid);
  lie("status", 100, "HEAD", "/a", R"(,"status":500)");
  EXPECT_EQ(store_.stat(key("a")).error().code, ErrorCode::unavailable);
}

TEST_F(S3ObjectStoreTest, RefusesNamesThatOnlyS3Allows) {
  S3ObjectStore above = other("S3ObjectStoreTest");
  S3Client client(server_.settings(""), S3TestServer::credentials(), limits(), clock_, random_);
  for (const char* name : {"/f/with space", "/f/../up", "/f/\x01", "/f//two", "/f/folder/", "/f/-dash", "/with space/x"})
    ASSERT_TRUE(client.call({"PUT", prefix() + name}));
  const auto listing = store_.list("f").value();
  EXPECT_TRUE(listing.objects.empty());
  EXPECT_EQ(listing.refused.size(), 5u);
  const auto level = store_.list_level("").value();
  EXPECT_EQ(level.folders, std::vector<std::string>{"f"});
  ASSERT_EQ(level.here.refused.size(), 1u);
  EXPECT_EQ(level.here.refused[0].name, "with space/");
}

TEST_F(S3ObjectStoreTest, MovingLosesNothing) {
  const auto moves = [&](std::string_view lies) {
    put("a", "bytes");
    lie(lies);
    const auto moved = store_.move(key("a"), key("b"));
    lie("[]");
    return moved;
  };
  ASSERT_TRUE(moves(R"([{"lie":"error_in_ok","method":"PUT","contains":"/b"},{"lie":"status","status":503,"method":"DELETE"}])"));
  EXPECT_EQ(get("b").value(), "bytes");
  EXPECT_EQ(get("a").error().code, ErrorCode::not_found);
  EXPECT_FALSE(moves(R"([{"lie":"lost_put","method":"PUT","contains":"/b"}])"));
  EXPECT_EQ(get("a").value(), "bytes");
  EXPECT_FALSE(moves(R"([{"lie":"xml","method":"PUT","contains":"/b"}])"));
  EXPECT_EQ(get("a").value(), "bytes");
}

TEST_F(S3ObjectStoreTest, ErrorsSayWhatWasAttemptedWhere) {
  const std::string message = store_.open(key("none")).error().message;
  EXPECT_TRUE(message.starts_with("reading none in S3 bucket staging/" + prefix() + " at http://127.0.0.1:")) << message;
  EXPECT_NE(message.find("NoSuchKey"), std::string::npos);
}

}  // namespace
}  // namespace packyard
