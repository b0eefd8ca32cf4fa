// One machine with its disk, its clients, its operators and its partners, all in simulated time. A seed is a history.
#pragma once

#include <fmt/format.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "core/base/metrics.h"
#include "core/engine/cell.h"
#include "core/journal/checkpoint.h"
#include "core/journal/history.h"
#include "core/journal/stepped_journal.h"
#include "test/sim/fate.h"
#include "test/sim/partner.h"
#include "test/support/sim_env.h"

namespace lt::sim {

class Bookshelf;

// Deliberate faults in the runtime around the cell, to prove that the checks find them.
enum class Sabotage : uint8_t { nothing, forget_outcomes, skip_attempts, answer_early, send_twice, starve_catalog };

struct Tally {
  uint64_t seeds = 0, messages = 0, deliveries = 0, effects = 0, facts = 0, events = 0;
  uint64_t trims = 0, segments_freed = 0, crashes = 0, faults = 0, operations = 0, reconfigurations = 0,
           checkpoints = 0, catalogs = 0;
  void add(const Tally& other);
};

// One history: the seed, and what of it is left.
struct Scenario {
  uint64_t seed = 1;
  Sabotage sabotage = Sabotage::nothing;
  bool catalog = false;                // keep a catalog in files, and compare it at the end
  const Fate::Chosen* only = nullptr;  // none but these decisions strike
  uint64_t twist = 0;                  // other times for everything
  bool record = false;                 // remember decisions and tell the story
};

class World {
 public:
  explicit World(const Scenario& scenario);
  ~World();
  // The first broken promise, or "".
  std::string run();
  const Tally& tally() const { return tally_; }
  // When recording: what happened, in order; and which decisions struck.
  const std::vector<std::string>& story() const { return story_; }
  const std::vector<Decision>& struck() const { return fate_.struck(); }

 private:
  struct Client {  // one thing a client wants accepted
    uint64_t number = 0;
    std::string dedupe_key, body;
    uint64_t order_key = 0;
    std::vector<uint64_t> parts;  // their order keys, when it has several
    std::vector<std::string> to;
    std::string route;
    Urgency urgency = 0;
    uint64_t tries = 0;
  };
  struct Asked {
    std::shared_ptr<Client> client;
    Id id;
    Sha256 body{};
  };
  struct Expected {  // one delivery
    std::string to, order_key;
    uint16_t part = 0;
  };
  struct Known {  // of an accepted message, from the journal
    Id id;
    uint64_t number = 0;
    std::vector<Expected> deliveries;
  };
  struct Due {
    Mono at;
    uint64_t order;
    std::function<void()> what;
    bool operator<(const Due& o) const { return at != o.at ? at > o.at : order > o.order; }
  };
  struct Carried {  // a record copied forward
    Position position, message;
    uint16_t deliveries = 0;
  };
  struct Logged {
    Position position;
    std::variant<Fact, Carried> what;
  };
  using Log = std::vector<Logged>;
  struct Round {  // of retention
    uint64_t to = 0;
    Position after;
    size_t waiting = 0;  // carried records on their way
    bool failed = false;
  };
  static constexpr const char* kJournal = "j";
  static constexpr uint64_t kMostTries = 8;  // of a client

  // world.cc: time, the engine's actions
  engine::Now now() const { return {clock_.wall(), clock_.mono()}; }
  uint64_t pause(uint64_t below) { return fate_.time(below, Kind::pause, ++pauses_); }
  void in(std::chrono::microseconds wait, std::function<void()> what);
  void in_this_life(std::chrono::microseconds wait, std::function<void()> what);
  bool run_until(const std::function<bool()>& done, std::chrono::milliseconds most);
  template <class... A>
  void tell(fmt::format_string<A...> text, A&&... values) {
    if (recording_) note(fmt::format(text, std::forward<A>(values)...));
  }
  void note(std::string line);
  void violate(std::string what);
  std::string called(const DeliveryId& id) const;
  void step(engine::Event event);
  void act(engine::Actions& actions);
  void act(engine::Append& a);
  void act(engine::AdmitAnswer& a);
  void act(engine::Deliver& a);
  void act(engine::WakeAt& a);
  void act(engine::OperatorAnswer& a);
  void kick_journal();
  void step_journal();
  void work_inbox();
  void reach(const engine::Deliver& d, uint64_t life);

