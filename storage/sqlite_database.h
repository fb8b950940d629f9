// One connection to an SQLite file, as our own types: Database, Statement, Transaction. The only file that knows sqlite3.h is
// sqlite_database.cpp. WAL, synchronous=FULL, foreign keys on; a lock held elsewhere is waited for up to busy_timeout_ms.
// Several processes may each have a connection to one file. A connection and what came from it serve one thread at a time:
// owners put it behind a Guarded (core/guarded.h). Files are made with mode 0600 and an existing one is tightened to it.
// Failures: unavailable (locked, full or read-only disk, no memory), corrupt (not a database, damaged), conflict (a constraint),
// not_found (no such file when it may not be made), internal (a statement of ours is wrong). sqlite.org/c3ref, sqlite.org/wal.html
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/result.h"

namespace packyard::sqlite {

enum class Access { create, read_write, read_only };

struct Options {
  Access access = Access::create;
  std::uint32_t busy_timeout_ms = 5'000;
};

struct Blob {
  std::string_view bytes;
};

// What a ?1, ?2 … stands for. Views must live until the call that takes them returns.
class Value {
 public:
  Value(std::nullopt_t) {}
  Value(std::string_view text) : content_(text) {}
  Value(const std::string& text) : content_(std::string_view(text)) {}
  Value(const char* text) : content_(std::string_view(text)) {}
  Value(Blob blob) : content_(blob) {}
  template <class Number>
    requires std::is_integral_v<Number>
  Value(Number number) : content_(static_cast<std::int64_t>(number)) {}
  template <class Kept>
  Value(const std::optional<Kept>& value) : Value(value ? Value(*value) : Value(std::nullopt)) {}

  const std::variant<std::monostate, std::int64_t, std::string_view, Blob>& content() const { return content_; }

 private:
  std::variant<std::monostate, std::int64_t, std::string_view, Blob> content_;
};
using Values = std::initializer_list<Value>;

struct Connection;     // owns sqlite3*
struct StatementHandle;  // owns sqlite3_stmt*

// The current row of a query; valid only during the callback. Columns count from 0.
class Row {
 public:
  explicit Row(const StatementHandle& statement) : statement_(statement) {}
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::uint64_t unsigned_integer(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::optional<std::int64_t> optional_integer(int column) const;
  std::string text(int column) const;
  std::optional<std::string> optional_text(int column) const;
  std::string blob(int column) const;

 private:
  const StatementHandle& statement_;
};

// A prepared statement, to be kept and used again. Keeps its connection open.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();

  // Runs to the end; rows are passed over.
  Result<void> run(Values values = {});
  // Calls use for each row; an Error from use ends the query and is returned.
  Result<void> for_each(Values values, const std::function<Result<void>(const Row&)>& use);

 private:
  friend class Database;
  explicit Statement(std::unique_ptr<StatementHandle> handle);
  std::unique_ptr<StatementHandle> handle_;
};

enum class TransactionKind { read, write };  // write takes the write lock at once, so that it cannot fail half way for a lock

// Rolls back at its end unless commit() succeeded.
class Transaction {
 public:
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  friend class Database;
  explicit Transaction(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  std::shared_ptr<Connection> connection_;  // empty once ended
};

class Database {
 public:
  static Result<Database> open(const std::filesystem::path& file, Options options = {});

  // Statements without values and rows, separated by ';': schema and pragmas.
  Result<void> execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  Result<Transaction> begin(TransactionKind kind);
  // Prepares, runs, throws away.
  Result<void> run(std::string_view sql, Values values = {});
  Result<std::int64_t> query_integer(std::string_view sql, Values values = {});

  std::int64_t changed_rows() const;  // by the last statement
  std::int64_t last_row_id() const;
  // Reads everything once; corrupt when something is damaged.
  Result<void> check_integrity();
  // not_found when the file was removed or another stands under its name: what is open here is nobody else's any more.
  Result<void> check_in_place();
  // A consistent copy, mode 0600, synced, while others read and write. The file must not exist.
  Result<void> back_up_to(const std::filesystem::path& file);
  const std::filesystem::path& file() const;

 private:
  explicit Database(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  std::shared_ptr<Connection> connection_;
};

}  // namespace packyard::sqlite
