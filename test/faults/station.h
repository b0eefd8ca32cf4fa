// The smallest machine that is whole: keys, journal, checkpoints, history, blobs, cell, catalog, and partners that
// recognise repeats. No thread but the catalog's, no socket, no real time; what a bus does with coroutines is done here
// step by step.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "core/base/ids.h"
#include "core/base/metrics.h"
#include "core/blob/blob_store.h"
#include "core/catalog/catalog.h"
#include "core/engine/cell.h"
#include "core/journal/history.h"
#include "core/journal/keys.h"
#include "core/journal/stepped_journal.h"
#include "test/faults/fault_env.h"

namespace lt::test {

// What lies outside the machine: it stays when the machine restarts.
struct Outside {
  ManualClock clock;
  SeededIds ids{clock, 7};
  uint32_t salts = 0;
  // Per partner: what took effect, by message id.
  std::map<std::string, std::map<Id, std::string>> effects;
};

class Station {
 public:
  Station(FaultEnv& env, Outside& outside, std::string catalog_folder);
  ~Station();
  // Keys, journal, blobs, catalog, recovery, start.
  Result<void> open();
  // The accept path. The position is what 202 stands for.
  Result<Position> accept(const std::string& dedupe_key, std::string body);
  std::optional<Error> operate(ActionKind kind, const std::string& destination);
  // Delivers until nothing moves by itself.
  void work();
  // A round of retention, by the product's plans: unfinished messages carried forward, a checkpoint, history, trim.
  Result<void> retain();
  void close();  // orderly
  // The journal gave up: the process must end and start again.
  bool failed() const { return journal_->figures().failed; }

  const journal::Journal& journal() const { return *journal_; }
  const journal::History* history() const { return history_.get(); }
  catalog::Catalog& catalog() { return *catalog_; }
  const engine::Cell& cell() const { return *cell_; }
  // Until the catalog holds all there is. Only while no fault may have met it.
  void wait_for_catalog();

 private:
  struct Carried {  // a record copied forward; not durable when `position` is zero
    Position position, message;
    uint16_t deliveries = 0;
  };
  engine::Now now() const { return {outside_.clock.wall(), outside_.clock.mono()}; }
  Result<void> recover();
  Result<void> carry(uint64_t to);
  Result<Body> keep(const std::string& bytes);
  Result<std::string> bytes_of(const Body& body) const;
  void step(engine::Event event);
  void act(engine::Actions& actions);
  void append(engine::Append wanted);
  void deliver(const engine::Deliver& wanted);
  bool turn();  // does what is due; false when nothing was

  FaultEnv& env_;
  Outside& outside_;
  const std::string catalog_folder_;
  Metrics metrics_;
  std::unique_ptr<journal::KeyStore> keys_;
  std::unique_ptr<journal::SteppedJournal> journal_;
  std::unique_ptr<blob::BlobStore> blobs_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<engine::Cell> cell_;
  std::unique_ptr<journal::History> history_;
  std::deque<std::variant<engine::Event, Carried>> inbox_;
  size_t not_carried_ = 0;  // records of a round that the journal refused
  std::deque<engine::Deliver> to_send_;
  std::map<engine::Ticket, engine::AdmitAnswer> admitted_;
  std::map<engine::Ticket, std::optional<Error>> operated_;
  engine::Ticket tickets_ = 0;
  std::optional<Mono> wake_at_;
  Position last_;  // of the facts known to be durable
};

}  // namespace lt::test
