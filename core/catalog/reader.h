// The reading side: its own connections, one query at a time. Knows only the days the projector has published.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/catalog/day.h"
#include "core/catalog/query.h"
#include "core/catalog/sqlite.h"

namespace lt::catalog {

// The day files open for reading. Pointers it gives out live until the next open.
class ReadFiles {
 public:
  ReadFiles(std::string directory, uint32_t partition, const Clock& clock)
      : directory_(std::move(directory)), partition_(partition), clock_(clock) {}
  const std::vector<Day>& days() const { return days_; }  // newest first
  uint32_t partition() const { return partition_; }
  const Clock& clock() const { return clock_; }
  // Null when the file is not there (it is being made again).
  Result<Database*> open(Day day);

 private:
  friend class Reader;
  std::string directory_;
  uint32_t partition_;
  const Clock& clock_;
  std::vector<Day> days_;
  std::map<Day, std::pair<std::unique_ptr<Database>, uint64_t>> kept_;  // with the time of last use
  uint64_t uses_ = 0;
};

// One consistent view of a file for several statements.
class Snapshot {
 public:
  static Result<Snapshot> begin(Database& database);
  ~Snapshot();
  Snapshot(Snapshot&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Snapshot& operator=(Snapshot&&) = delete;

 private:
  explicit Snapshot(Database& database) : database_(&database) {}
  Database* database_;
};

// Queries over open files: search.cc, details.cc, timeline.cc, causes.cc.
Result<MessagePage> list_messages(ReadFiles& files, const MessageFilter& filter, const PageRequest& page);
Result<MessageDetails> message_details(ReadFiles& files, const Id& id);
Result<Timeline> timeline_of(ReadFiles& files, std::string_view key);
Result<std::vector<StateCount>> state_counts(ReadFiles& files, const Span& span);
Result<std::vector<CauseGroup>> cause_groups(ReadFiles& files, const Span& span, std::string_view destination,
                                             size_t limit);

// Thread-safe shell around them. A damaged file found on the way is remembered for the projector.
class Reader {
 public:
  Reader(std::string directory, uint32_t partition, const Clock& clock)
      : files_(std::move(directory), partition, clock) {}

  void publish(std::vector<Day> days);  // oldest first
  // Closes every file, and keeps queries out as long as the lock lives.
  std::unique_lock<std::mutex> close();
  std::vector<std::string> take_damaged();  // file names, without the directory

  template <class F>
  auto query(F ask) -> decltype(ask(std::declval<ReadFiles&>())) {
    const std::lock_guard lock(mutex_);
    auto answer = ask(files_);
    if (!answer) note_failure(answer.error());
    return answer;
  }

 private:
  void note_failure(const Error& error);
  std::mutex mutex_;
  ReadFiles files_;
  std::vector<std::string> damaged_;
};

}  // namespace lt::catalog
