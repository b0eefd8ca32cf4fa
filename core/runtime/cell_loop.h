// The engine thread: feeds a cell with events and carries out what it asks for.
//
// The only thread that touches the cell. Others hand in events through a batched inbox; the journal hands back
// positions in order; the cell's answers leave through callbacks that run on this thread and must only pass work on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/metrics.h"
#include "core/catalog/catalog.h"
#include "core/engine/cell.h"
#include "core/journal/checkpoint.h"
#include "core/journal/journal.h"
#include "core/message/carried.h"
#include "core/runtime/dedupe_store.h"

namespace lt::runtime {

struct CellLoopHooks {
  // Carry this delivery to its sink; report with CellLoop::attempted.
  std::function<void(engine::Deliver)> deliver;
  // The dedupe index on disk; null: the cell keeps all keys in memory. Outlives the loop's thread.
  DedupeStore* dedupe = nullptr;
  // Durable facts, in position order without gaps, a batch at a time.
  std::function<void(std::vector<catalog::Entry>)> committed;
  // The folded state, each time the journal has grown by `checkpoint_every` bytes, or, when the last one was
  // larger than an eighth of that, by 32 times what it was larger; 0 = never.
  std::function<void(journal::Checkpoint)> checkpoint;
  uint64_t checkpoint_every = 0;
};

class CellLoop {
 public:
  // `journal`, `clock`, `metrics` outlive the loop.
  CellLoop(engine::CellPolicy policy, journal::Journal& journal, const Clock& clock, Metrics& metrics, uint64_t seed,
           CellLoopHooks hooks);
  ~CellLoop();  // stops

  // Begins with the state of a checkpoint instead of none. Error record_malformed: nothing was changed.
  Result<void> load(const journal::Checkpoint& checkpoint);
  // Folds the journal from there on, or whole. Before start(). `erased` gets the erasures met on the way. Returns the
  // number of records folded.
  Result<size_t> recover(const std::function<void(const ErasureRecord&)>& erased = {});
  void start();
  // Lets appends in flight become durable, then joins. Later events are refused. Idempotent.
  void stop();
  // The folded state. Before start() or after stop().
  journal::Checkpoint checkpoint() const;

  // All of these are thread-safe. A callback runs once, on the engine thread; after stop() with an `unavailable` error.
  // `refuse`: see engine::Admit. `looked`: what the dedupe index on disk said just now.
  void admit(AcceptedFact fact, std::optional<Error> refuse, std::function<void(engine::AdmitAnswer)> answer,
             DedupeStore::Looked looked = {});
  void operate(ActionFact fact, std::function<void(std::optional<Error>)> answer);
  void attempted(engine::Attempted attempted);
  void ask(AskedFact fact, std::function<void(engine::AdmitAnswer)> answer);
  void ask_ended(AnsweredFact fact);
  // Appends the record of `message` again, further on; the cell reads it there once it is durable.
  void carry(Position message, uint16_t deliveries, journal::Record record, std::function<void(Result<Position>)> done);
  // From here on the cell goes by `policy`.
  void reconfigure(engine::CellPolicy policy);
  // Dropped without a call after stop().
  void inspect(std::function<void(const engine::Cell&)> look);
  // An injected clock was moved.
  void clock_moved();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lt::runtime
