// The engine thread: feeds a cell with events and carries out what it asks for.
//
// The only thread that touches the cell. Others hand in events through a batched inbox; the journal hands back
// positions in order; the cell's answers leave through callbacks that run on this thread and must only pass work on.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/metrics.h"
#include "core/catalog/catalog.h"
#include "core/engine/cell.h"
#include "core/journal/journal.h"

namespace lt::runtime {

struct CellLoopHooks {
  // Carry this delivery to its sink; report with CellLoop::attempted.
  std::function<void(engine::Deliver)> deliver;
  // Durable facts, in position order without gaps, a batch at a time.
  std::function<void(std::vector<catalog::Entry>)> committed;
};

class CellLoop {
 public:
  // `journal`, `clock`, `metrics` outlive the loop.
  CellLoop(engine::CellPolicy policy, journal::Journal& journal, const Clock& clock, Metrics& metrics, uint64_t seed,
           CellLoopHooks hooks);
  ~CellLoop();  // stops

  // Folds the whole journal. Before start(). Returns the number of records folded.
  Result<size_t> recover();
  void start();
  // Lets appends in flight become durable, then joins. Later events are refused. Idempotent.
  void stop();

  // All of these are thread-safe. A callback runs once, on the engine thread; after stop() with an `unavailable` error.
  void admit(AcceptedFact fact, std::function<void(engine::AdmitAnswer)> answer);
  void operate(ActionFact fact, bool out_of_order, std::function<void(std::optional<Error>)> answer);
  void attempted(engine::Attempted attempted);
  // Dropped without a call after stop().
  void inspect(std::function<void(const engine::Cell&)> look);
  // An injected clock was moved.
  void clock_moved();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lt::runtime
