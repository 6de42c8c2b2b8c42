#include "store/database.h"

#include <cstring>

#include "base/error.h"
#include "base/log.h"

namespace thorax::store {
namespace {

// Another process (a backup, a person with sqlite3) may hold the file for a moment.
constexpr int kBusyMilliseconds = 10'000;

[[noreturn]] void fail(sqlite3* connection, const std::string& path, int status) {
  if ((status & 0xff) == SQLITE_FULL) throw Error("disk_full"_code);
  const std::string detail = connection ? sqlite3_errmsg(connection) : sqlite3_errstr(status);
  throw Error("database_failed"_code, {{"path", path}, {"detail", detail}});
}

}  // namespace

Statement::Statement(sqlite3* connection, const std::string& path, std::string_view sql)
    : connection_(connection), path_(path) {
  sqlite3_stmt* made = nullptr;
  const int status =
      sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &made, nullptr);
  statement_.reset(made);
  check(status);
}

void Statement::check(int status) const {
  if (status != SQLITE_OK && status != SQLITE_ROW && status != SQLITE_DONE)
    fail(connection_, path_, status);
}

Statement& Statement::bind(std::string_view text) {
  check(sqlite3_bind_text64(statement_.get(), ++bound_, text.data() ? text.data() : "", text.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

// Every machine that Thorax runs on is little endian.
Statement& Statement::bind(std::span<const float> row) {
  check(sqlite3_bind_blob64(statement_.get(), ++bound_, row.data(), row.size_bytes(),
                            SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), ++bound_, value));
  return *this;
}

Statement& Statement::bind(double value) {
  check(sqlite3_bind_double(statement_.get(), ++bound_, value));
  return *this;
}

Statement& Statement::bind_null() {
  check(sqlite3_bind_null(statement_.get(), ++bound_));
  return *this;
}

bool Statement::step() {
  const int status = sqlite3_step(statement_.get());
  check(status);
  return status == SQLITE_ROW;
}

int Statement::run() {
  while (step()) continue;
  return sqlite3_changes(connection_);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

std::vector<float> Statement::row(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  std::vector<float> values(size / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes, values.size() * sizeof(float));
  return values;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::optional<std::string> Statement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

std::optional<double> Statement::optional_real(int column) const {
  if (is_null(column)) return std::nullopt;
  return real(column);
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

Database::Database(const std::filesystem::path& path) : path_(path.string()) {
  sqlite3* opened = nullptr;
  const int status =
      sqlite3_open_v2(path_.c_str(), &opened,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  connection_.reset(opened);
  if (status != SQLITE_OK) fail(opened, path_, status);
  sqlite3_busy_timeout(opened, kBusyMilliseconds);
  execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
}

void Database::execute(const std::string& sql) {
  const int status = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) fail(connection_.get(), path_, status);
}

Transaction::Transaction(Database& database) : database_(database), lock_(database.mutex_) {
  // IMMEDIATE: a transaction that begins with reading never fails when it comes to writing.
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const Error& error) {
    // SQLite has rolled back by itself, as it does on a full disk.
    log::debug(error.what());
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace thorax::store
