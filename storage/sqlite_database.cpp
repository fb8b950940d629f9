#include "storage/sqlite_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "core/check.h"
#include "core/durable_file.h"

namespace packyard::sqlite {

struct Connection {
  std::filesystem::path file;
  sqlite3* handle = nullptr;

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { sqlite3_close_v2(handle); }
};

struct StatementHandle {
  std::shared_ptr<Connection> connection;
  sqlite3_stmt* handle = nullptr;

  explicit StatementHandle(std::shared_ptr<Connection> owner) : connection(std::move(owner)) {}
  StatementHandle(const StatementHandle&) = delete;
  StatementHandle& operator=(const StatementHandle&) = delete;
  ~StatementHandle() { sqlite3_finalize(handle); }
};

namespace {

struct Meaning {
  ErrorCode code;
  std::string_view advice;
};

Meaning meaning_of(int result) {
  switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:  // even readers are locked out, for longer than SQLite tries
      return {ErrorCode::unavailable, "another process holds the database; try again"};
    case SQLITE_FULL: return {ErrorCode::unavailable, "free space on that disk and try again"};
    case SQLITE_READONLY: return {ErrorCode::unavailable, "make the file and its folder writable for this user"};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH: return {ErrorCode::unavailable, "check that the folder exists and that this user may write there"};
    case SQLITE_IOERR: return {ErrorCode::unavailable, "check the disk: full, read-only or failing"};
    case SQLITE_NOMEM: return {ErrorCode::unavailable, "the machine is out of memory"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return {ErrorCode::corrupt, "restore the file from a backup"};
    case SQLITE_CONSTRAINT: return {ErrorCode::conflict, "it contradicts what is already stored"};
    default: return {ErrorCode::internal, "this is a fault in packyard: please report it"};
  }
}

Error describe(const Connection& connection, std::string_view attempted, int result) {
  const Meaning meaning = meaning_of(result);
  std::string reason = sqlite3_errstr(result);
  // The connection's own text is more exact, but belongs to its last failure only.
  if (connection.handle != nullptr && (sqlite3_extended_errcode(connection.handle) & 0xFF) == (result & 0xFF))
    reason = sqlite3_errmsg(connection.handle);
  return Error{meaning.code, std::string(attempted) + " database " + connection.file.string() + ": " + reason + " (SQLite code " +
                                 std::to_string(result) + "); " + std::string(meaning.advice)};
}

// SQLite gives its -wal and -shm files the mode of the database, so only that one must be right. The file is never opened here:
// closing a descriptor of it would drop the locks that other connections of this process hold (sqlite.org/howtocorrupt.html 2.2).
Result<void> prepare_file(const std::filesystem::path& file, Access access) {
  if (access == Access::create && mknod(file.c_str(), S_IFREG | 0600, 0) != 0 && errno != EEXIST)
    return fail(system_error("making database " + file.string()));
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return fail(system_error("opening database " + file.string()));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid, "opening database " + file.string() + ": not a regular file");
  if (access != Access::read_only && (status.st_mode & 0077) != 0 && chmod(file.c_str(), 0600) != 0)
    return fail(system_error("closing database " + file.string() + " to other users (chmod 600)"));
  return {};
}

Result<void> bind_value(const StatementHandle& statement, int index, const Value& value) {
  struct Binder {
    sqlite3_stmt* handle;
    int index;
    int operator()(std::monostate) const { return sqlite3_bind_null(handle, index); }
    int operator()(std::int64_t number) const { return sqlite3_bind_int64(handle, index, number); }
    int operator()(std::string_view text) const {
      const char* bytes = text.data() == nullptr ? "" : text.data();
      return sqlite3_bind_text64(handle, index, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    int operator()(Blob blob) const {
      if (blob.bytes.empty()) return sqlite3_bind_zeroblob(handle, index, 0);
      return sqlite3_bind_blob64(handle, index, blob.bytes.data(), blob.bytes.size(), SQLITE_STATIC);
    }
  };
  const int result = std::visit(Binder{statement.handle, index}, value.content());
  if (result != SQLITE_OK) return fail(describe(*statement.connection, "binding a value for", result));
  return {};
}

// Ends a use of a statement: the read lock and the borrowed values go with it.
class Reset {
 public:
  explicit Reset(sqlite3_stmt* handle) : handle_(handle) {}
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;
  ~Reset() {
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
  }

 private:
  sqlite3_stmt* handle_;
};

// Changing to WAL needs the file alone and does not wait by itself; two processes starting together meet here.
Result<void> enter_wal(Database& database, const Connection& connection, std::uint32_t busy_timeout_ms) {
  constexpr std::chrono::milliseconds pause{20};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(busy_timeout_ms);
  while (true) {
    std::string mode;
    auto statement = database.prepare("PRAGMA journal_mode = WAL");
    auto asked = statement ? statement->for_each({}, [&](const Row& row) -> Result<void> {
      mode = row.text(0);
      return {};
    }) : Result<void>(fail(std::move(statement).error()));
    if (asked && mode == "wal") return {};
    if (asked)
      return fail(ErrorCode::unavailable, "opening database " + connection.file.string() +
                                              ": this file system cannot share a write-ahead log; use a local disk");
    if (asked.error().code != ErrorCode::unavailable || std::chrono::steady_clock::now() >= deadline) return asked;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

bool Row::is_null(int column) const { return sqlite3_column_type(statement_.handle, column) == SQLITE_NULL; }
std::int64_t Row::integer(int column) const { return sqlite3_column_int64(statement_.handle, column); }

std::optional<std::int64_t> Row::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::string Row::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_.handle, column);
  if (bytes == nullptr) return {};
  return std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_.handle, column)));
}