  // course.cc: what happens in a history, and in which order
  void plan();
  void calm_down();
  bool settled(const std::string& except) const;
  std::chrono::milliseconds patience() const;
  void tell_lanes();

  // disaster.cc
  void open();
  void crash(const char* why);
  void disk_trouble(uint64_t number);
  void recover(const Log& log);
  void compare_with_checkpoint(const Log& log);
  static void fold(engine::Cell& cell, const Log& log, size_t from, size_t to);
  Log read_log();

  // dedupe.cc
  void act(engine::SealRun& a);
  void look(engine::Admit& admit) const;

  // retention.cc
  void retain(uint64_t number);
  void carry_some();
  void take(const Carried& carried);
  void trim();

  // people.cc: clients and operators
  void client_arrives(uint64_t number);
  void address(const Client& client, uint64_t number, Envelope& envelope);
  void ask(std::shared_ptr<Client> client);
  void ask_again(const std::shared_ptr<Client>& client);
  void operator_acts(uint64_t number);
  using Target = std::pair<ActionScope, std::string>;
  std::vector<Target> all_targets() const;
  void resume_all();

  // policy.cc
  void make_shared_policy();
  void agree_limits(const Partner& partner);
  engine::DestinationPolicy make_policy(const Partner& partner, uint64_t version);
  void reconfigure(uint64_t number);
  void apply_policy();
  void tell_policy(const Partner& partner);

  // limits.cc: what people and limits forbid, at each send
  void check_send(const engine::Deliver& d);

  // checks.cc
  void learn(const Log& log);
  void check_end();
  void check_order(const Partner& partner);
  void check_effects();

  const Scenario scenario_;
  const bool recording_;
  Fate fate_;
  ManualClock clock_;
  test::SimEnv env_;
  Metrics metrics_;
  SeededIds ids_;
  uint32_t salts_ = 0;
  engine::CellPolicy policy_;
  std::map<std::string, engine::DestinationPolicy> agreed_;  // with each partner: limits only
  std::map<std::string, Partner> partners_;
  std::string dead_;  // a partner that is not well until the very end, or ""
  std::unique_ptr<Bookshelf> books_;
  // Of the dedupe index on disk: offset and body of the youngest; everything up to that offset is there.
  std::map<engine::DedupeKey, std::pair<uint64_t, uint64_t>> sealed_keys_;
  uint64_t sealed_to_ = 0;
  Mono seals_at_{};  // the last run that waits to be written

  // Of this life of the process.
  uint64_t life_ = 0;
  std::unique_ptr<journal::SteppedJournal> journal_;
  std::unique_ptr<engine::Cell> cell_;
  std::unique_ptr<journal::History> history_;
  std::deque<std::variant<engine::Event, Carried>> inbox_;
  std::optional<Round> round_;
  std::map<engine::Ticket, Asked> asked_;
  std::vector<engine::ControlStatus> stopped_;    // before the step under way
  std::map<std::string, size_t> outstanding_;     // by destination
  std::map<std::string, std::deque<Mono>> sent_;  // by destination, of the last second
  bool journal_stepping_ = false, inbox_due_ = false;
  uint64_t wake_ = 0;

  std::priority_queue<Due> due_;
  uint64_t order_ = 0, pauses_ = 0;
  engine::Ticket tickets_ = 0;
  bool calm_ = false;  // no more mischief
  std::vector<std::string> story_;
  std::string violation_;
  Tally tally_;

  // What must hold for ever.
  std::unordered_map<Id, uint64_t> numbers_;                 // of messages, by what they carry
  std::map<uint64_t, Id> answered_;                          // offset -> id, of messages answered as accepted
  std::map<uint64_t, Known> accepted_;                       // from the journal, by offset
  std::map<DeliveryId, DeliveryState> over_;                 // final, by the journal
  std::map<DeliveryId, size_t> replays_;                     // by the journal
  std::set<DeliveryId> confirmed_;                           // by a person
  std::set<std::pair<std::string, std::string>> reordered_;  // (destination, key) an operator reordered
  std::set<std::string> unordered_;                          // destinations that did without order for a while
};

// "P3" of "P3: ...", else the words before the first figure: shrinking must not trade one mistake for another.
std::string promise_of(const std::string& violation);

}  // namespace lt::sim
