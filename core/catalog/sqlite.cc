#include "core/catalog/sqlite.h"

#include <sqlite3.h>

namespace lt::catalog {
namespace {

constexpr size_t kKeptStatements = 64;  // per connection; lists are prepared per shape of filter

tl::unexpected<Error> failure(sqlite3* handle, int rc) {
  Place place;
  if (const char* file = handle ? sqlite3_db_filename(handle, "main") : nullptr) place.file = file;
  const std::string detail = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(rc);
  switch (rc & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fail(Code::catalog_damaged, detail, place);
    case SQLITE_FULL:
      return fail(Code::disk_full, detail, place);
    default:
      return fail(Code::catalog_failed, detail + " (" + std::to_string(rc) + ")", place);
  }
}

}  // namespace

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, int64_t value) {
  sqlite3_bind_int64(statement_, parameter, value);
  return *this;
}
Statement& Statement::bind(int parameter, std::string_view text) {
  const char* at = text.data() ? text.data() : "";  // a null pointer would bind NULL
  sqlite3_bind_text64(statement_, parameter, at, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}
Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(statement_, parameter, bytes.data() ? bytes.data() : "", bytes.size(), SQLITE_STATIC);
  return *this;
}
Statement& Statement::bind_null(int parameter) {
  sqlite3_bind_null(statement_, parameter);
  return *this;
}

Result<bool> Statement::step() {
  const int rc = sqlite3_step(statement_);
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  auto failed = failure(sqlite3_db_handle(statement_), rc);
  reset();
  return failed;
}

Result<void> Statement::run() {
  for (;;) {
    LT_ASSIGN(const bool row, step());
    if (!row) break;
  }
  reset();
  return {};
}

void Statement::reset() { sqlite3_reset(statement_); }

int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }
std::string_view Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes ? std::string_view(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column)))
               : std::string_view();
}
bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Use use) {
  // Its own count of memory would take a lock at every allocation. Only effective before the first connection.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3* handle = nullptr;
  // A reader also opens for writing: only then can it recover the log of a day whose writer is gone.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (use == Use::write ? SQLITE_OPEN_CREATE : 0);
  const int rc = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  if (rc != SQLITE_OK) {
    auto failed = failure(handle, rc);
    sqlite3_close(handle);
    failed.value().place.file = path;
    return failed;
  }
  std::unique_ptr<Database> database(new Database(handle, path));
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 5'000);
  if (use == Use::read) {
    LT_TRY(database->execute("PRAGMA query_only=1; PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY"));
  } else {
    LT_TRY(
        database->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
                          "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=4000"));
  }
  return database;
}

Database::~Database() {
  kept_.clear();
  sqlite3_close(handle_);
}

Result<void> Database::execute(const char* sql) {
  if (const int rc = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); rc != SQLITE_OK)
    return failure(handle_, rc);
  return {};
}

Result<Statement*> Database::prepare(std::string_view sql) {
  std::string key(sql);
  if (auto found = kept_.find(key); found != kept_.end()) {
    found->second->reset();
    return found->second.get();
  }
  sqlite3_stmt* statement = nullptr;
  const int rc = sqlite3_prepare_v3(handle_, key.data(), static_cast<int>(key.size()), SQLITE_PREPARE_PERSISTENT,
                                    &statement, nullptr);
  if (rc != SQLITE_OK) return failure(handle_, rc);
  auto& kept = kept_[std::move(key)];
  kept = std::make_unique<Statement>(statement);
  return kept.get();
}

void Database::trim() {
  if (kept_.size() > kKeptStatements) kept_.clear();
}

}  // namespace lt::catalog
