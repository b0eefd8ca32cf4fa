// A cell: one journal partition and its fold. Owns all operational state; the only thing that decides.
//
// Single-threaded and pure: the same events at the same times with the same seed give the same actions. Facts are the
// only way state changes for good: step() decides and asks for an Append; when the fact comes back as Committed it is
// folded, and only then do its effects go out (answers, deliveries). What is not in a fact (permits, breaker, timers,
// parked admits) is forgotten at a restart and rebuilt by start().
//
// A delivery is final or pending at all times:  queued -> in_flight -> {delivered | retry | held | unknown | dead}
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/engine/event.h"
#include "core/engine/policy.h"

namespace lt::engine {

struct Now {
  Wall wall;
  Mono mono;
};

struct LaneStatus {
  std::string destination;
  // Those beyond the window (see window.h) count as queued, or behind when their key is in the window.
  size_t queued = 0, in_flight = 0, retry = 0, held = 0, unknown = 0, behind = 0, dead = 0;
  enum class Breaker : uint8_t { closed, open, trying } breaker = Breaker::closed;
  std::string partner;
  bool paused = false, draining = false;  // it, or its partner
  std::string stopped_by, stopped_why;    // who did that last, and why
  Wall opens{};                           // outside its office hours: when it goes on
  Wall oldest{};                          // accept time of the oldest pending delivery
  uint64_t delivered = 0;                 // since start
  std::string last_error;
};

// What an operator stopped.
struct ControlStatus {
  ActionScope scope = ActionScope::destination;
  std::string name;
  bool paused = false, draining = false;
  std::string by, why;
  Wall at{};
};

struct DeliveryStatus {
  DeliveryId id;
  std::string destination;
  DeliveryState state;
  uint32_t attempts = 0;
  Wall next_at{};
  DeliveryId behind;  // for `behind`
  Code code = Code::none;
  std::string detail;
  std::string operation{};  // that the partner asked for instead (redo_as); "" = its own
  // Of the last attempt that may have taken effect, while that is in doubt.
  Wall sent_at{};
  uint64_t sent_bytes = 0;
  std::string mapping_version{};
};

// A delivery whose message must stay readable.
struct Unfinished {
  Position message;
  Position stored;  // where its record stands now
  Wall accepted;
  bool dead = false;
};

class Cell {
 public:
  Cell(CellPolicy policy, uint64_t seed);
  ~Cell();

  // Recovery: fold one durable fact, in position order. No actions. Before start().
  void fold(Position position, const Fact& fact);
  // The record of `message` was copied forward to `position`; also between steps, in position order with the facts.
  void carried(Position position, Position message, uint16_t deliveries);
  // Recovery: the dedupe index on disk reaches up to `offset`, so what stands before is not kept in memory. Before
  // fold() or after load(). And what was closed since, to be written at once, so that recovery does not keep it either.
  void sealed(uint64_t offset);
  uint64_t sealed_to() const;
  std::shared_ptr<const DedupeRun> closed_run() const;  // the oldest; null when there is none
  // After the last fold: queue what is pending, ask partners about what a restart left in doubt.
  void start(Now now, Actions& out);

  void step(Event event, Now now, Actions& out);

  // Goes by other rules from here on: after a reload of the configuration. Looks at every pending delivery once.
  void reconfigure(CellPolicy policy, Now now, Actions& out);

  // Whole folded state, for checkpoints: load(save()) behaves as the original does from here on.
  std::string save() const;
  Result<void> load(std::string_view bytes);
  Position folded() const;  // of the last fact folded: what save() covers

  // Reading, between steps.
  std::vector<LaneStatus> lanes(Wall now) const;
  std::vector<ControlStatus> controls() const;
  std::vector<DeliveryStatus> pending(size_t most) const;
  // Every delivery that is not over, dead ones too, lane by lane in order of acceptance; until `visit` returns false
  // for that lane. A message with several deliveries comes several times.
  void each_unfinished(const std::function<bool(const Unfinished&)>& visit) const;
  std::vector<WatchChange> watches(std::string_view set) const;  // open ones, oldest first
  std::string cursor(std::string_view source) const;             // "" = never set
  size_t pending_messages() const;
  size_t appending() const;
  bool idle() const;  // nothing pending that could still move by itself

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lt::engine
