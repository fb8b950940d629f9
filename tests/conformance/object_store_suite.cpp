// What every ObjectStore promises. S3 is the server of tests/support/s3_server.py, unless PACKYARD_TEST_S3 names another:
// "ENDPOINT ACCESS_KEY SECRET_KEY BUCKET path|virtual-host" (tests/conformance/run_s3_servers).
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "storage/folder_object_store.h"
#include "storage/s3/s3_object_store.h"
#include "tests/support/memory_object_store.h"
#include "tests/support/s3_test_server.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

ObjectKey key(std::string_view text) { return ObjectKey::parse(text).value(); }

template <class Store>
struct Place;

template <>
struct Place<FolderObjectStore> {
  TemporaryFolder folder;
  std::unique_ptr<FolderObjectStore> store = std::make_unique<FolderObjectStore>(folder / "store");
};

template <>
struct Place<MemoryObjectStore> {
  std::unique_ptr<MemoryObjectStore> store = std::make_unique<MemoryObjectStore>();
};

template <>
struct Place<S3ObjectStore> {
  static constexpr std::size_t part_bytes = 5 << 20;  // the least that real servers take

  Place() {
    const char* const named = std::getenv("PACKYARD_TEST_S3");
    S3Settings settings;
    AwsCredentials credentials = S3TestServer::credentials();
    if (named == nullptr) {
      settings = S3TestServer::shared().settings("");
    } else {
      std::istringstream words(named);
      std::string endpoint, secret_key, style;
      words >> endpoint >> credentials.access_key >> secret_key >> settings.bucket >> style;
      settings.endpoint = HttpOrigin::parse(endpoint).value();
      credentials.secret_key = Secret(secret_key);
      settings.style = style == "virtual-host" ? S3Style::virtual_host : S3Style::path;
    }
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    settings.prefix = "conformance/" + std::to_string(clock.now().seconds) + "+" + std::to_string(getpid()) + "/" + test->name();
    S3Limits limits;
    limits.part_bytes = part_bytes;
    limits.list_page_keys = 2;
    store = std::make_unique<S3ObjectStore>(settings, std::move(credentials), clock, random, limits);
  }

  SystemClock clock;
  SystemRandomSource random;
  std::unique_ptr<S3ObjectStore> store;
};

template <class Store>
class ObjectStoreSuite : public testing::Test {
 protected:
  Place<Store> place_;
  ObjectStore& store_ = *place_.store;
};

using Stores = testing::Types<FolderObjectStore, MemoryObjectStore, S3ObjectStore>;
TYPED_TEST_SUITE(ObjectStoreSuite, Stores);

TYPED_TEST(ObjectStoreSuite, AnEmptyStoreListsNothing) {
  EXPECT_TRUE(this->store_.list("").value().objects.empty());
  EXPECT_TRUE(this->store_.list("core/2025").value().objects.empty());
  EXPECT_TRUE(this->store_.list_level("").value().folders.empty());
}

TYPED_TEST(ObjectStoreSuite, GivesBackWhatWasPut) {
  const std::string bytes("a\0b", 3);
  ASSERT_TRUE(this->store_.put(key("core/2025/x+1~2.deb"), bytes));
  EXPECT_EQ(read_small_object(this->store_, key("core/2025/x+1~2.deb"), 3).value(), bytes);
  EXPECT_EQ(this->store_.stat(key("core/2025/x+1~2.deb")).value().size_bytes, 3u);
  ASSERT_TRUE(this->store_.put(key("core/2025/x+1~2.deb"), "new"));
  EXPECT_EQ(read_small_object(this->store_, key("core/2025/x+1~2.deb"), 3).value(), "new");
}

TYPED_TEST(ObjectStoreSuite, CopiesFromAReader) {
  const std::string bytes(1'000'000, 'x');
  ASSERT_TRUE(this->store_.put(key("from"), bytes));
  const auto reader = this->store_.open(key("from")).value();
  ASSERT_TRUE(this->store_.put_from(key("a/to"), *reader));
  EXPECT_EQ(read_small_object(this->store_, key("a/to"), bytes.size()).value(), bytes);
  EXPECT_EQ(this->store_.list("").value().objects.size(), 2u);
}

