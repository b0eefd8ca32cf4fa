// The file `catalog.db`: how far the whole catalog is, and for each day file which messages it holds.
//
// Day files commit first, this file last; after a power cut either may have lost its last transactions. `applied` of a
// day says what its file must at least know; open compares, and goes back as far as the one that knows least.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/catalog/day.h"
#include "core/catalog/sqlite.h"

namespace lt::catalog {

struct DayRange {
  Day day = 0;
  uint64_t first = 0, last = 0;  // journal offsets of its first and last message; ranges overlap around midnight
  uint64_t applied = 0;          // stored in the day's file with its last change
  uint64_t reach = 0;            // highest `last` of this and all earlier days
  bool changed = false;          // not stored yet
};

class DayIndex {
 public:
  static Result<std::unique_ptr<DayIndex>> open(const std::string& path);

  uint64_t applied() const { return applied_; }
  const std::vector<DayRange>& days() const { return days_; }  // oldest first

  // A message of that day stands at `offset`.
  void note(Day day, uint64_t offset);
  void set_day_applied(Day day, uint64_t applied);
  void adopt(DayRange range);  // a file that is not in the index
  void forget(Day day);        // takes it out with the next commit
  // Days that may hold the message, newest first.
  void candidates(uint64_t message, std::vector<Day>& out) const;
  Result<void> commit(uint64_t applied);

 private:
  explicit DayIndex(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Result<void> load();
  std::vector<DayRange>::iterator place(Day day);
  void spread(size_t from);

  std::unique_ptr<Database> database_;
  uint64_t applied_ = 0;
  std::vector<DayRange> days_;
  std::vector<Day> forgotten_;
};

}  // namespace lt::catalog
