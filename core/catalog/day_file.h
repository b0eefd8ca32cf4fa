// The writing side of one day's file: the messages accepted that day and everything that became of them since.
//
// All changes between begin and commit are one transaction, which also stores how far it goes: a fact handed in again
// after a crash is told by `applied()`. Facts live until their commit: a delivery is written once, as the last of them
// left it - mostly its outcome comes in the same transaction as its message.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/catalog/day.h"
#include "core/catalog/sqlite.h"
#include "core/message/fact.h"

namespace lt::catalog {

inline constexpr int kSchemaVersion = 2;

// What an event row tells; on disk.
enum class EventKind : uint8_t {
  attempt = 1,
  outcome = 2,
  replay = 3,
  discard = 4,
  confirm = 5,
  asked = 6,
  answered = 7
};

class DayFile {
 public:
  // Makes the tables in a new file. Error catalog_damaged also for a file of another version.
  static Result<std::unique_ptr<DayFile>> open(const std::string& path);

  uint64_t applied() const { return applied_; }  // journal offset; 0 = nothing
  Result<bool> holds(uint64_t message);
  Result<std::pair<uint64_t, uint64_t>> range();  // offsets of its first and last message; zeros when it has none

  Result<void> begin();  // no effect within a transaction
  Result<void> commit(uint64_t applied);
  bool changing() const { return changing_; }

  Result<void> accept(uint64_t offset, const AcceptedFact& fact);
  Result<void> asked(uint64_t offset, const AskedFact& fact);
  // Facts about deliveries of messages this file holds; of an unknown delivery they are dropped.
  Result<void> attempt(uint64_t offset, const AttemptFact& fact);
  Result<void> outcome(uint64_t offset, const OutcomeFact& fact, EventKind kind = EventKind::outcome);
  Result<void> answered(uint64_t offset, const AnsweredFact& fact) {
    return outcome(offset, fact.outcome, EventKind::answered);
  }
  Result<void> action(uint64_t offset, const ActionFact& fact);

 private:
  // A delivery of a message of this transaction, not written yet.
  struct FreshDelivery {
    const DeliverySpec* spec;
    std::string_view order_key;  // of its part
    DeliveryState state;
    uint32_t attempts = 0;
    int64_t changed, next_at = 0;
    Code code;
    std::string_view detail, reference = {}, mapping_version = {};
    const std::vector<ReceiverOutcome>* outcomes = nullptr;
    const Sha256* sent = nullptr;
    uint64_t sent_bytes = 0;
  };
  explicit DayFile(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Result<void> prepare();
  Result<void> add_message(uint64_t offset, const Message& message);
  void add_delivery(uint64_t offset, uint16_t ordinal, const DeliverySpec& spec, int64_t at, const AcceptedFact& fact);
  Result<void> add_answers(uint64_t offset, const Envelope& envelope);
  Result<void> write_fresh();
  FreshDelivery* fresh(const DeliveryId& delivery);
  void count_over(std::string_view destination, DeliveryState from, DeliveryState to);
  // Counts a written delivery over to its new state. False: there is no such delivery.
  Result<bool> move(const DeliveryId& delivery, DeliveryState to);
  Result<bool> update_outcome(const OutcomeFact& fact);
  Result<void> set_state(const DeliveryId& delivery, DeliveryState state, int64_t at);

  std::unique_ptr<Database> database_;
  Statement *begin_ = nullptr, *commit_ = nullptr, *set_applied_ = nullptr, *tally_ = nullptr, *holds_ = nullptr,
            *message_ = nullptr, *key_ = nullptr, *answer_ = nullptr, *delivery_ = nullptr, *state_of_ = nullptr,
            *set_state_ = nullptr, *set_attempt_ = nullptr, *set_outcome_ = nullptr, *event_ = nullptr;
  uint64_t applied_ = 0;
  bool changing_ = false;
  std::map<std::pair<uint64_t, uint16_t>, FreshDelivery> fresh_;      // by message and ordinal
  std::deque<std::string> made_up_;                                   // details that stand in no fact
  std::map<std::pair<std::string, DeliveryState>, int64_t> counted_;  // changes of the tally in this transaction
  std::string scratch_, folded_;
};

}  // namespace lt::catalog
