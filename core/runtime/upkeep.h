// Upkeep of the stores behind a running bus, on a thread of its own: writes checkpoints, and from time to time makes a
// round of retention: unfinished messages carried forward, history, segments freed, keys that ran out destroyed, blobs
// swept.
//
// Order of a trim, each step durable before the next: carried records, a checkpoint after them, history of a segment,
// the segment's file. A crash between any two leaves a state that opens; the next round does again what is left.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/env.h"
#include "core/base/metrics.h"
#include "core/blob/blob_store.h"
#include "core/journal/history.h"
#include "core/runtime/cell_loop.h"
#include "core/runtime/retention_plan.h"

namespace lt::runtime {

struct UpkeepParts {
  Env* env = nullptr;
  const Clock* clock = nullptr;
  Metrics* metrics = nullptr;
  std::string directory;  // of the journal
  journal::Journal* journal = nullptr;
  journal::History* history = nullptr;
  journal::KeyStore* keys = nullptr;
  blob::BlobStore* blobs = nullptr;
  CellLoop* cell = nullptr;  // started
};

class Upkeep {
 public:
  Upkeep(UpkeepParts parts, RetentionRules rules);
  ~Upkeep();  // stops

  void start();
  void stop();  // leaves a round between two steps; what was offered is written
  // Thread-safe; the newest offered wins.
  void offer(journal::Checkpoint checkpoint);
  // A round at once, on the caller's thread; not on the engine's. Thread-safe.
  Result<Retained> retain();
  void clock_moved();

 private:
  void run();
  Result<void> go_on();                                       // error unavailable once it is to stop
  Result<void> write(const journal::Checkpoint& checkpoint);  // under `writing_`
  void write_offered();
  Result<void> trim(Retained& done);
  Result<uint64_t> carry(uint64_t to);
  Result<void> carry_some(const std::vector<engine::Unfinished>& batch);
  Result<void> expire(Retained& done);
  Result<void> sweep(Retained& done);
  Result<void> mark(const journal::SegmentSpan& segment, std::vector<uint64_t>& marks) const;
  // Runs `look` on the engine thread and waits. Error unavailable when it has stopped.
  Result<void> ask(const std::function<void(const engine::Cell&)>& look) const;

  const UpkeepParts parts_;
  const RetentionRules rules_;
  std::mutex round_;                                 // one round at a time
  std::mutex writing_;                               // one checkpoint at a time
  std::map<uint64_t, std::vector<uint64_t>> marks_;  // of a round: blobs named in each full segment
  Wall swept_{};                                     // of a round

  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<journal::Checkpoint> offered_;
  bool stopping_ = false, moved_ = false;
  Mono next_{};
  std::thread thread_;
  Counter &carried_, &segments_, &keys_, &blobs_;
  Histogram& checkpoint_time_;
};

}  // namespace lt::runtime