TYPED_TEST(ObjectStoreSuite, AReaderThatFailsLeavesNothing) {
  struct Failing final : ObjectReader {
    Result<std::size_t> read(std::span<char> block) override {
      if (reads_++ > 0) return fail(ErrorCode::unavailable, "the connection went away");
      return block.size() / 2;
    }
    int reads_ = 0;
  } failing;
  EXPECT_EQ(this->store_.put_from(key("a/to"), failing).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(this->store_.list("").value().objects.empty());
}

// Larger than two parts of a store that puts large objects in parts.
TYPED_TEST(ObjectStoreSuite, CopiesALargeObject) {
  std::string bytes(11 << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 + i / 4096);
  MemoryObjectStore from;
  ASSERT_TRUE(from.put(key("large"), bytes));
  const auto reader = from.open(key("large")).value();
  const auto put = this->store_.put_from(key("a/large"), *reader);
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_EQ(this->store_.stat(key("a/large")).value().size_bytes, bytes.size());
  const auto moved = this->store_.move(key("a/large"), key("b/large"));
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_TRUE(read_small_object(this->store_, key("b/large"), bytes.size()).value() == bytes);
  EXPECT_EQ(this->store_.stat(key("a/large")).error().code, ErrorCode::not_found);
}

TYPED_TEST(ObjectStoreSuite, AReaderThatFailsLateLeavesNothing) {
  struct Failing final : ObjectReader {
    Result<std::size_t> read(std::span<char> block) override {
      if (left_ < block.size()) return fail(ErrorCode::unavailable, "the connection went away");
      left_ -= block.size();
      return block.size();
    }
    std::size_t left_ = 11 << 20;
  } failing;
  EXPECT_EQ(this->store_.put_from(key("a/to"), failing).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(this->store_.list("").value().objects.empty());
}

TYPED_TEST(ObjectStoreSuite, KeepsEmptyObjects) {
  ASSERT_TRUE(this->store_.put(key("a/empty"), ""));
  EXPECT_EQ(this->store_.stat(key("a/empty")).value().size_bytes, 0u);
  EXPECT_EQ(read_small_object(this->store_, key("a/empty"), 0).value(), "");
  const auto listing = this->store_.list("a").value();
  ASSERT_EQ(listing.objects.size(), 1u);
  EXPECT_EQ(listing.objects[0].size_bytes, 0u);
}

TYPED_TEST(ObjectStoreSuite, KeepsEveryCharacterOfTheGrammar) {
  const std::vector<std::string> names = {"a+b_1~2^3:4@5%41=6,7-8.deb", "a%2Bb", "a+b", "a,b", "a=b", "B", "b"};
  for (const auto& name : names) {
    const auto put = this->store_.put(key("x+y/" + name), name);
    ASSERT_TRUE(put) << put.error().message;
  }
  std::vector<std::string> listed;
  const auto listing = this->store_.list("x+y").value();
  for (const auto& info : listing.objects) {
    listed.emplace_back(info.key.file_name());
    EXPECT_EQ(read_small_object(this->store_, info.key, 100).value(), info.key.file_name());
  }
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(listed, sorted);
  EXPECT_EQ(this->store_.list_level("").value().folders, std::vector<std::string>{"x+y"});
  ASSERT_TRUE(this->store_.move(key("x+y/" + names[0]), key("z/" + names[1])));
  EXPECT_EQ(read_small_object(this->store_, key("z/" + names[1]), 100).value(), names[0]);
}

TYPED_TEST(ObjectStoreSuite, MayBeUsedByManyThreads) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 5; ++i) {
        const auto name = key("t/" + std::to_string(thread) + "/" + std::to_string(i));
        EXPECT_TRUE(this->store_.put(name, name.text()));
        EXPECT_EQ(read_small_object(this->store_, name, 100).value(), name.text());
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(this->store_.list("t").value().objects.size(), 20u);
  EXPECT_EQ(this->store_.list_level("t").value().folders.size(), 4u);
}

TYPED_TEST(ObjectStoreSuite, AReaderStopsAtTheLimit) {
  ASSERT_TRUE(this->store_.put(key("a"), "12345"));
  EXPECT_EQ(read_small_object(this->store_, key("a"), 4).error().code, ErrorCode::invalid);
}

TYPED_TEST(ObjectStoreSuite, ListsByKeyBelowAFolderOnly) {
  for (const char* name : {"core/b", "core/a/1", "core/a/0", "corex/c", "top"}) ASSERT_TRUE(this->store_.put(key(name), "1"));
  const auto listing = this->store_.list("core").value();
  ASSERT_EQ(listing.objects.size(), 3u);
  EXPECT_EQ(listing.objects[0].key.text(), "core/a/0");
  EXPECT_EQ(listing.objects[1].key.text(), "core/a/1");
  EXPECT_EQ(listing.objects[2].key.text(), "core/b");
  const auto level = this->store_.list_level("").value();
  EXPECT_EQ(level.folders, (std::vector<std::string>{"core", "corex"}));
  ASSERT_EQ(level.here.objects.size(), 1u);
  EXPECT_EQ(level.here.objects[0].key.text(), "top");
}

TYPED_TEST(ObjectStoreSuite, MovesAndReplaces) {
  ASSERT_TRUE(this->store_.put(key("a/x"), "new"));
  ASSERT_TRUE(this->store_.put(key("b/c/x"), "old"));
  ASSERT_TRUE(this->store_.move(key("a/x"), key("b/c/x")));
  EXPECT_EQ(this->store_.stat(key("a/x")).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_small_object(this->store_, key("b/c/x"), 10).value(), "new");
}

TYPED_TEST(ObjectStoreSuite, WhatIsAbsentIsNotFound) {
  EXPECT_EQ(this->store_.stat(key("no/such")).error().code, ErrorCode::not_found);
  EXPECT_EQ(this->store_.open(key("no/such")).error().code, ErrorCode::not_found);
  EXPECT_EQ(this->store_.remove(key("no/such")).error().code, ErrorCode::not_found);
  EXPECT_EQ(this->store_.move(key("no/such"), key("b")).error().code, ErrorCode::not_found);
}

TYPED_TEST(ObjectStoreSuite, RemovesOnce) {
  ASSERT_TRUE(this->store_.put(key("a"), "1"));
  EXPECT_TRUE(this->store_.remove(key("a")));
  EXPECT_EQ(this->store_.remove(key("a")).error().code, ErrorCode::not_found);
}

TYPED_TEST(ObjectStoreSuite, RefusesAFolderOutsideTheGrammar) {
  EXPECT_EQ(this->store_.list("../up").error().code, ErrorCode::invalid);
  EXPECT_EQ(this->store_.list_level("/etc").error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace packyard
