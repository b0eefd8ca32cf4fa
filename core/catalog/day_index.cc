#include "core/catalog/day_index.h"

#include <algorithm>

#include "core/catalog/day_file.h"

namespace lt::catalog {
namespace {
constexpr const char* kTables = R"(
CREATE TABLE applied(one INTEGER PRIMARY KEY, offset INTEGER NOT NULL);
INSERT INTO applied VALUES(1, 0);
CREATE TABLE day(day INTEGER PRIMARY KEY, first INTEGER, last INTEGER, applied INTEGER);
)";
}

Result<std::unique_ptr<DayIndex>> DayIndex::open(const std::string& path) {
  LT_ASSIGN(auto database, Database::open(path, Database::Use::write));
  LT_ASSIGN(Statement * version, database->prepare("PRAGMA user_version"));
  LT_ASSIGN(const bool row, version->step());
  const int64_t found = row ? version->integer(0) : 0;
  version->reset();
  if (found == 0) {
    const std::string make =
        "BEGIN IMMEDIATE;" + std::string(kTables) + "PRAGMA user_version=" + std::to_string(kSchemaVersion) + ";COMMIT";
    LT_TRY(database->execute(make.c_str()));
  } else if (found != kSchemaVersion) {
    return fail(Code::catalog_damaged, "tables of version " + std::to_string(found), in_file(path));
  }
  std::unique_ptr<DayIndex> index(new DayIndex(std::move(database)));
  LT_TRY(index->load());
  return index;
}

Result<void> DayIndex::load() {
  LT_ASSIGN(Statement * applied, database_->prepare("SELECT offset FROM applied WHERE one=1"));
  LT_ASSIGN(const bool found, applied->step());
  if (!found) return fail(Code::catalog_damaged, "no row in applied", in_file(database_->path()));
  applied_ = static_cast<uint64_t>(applied->integer(0));
  applied->reset();
  LT_ASSIGN(Statement * days, database_->prepare("SELECT day, first, last, applied FROM day ORDER BY day"));
  for (;;) {
    LT_ASSIGN(const bool row, days->step());
    if (!row) break;
    DayRange range;
    range.day = static_cast<Day>(days->integer(0));
    range.first = static_cast<uint64_t>(days->integer(1));
    range.last = static_cast<uint64_t>(days->integer(2));
    range.applied = static_cast<uint64_t>(days->integer(3));
    days_.push_back(range);
  }
  days->reset();
  spread(0);
  return {};
}

std::vector<DayRange>::iterator DayIndex::place(Day day) {
  return std::lower_bound(days_.begin(), days_.end(), day, [](const DayRange& range, Day d) { return range.day < d; });
}

void DayIndex::spread(size_t from) {
  uint64_t reach = from == 0 ? 0 : days_[from - 1].reach;
  for (size_t i = from; i < days_.size(); ++i) reach = days_[i].reach = std::max(reach, days_[i].last);
}

void DayIndex::note(Day day, uint64_t offset) {
  auto at = place(day);
  if (at == days_.end() || at->day != day) {
    DayRange range;
    range.day = day;
    range.first = range.last = offset;
    at = days_.insert(at, range);
  } else if (offset >= at->first && offset <= at->last) {
    return;
  }
  at->first = std::min(at->first, offset);
  at->last = std::max(at->last, offset);
  at->changed = true;
  spread(static_cast<size_t>(at - days_.begin()));
}

void DayIndex::set_day_applied(Day day, uint64_t applied) {
  const auto at = place(day);
  if (at == days_.end() || at->day != day || at->applied == applied) return;
  at->applied = applied;
  at->changed = true;
}

void DayIndex::adopt(DayRange range) {
  range.changed = true;
  days_.insert(place(range.day), range);
  spread(0);
}

void DayIndex::forget(Day day) {
  const auto at = place(day);
  if (at == days_.end() || at->day != day) return;
  days_.erase(at);
  forgotten_.push_back(day);
  spread(0);
}

void DayIndex::candidates(uint64_t message, std::vector<Day>& out) const {
  out.clear();
  for (auto at = days_.rbegin(); at != days_.rend() && at->reach >= message; ++at) {
    if (at->first <= message && message <= at->last) out.push_back(at->day);
  }
}

Result<void> DayIndex::commit(uint64_t applied) {
  LT_TRY(database_->execute("BEGIN IMMEDIATE"));
  LT_ASSIGN(Statement * remove, database_->prepare("DELETE FROM day WHERE day=?"));
  for (const Day day : forgotten_) LT_TRY(remove->bind(1, int64_t{day}).run());
  LT_ASSIGN(Statement * put, database_->prepare("INSERT OR REPLACE INTO day VALUES(?,?,?,?)"));
  for (const auto& range : days_) {
    if (!range.changed) continue;
    put->bind(1, int64_t{range.day})
        .bind(2, static_cast<int64_t>(range.first))
        .bind(3, static_cast<int64_t>(range.last));
    LT_TRY(put->bind(4, static_cast<int64_t>(range.applied)).run());
  }
  LT_ASSIGN(Statement * set, database_->prepare("UPDATE applied SET offset=? WHERE one=1"));
  LT_TRY(set->bind(1, static_cast<int64_t>(applied)).run());
  LT_TRY(database_->execute("COMMIT"));
  for (auto& range : days_) range.changed = false;
  forgotten_.clear();
  applied_ = applied;
  return {};
}

}  // namespace lt::catalog
