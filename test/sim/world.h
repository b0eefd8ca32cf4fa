// One machine with its disk, its clients, its operators and its partners, all in simulated time. A seed is a history.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "core/base/metrics.h"
#include "core/engine/cell.h"
#include "core/journal/stepped_journal.h"
#include "test/sim/partner.h"
#include "test/support/sim_env.h"

namespace lt::sim {

// Deliberate faults in the runtime around the cell, to prove that the checks find them.
enum class Sabotage { nothing, forget_outcomes, skip_attempts, answer_early, send_twice };

struct Tally {
  uint64_t messages = 0, deliveries = 0, effects = 0, crashes = 0, events = 0, facts = 0;
};

class World {
 public:
  World(uint64_t seed, Sabotage sabotage);
  ~World();
  // The first broken promise, or "".
  std::string run();
  const Tally& tally() const { return tally_; }
  std::string story() const;  // the last events before the end

 private:
  struct Client {  // one thing a client wants accepted
    std::string dedupe_key, order_key, body;
    std::vector<std::string> to;
    Urgency urgency = 0;
    int tries = 0;
  };
  struct Asked {
    std::shared_ptr<Client> client;
    Id id;
    Sha256 body{};
  };
  struct Known {  // of an accepted message, from the journal
    Id id;
    Sha256 body{};
    std::vector<std::string> to;
    std::string order_key, dedupe_key;
  };
  struct Due {
    Mono at;
    uint64_t order;
    std::function<void()> what;
    bool operator<(const Due& o) const { return at != o.at ? at > o.at : order > o.order; }
  };

  // world.cc: time, chance, the engine's actions
  uint64_t roll(uint64_t below) { return chance_.next() % below; }
  bool happens(double share) { return chance_.share() < share; }
  engine::Now now() const { return {clock_.wall(), clock_.mono()}; }
  void in(std::chrono::microseconds wait, std::function<void()> what);
  void in_this_life(std::chrono::microseconds wait, std::function<void()> what);
  bool run_until(const std::function<bool()>& done, std::chrono::milliseconds most);
  void tell(std::string line);
  void violate(std::string what);
  void step(engine::Event event);
  void act(engine::Actions& actions);
  void act(engine::Append& a);
  void act(engine::AdmitAnswer& a);
  void act(engine::Deliver& a);
  void act(engine::WakeAt& a);
  void act(engine::OperatorAnswer& a);
  void step_journal();
  void work_inbox();
  void reach(const engine::Deliver& d, uint64_t life);

  // disaster.cc
  void open();
  void crash(const char* why);
  void disk_trouble();
  void compare_with_checkpoint(const std::vector<std::pair<Position, Fact>>& facts);
  std::vector<std::pair<Position, Fact>> read_journal();

  // people.cc: clients and operators
  void client_arrives();
  void ask(std::shared_ptr<Client> client);
  void ask_again(const std::shared_ptr<Client>& client);
  void operator_acts();
  void resume_all();

  // checks.cc
  void learn(const std::vector<std::pair<Position, Fact>>& facts);
  void check_end();
  void check_order(const Partner& partner);
  void check_effects();

  uint64_t seed_;
  Sabotage sabotage_;
  engine::Chance chance_;
  ManualClock clock_;
  test::SimEnv env_;
  Metrics metrics_;
  SeededIds ids_;
  uint32_t salts_ = 0;
  engine::CellPolicy policy_;
  std::map<std::string, Partner> partners_;

  // Of this life of the process.
  uint64_t life_ = 0;
  std::unique_ptr<journal::SteppedJournal> journal_;
  std::unique_ptr<engine::Cell> cell_;
  std::deque<engine::Event> inbox_;
  std::map<engine::Ticket, Asked> asked_;
  bool journal_stepping_ = false, inbox_due_ = false;
  uint64_t wake_ = 0;

  std::priority_queue<Due> due_;
  uint64_t order_ = 0;
  engine::Ticket tickets_ = 0;
  bool calm_ = false;  // no more mischief
  std::deque<std::string> story_;
  std::string violation_;
  Tally tally_;

  // What must hold for ever.
  std::map<uint64_t, Id> answered_;                          // offset -> id, of messages answered as accepted
  std::map<uint64_t, Known> accepted_;                       // from the journal, by offset
  std::map<DeliveryId, DeliveryState> over_;                 // final, by the journal
  std::map<DeliveryId, size_t> replays_;                     // by the journal
  std::set<std::pair<std::string, std::string>> reordered_;  // (destination, key) an operator reordered
};

}  // namespace lt::sim
