// What every ObjectStore promises.
#include <gtest/gtest.h>

#include "storage/folder_object_store.h"
#include "tests/support/memory_object_store.h"
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

template <class Store>
class ObjectStoreSuite : public testing::Test {
 protected:
  Place<Store> place_;
  ObjectStore& store_ = *place_.store;
};

using Stores = testing::Types<FolderObjectStore, MemoryObjectStore>;
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