std::optional<std::string> Row::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

std::string Row::blob(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.handle, column);
  if (bytes == nullptr) return {};
  return std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_.handle, column)));
}

Statement::Statement(std::unique_ptr<StatementHandle> handle) : handle_(std::move(handle)) {}
Statement::Statement(Statement&&) noexcept = default;
Statement& Statement::operator=(Statement&&) noexcept = default;
Statement::~Statement() = default;

Result<void> Statement::run(Values values) {
  return for_each(values, [](const Row&) -> Result<void> { return {}; });
}

Result<void> Statement::for_each(Values values, const std::function<Result<void>(const Row&)>& use) {
  CHECK(static_cast<int>(values.size()) == sqlite3_bind_parameter_count(handle_->handle));
  const Reset reset(handle_->handle);
  int index = 0;
  for (const Value& value : values) TRY(bind_value(*handle_, ++index, value));
  while (true) {
    const int result = sqlite3_step(handle_->handle);
    if (result == SQLITE_DONE) return {};
    if (result != SQLITE_ROW) return fail(describe(*handle_->connection, "using", sqlite3_extended_errcode(handle_->connection->handle)));
    TRY(use(Row(*handle_)));
  }
}

Transaction::Transaction(Transaction&&) noexcept = default;

Transaction::~Transaction() {
  // Some failures (full disk) have rolled back already; then there is nothing to do and nothing to tell.
  if (connection_ != nullptr && sqlite3_get_autocommit(connection_->handle) == 0)
    sqlite3_exec(connection_->handle, "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Transaction::commit() {
  CHECK(connection_ != nullptr);
  const int result = sqlite3_exec(connection_->handle, "COMMIT", nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return fail(describe(*connection_, "committing to", sqlite3_extended_errcode(connection_->handle)));
  connection_.reset();
  return {};
}

Result<Database> Database::open(const std::filesystem::path& file, Options options) {
  TRY(prepare_file(file, options.access));
  auto connection = std::make_shared<Connection>();
  connection->file = file;
  const int flags = options.access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const int result = sqlite3_open_v2(file.c_str(), &connection->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (result != SQLITE_OK) return fail(describe(*connection, "opening", result));
  sqlite3_busy_timeout(connection->handle, static_cast<int>(options.busy_timeout_ms));
  sqlite3_db_config(connection->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  Database database(connection);
  if (options.access != Access::read_only) TRY(enter_wal(database, *connection, options.busy_timeout_ms));
  TRY(database.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"));
  // The pragmas above do not read the file; this does, so that a damaged or foreign one is refused here.
  TRY(database.query_integer("PRAGMA schema_version"));
  return database;
}

Result<void> Database::execute(const std::string& sql) {
  const int result = sqlite3_exec(connection_->handle, sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return fail(describe(*connection_, "using", sqlite3_extended_errcode(connection_->handle)));
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  auto handle = std::make_unique<StatementHandle>(connection_);
  const int result = sqlite3_prepare_v3(connection_->handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &handle->handle, nullptr);
  if (result != SQLITE_OK) return fail(describe(*connection_, "using", result));
  CHECK(handle->handle != nullptr);
  return Statement(std::move(handle));
}

Result<Transaction> Database::begin(TransactionKind kind) {
  TRY(execute(kind == TransactionKind::write ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(connection_);
}

Result<void> Database::run(std::string_view sql, Values values) {
  TRY_ASSIGN(auto statement, prepare(sql));
  return statement.run(values);
}

Result<std::int64_t> Database::query_integer(std::string_view sql, Values values) {
  TRY_ASSIGN(auto statement, prepare(sql));
  std::optional<std::int64_t> number;
  TRY(statement.for_each(values, [&](const Row& row) -> Result<void> {
    number = row.integer(0);
    return {};
  }));
  if (!number) return fail(ErrorCode::not_found, "asking database " + file().string() + " for a number: no row");
  return *number;
}

std::int64_t Database::changed_rows() const { return sqlite3_changes64(connection_->handle); }
std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(connection_->handle); }
const std::filesystem::path& Database::file() const { return connection_->file; }

Result<void> Database::check_integrity() {
  TRY_ASSIGN(auto statement, prepare("PRAGMA quick_check(1)"));
  return statement.for_each({}, [&](const Row& row) -> Result<void> {
    if (row.text(0) == "ok") return {};
    return fail(ErrorCode::corrupt, "checking database " + file().string() + ": " + row.text(0) + "; restore the file from a backup");
  });
}

Result<void> Database::check_in_place() {
  int has_moved = 0;
  const int result = sqlite3_file_control(connection_->handle, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
  if (result != SQLITE_OK) return fail(describe(*connection_, "looking for", result));
  if (has_moved == 0) return {};
  return fail(ErrorCode::not_found, "using database " + file().string() +
                                        ": it was removed or replaced (a restored backup?) while it was open; restart this program");
}

Result<void> Database::back_up_to(const std::filesystem::path& target) {
  TRY(write_new_file(target, "", FileMode::owner_only));
  auto written = run("VACUUM INTO ?1", {target.string()});
  const int descriptor = written ? ::open(target.c_str(), O_RDONLY | O_CLOEXEC) : -1;
  if (written && (descriptor < 0 || fsync(descriptor) != 0)) written = fail(system_error("syncing backup " + target.string()));
  if (descriptor >= 0) close(descriptor);
  if (written) written = sync_folder(target.parent_path());
  if (written) return {};
  unlink(target.c_str());
  return fail(std::move(written).error().in("backing up to " + target.string()));
}

}  // namespace packyard::sqlite
