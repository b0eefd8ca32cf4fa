// The dedupe index on disk: the sealed runs of the last days, under `<data>/dedupe`. See engine/dedupe.h for how it and
// the cell's memory make one index without a gap.
//
// A projection: runs that are missing or damaged are made again from journal and history, at open() or when a look-up
// meets the damage; meanwhile what needs that run is refused with `dedupe_damaged` (503), never taken for new. `runs`
// lists the runs there must be: per line offset after, offset last, day.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/engine/dedupe.h"
#include "core/journal/history.h"

namespace lt::runtime {

class DedupeStore {
 public:
  // `env`, `log`, `clock` outlive it. Reads the list and the look-up parts of all runs younger than `window`.
  static Result<std::unique_ptr<DedupeStore>> open(Env& env, const std::string& directory, const journal::WholeLog& log,
                                                   const Clock& clock, std::chrono::milliseconds window);
  ~DedupeStore();  // drops what was not begun; it is sealed again after the next start

  // Offset up to which all keys within the window are here.
  uint64_t reaches() const;

  // Before start: the cell was loaded from a state that relies on the disk up to `offset`. What is missing of it is
  // made again from the journal, in runs of at most `keys`.
  Result<void> reach(uint64_t offset, size_t keys);

  struct Looked {
    std::optional<engine::DedupeSeen> seen;
    uint64_t to = 0;  // how far this look reached
  };
  // The youngest sealed entry of that key within the window. Thread-safe; reads a block of a file at most now and then.
  Result<Looked> look(std::string_view key, const Sha256& body) const;

  // Writes the run and shows it to look(), then calls `done` with its last offset, on a thread of its own. A disk that
  // refuses is tried again each second. Runs must come in order.
  void seal(std::shared_ptr<const engine::DedupeRun> run, std::function<void(uint64_t)> done);
  // The same, here and now.
  Result<void> seal_now(const engine::DedupeRun& run);

 private:
  struct Impl;
  explicit DedupeStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lt::runtime
