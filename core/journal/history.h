// History: what stays of freed segments for years - headers, outcomes, keys; everything but bodies. One compressed file
// per segment, whole and durable before the segment goes. format.md says the bytes.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/journal/file_journal.h"
#include "core/journal/journal.h"

namespace lt::journal {

// Thread-safe; `keep` and `forget` from one thread at a time.
class History {
 public:
  // Files that cannot be used are told to the log and passed over.
  static Result<std::unique_ptr<History>> open(Env& env, std::string directory, uint32_t partition);

  // Writes what is kept of that segment of `journal`: durable when it returns. Nothing when it is there already.
  Result<void> keep(const Journal& journal, const SegmentSpan& segment);
  // Removes files of segments filled before `before`, oldest first. How many.
  Result<size_t> forget(Wall before);

  // Records from `from` on, in order, until `visit` returns false. Views have no bodies.
  Result<void> read(Position from, const std::function<bool(const RecordView&)>& visit) const;
  Result<void> read_at(Position position, const std::function<void(const RecordView&)>& visit) const;

  Position oldest() const;  // first record kept; {p, 0} when there is none
  Position end() const;     // where the journal goes on after what is kept: base of a segment; {p, 0} when nothing is

 private:
  struct Part;
  History(Env& env, std::string directory, uint32_t partition)
      : env_(env), directory_(std::move(directory)), partition_(partition) {}
  Result<void> load();
  std::vector<std::shared_ptr<const Part>> parts() const;
  Result<bool> read_part(const Part& part, uint64_t from, const std::function<bool(const RecordView&)>& visit) const;

  Env& env_;
  const std::string directory_;
  const uint32_t partition_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const Part>> parts_;  // by base

  friend Result<void> verify_history(Env&, const std::string&, const VerifyReport&,
                                     const std::function<void(const Error&)>&);
};

// Walks every byte of a history directory, and checks that its files follow one another and lead to where the journal
// of `journal` begins: by place and by hash chain. So a segment that was removed instead of freed is found.
Result<void> verify_history(Env& env, const std::string& directory, const VerifyReport& journal,
                            const std::function<void(const Error&)>& problem);

// Journal and history as one log, without bodies. Both outlive it; `history` may be null. Thread-safe.
class WholeLog {
 public:
  WholeLog(const Journal& journal, const History* history) : journal_(journal), history_(history) {}
  // Meets each record once, also while segments move from one to the other.
  Result<void> read(Position from, const std::function<bool(const RecordView&)>& visit) const;
  Result<void> read_at(Position position, const std::function<void(const RecordView&)>& visit) const;
  Position oldest() const;
  Position end() const { return journal_.end(); }

 private:
  const Journal& journal_;
  const History* history_;
};

}  // namespace lt::journal
