// The stores of a bus with its engine and upkeep, on a disk in memory: no shards, no partners. Deliveries that leave
// the engine are kept here and answered by the test.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/blob/blob_store.h"
#include "core/journal/file_journal.h"
#include "core/journal/history.h"
#include "core/runtime/upkeep.h"
#include "test/support/sim_env.h"

namespace lt::runtime::test {

class House {
 public:
  House();
  ~House();

  Result<void> open();  // recovers as the bus does
  void close();         // in order: leaves a checkpoint
  void crash(uint64_t seed);

  // Accepts a message for `destination` and waits until it is durable.
  Position accept(const std::string& id, const std::string& destination, size_t body_bytes = 3'000,
                  uint8_t key_class = 1);
  // The same with a body of the blob store.
  Position accept_stored(const std::string& id, const std::string& destination, const std::string& body);
  // Many for a destination that takes everything.
  void fill(int count);
  Outcome answer;  // of destination "out", given at once; "stuck" never answers

  // State, history and journal as text, for comparisons.
  std::string state();
  std::vector<std::string> log();
  std::vector<Position> unfinished();
  Position stored(Position message);  // where its record stands
  Result<std::shared_ptr<const Message>> message_at(Position stored);

  lt::test::SimEnv env;
  ManualClock clock;
  RetentionRules rules;
  uint64_t segment_bytes = 16 << 10;
  bool upkeep_sleeps = false;  // its thread does nothing: what it is offered waits
  std::unique_ptr<journal::KeyStore> keys;
  std::unique_ptr<journal::Journal> journal;
  std::unique_ptr<journal::History> history;
  std::unique_ptr<blob::BlobStore> blobs;
  std::unique_ptr<CellLoop> cell;
  std::unique_ptr<Upkeep> upkeep;
  bool from_checkpoint = false;  // the last open began with one
  size_t folded = 0;             // records folded by the last open
  uint64_t offered = 0;          // bytes of all checkpoints the engine handed out; read it when the cell has stopped

 private:
  Position accept(AcceptedFact fact);
  AcceptedFact fact_of(const std::string& id, const std::string& destination, Body body, uint8_t key_class);
  Metrics metrics_;
};

}  // namespace lt::runtime::test
