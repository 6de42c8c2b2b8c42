// SQLite as values: a connection, statements, transactions. One connection a process, one thread at
// a time: its lock is taken by Transaction.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thorax::store {

/// A prepared statement. Parameters are bound in order, from the first `?` on.
///
///     Statement(database, "SELECT name FROM studies WHERE id = ?").bind(id)
class Statement {
 public:
  Statement(sqlite3* connection, const std::string& path, std::string_view sql);

  Statement& bind(std::string_view text);
  Statement& bind(std::span<const float> row);  ///< as a blob, little endian
  Statement& bind(std::int64_t value);
  Statement& bind(double value);
  Statement& bind_null();
  template <class T>
  Statement& bind(const std::optional<T>& value) {
    return value ? bind(*value) : bind_null();
  }

  /// True when there is a row. Throws Error: disk_full, database_failed.
  bool step();
  /// Runs a statement without rows; returns how many it changed.
  int run();

  bool is_null(int column) const;
  std::string text(int column) const;
  std::vector<float> row(int column) const;  ///< of a blob that was bound as one
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::optional<std::string> optional_text(int column) const;
  std::optional<double> optional_real(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  void check(int status) const;

  sqlite3* connection_;
  std::string path_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
};

class Database {
 public:
  /// Opens or makes it: write-ahead log, every commit on the disk before it returns, foreign keys.
  /// Throws Error("database_failed"_code).
  explicit Database(const std::filesystem::path& path);

  Statement prepare(std::string_view sql) { return {connection_.get(), path_, sql}; }
  /// One or several statements without parameters or rows.
  void execute(const std::string& sql);
  const std::string& path() const { return path_; }

 private:
  friend class Transaction;
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close(connection); }
  };

  std::string path_;
  std::unique_ptr<sqlite3, Close> connection_;
  std::mutex mutex_;
};

/// Everything that happens between construction and commit() happens whole or not at all. Taken for
/// reading too: what is read belongs together. Not to be nested.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  void commit();

 private:
  Database& database_;
  const std::lock_guard<std::mutex> lock_;
  bool open_ = true;
};

}  // namespace thorax::store
