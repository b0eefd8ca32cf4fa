// The little of SQLite the catalog uses: a connection, its prepared statements. One thread at a time.
//
// Errors: catalog_damaged when the file is no sound database, disk_full, else catalog_failed; the file's path is the
// place.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace lt::catalog {

inline Place in_file(std::string path) {
  Place place;
  place.file = std::move(path);
  return place;
}

// Parameters count from 1, columns from 0. Bound texts must live until the next reset; column texts until the next
// step.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int parameter, int64_t value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_blob(int parameter, std::string_view bytes);
  Statement& bind_null(int parameter);

  Result<bool> step();  // true: there is a row
  Result<void> run();   // steps to the end, then resets
  void reset();

  int64_t integer(int column) const;
  std::string_view text(int column) const;  // also of a blob
  bool is_null(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class Database {
 public:
  enum class Use : uint8_t { write, read };
  // write: makes the file when missing, WAL, synchronous NORMAL. read: error catalog_failed when missing.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Use use);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<void> execute(const char* sql);  // may hold several statements
  // Prepared once and kept as long as the connection; handed out reset.
  Result<Statement*> prepare(std::string_view sql);
  // Forgets the kept statements when there are many. Between queries only: it ends the life of every Statement.
  void trim();
  const std::string& path() const { return path_; }

 private:
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  sqlite3* handle_;
  std::string path_;
  std::unordered_map<std::string, std::unique_ptr<Statement>> kept_;
};

}  // namespace lt::catalog
