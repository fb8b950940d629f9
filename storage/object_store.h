// ObjectStore: named byte sequences under slash-separated keys, as a folder or an S3 bucket holds them. Used for staging and its
// archive. Keeps, decides nothing. Implementations: storage/folder_object_store.h and a memory one in tests/support; all pass
// tests/conformance/object_store_suite. Thread-safe. Fails as: not_found (no such object), invalid (a key outside the grammar),
// conflict (it exists already), unavailable (full, refused, unreachable: may work later). Everything else is permanent: corrupt.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace packyard {

// A relative name, made only by parse(): segments of printable ASCII letters, digits and "._+~^:@%=,-" joined by '/', at most 255
// bytes each and 1024 together; no empty segment, none that is '.' or '..', none that starts with '-'.
class ObjectKey {
 public:
  static Result<ObjectKey> parse(std::string_view text);
  const std::string& text() const { return text_; }
  std::string_view file_name() const;
  auto operator<=>(const ObjectKey&) const = default;

 private:
  explicit ObjectKey(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct ObjectInfo {
  ObjectKey key;
  std::uint64_t size_bytes = 0;
};

// What lies in a store under a prefix but can never be an object: a link, a special file, a name outside the grammar.
struct RefusedObject {
  std::string name;     // escaped for a terminal
  std::string problem;  // in words
};

struct ObjectListing {
  std::vector<ObjectInfo> objects;  // sorted by key
  std::vector<RefusedObject> refused;
};

struct ObjectLevel {
  std::vector<std::string> folders;  // one segment each, sorted; all pass the grammar
  ObjectListing here;                // objects directly at this level
};

// Reads one object from start to end. Not shared between threads.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  // Fills the front of `block`, returns how much; 0 at the end.
  virtual Result<std::size_t> read(std::span<char> block) = 0;
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  // How a person would find it: "folder /srv/staging".
  virtual std::string description() const = 0;
  // Everything below a folder ("core/2025"); an absent folder is empty. The empty folder is the whole store.
  virtual Result<ObjectListing> list(std::string_view folder) = 0;
  virtual Result<ObjectLevel> list_level(std::string_view folder) = 0;
  virtual Result<ObjectInfo> stat(const ObjectKey& key) = 0;
  virtual Result<std::unique_ptr<ObjectReader>> open(const ObjectKey& key) = 0;
  // Replaces as a whole: a reader sees the old bytes or the new.
  virtual Result<void> put(const ObjectKey& key, std::string_view bytes) = 0;
  // The same from a reader, to its end; memory does not grow with it. Nothing is there when reading fails.
  virtual Result<void> put_from(const ObjectKey& key, ObjectReader& reader) = 0;
  // Replaces what is at `to`.
  virtual Result<void> move(const ObjectKey& from, const ObjectKey& to) = 0;
  virtual Result<void> remove(const ObjectKey& key) = 0;
};

// The whole of a small object; invalid when it is larger than limit_bytes.
Result<std::string> read_small_object(ObjectStore& store, const ObjectKey& key, std::size_t limit_bytes);

}  // namespace packyard
