// A simulated partner: takes requests, has effects, and answers - or not.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/engine/cell.h"
#include "test/sim/fate.h"

namespace lt::sim {

// Something the partner did because of us.
struct Effect {
  Id identity;          // our message id
  uint64_t number = 0;  // of the message among those that clients sent, the same whatever else happens
  uint64_t offset = 0;  // of the message in the journal
  uint16_t part = 0;    // of the message; 0 = the whole
  uint64_t life = 0;    // of our process, that sent it
};

struct Reply {
  Outcome outcome;
  std::chrono::milliseconds after{1};
  bool took_effect = false;
};

class Partner {
 public:
  Partner(Fate& fate, uint64_t number, std::string name, SinkClass sink_class)
      : fate_(&fate), number_(number), name_(std::move(name)), class_(sink_class) {}

  const std::string& name() const { return name_; }
  uint64_t number() const { return number_; }
  SinkClass sink_class() const { return class_; }
  void set_down(bool down) { down_ = down; }
  void set_slow(bool slow) { slow_ = slow; }
  void behave() { mischief_ = down_ = slow_ = false; }  // from now on it accepts everything
  bool down() const { return down_; }
  bool slow() const { return slow_; }

  Reply send(const Effect& request, const std::string& operation);
  Reply probe(const Effect& request);

  const std::vector<Effect>& effects() const { return effects_; }
  size_t count(const Id& identity, uint16_t part) const {
    const auto at = have_.find({identity, part});
    return at == have_.end() ? 0 : at->second.times;
  }

 private:
  // Which mischief meets the nth request about a message: a number below 100, or 100 for none.
  uint64_t mischief(const Effect& request);
  std::chrono::milliseconds delay(const Effect& request) const;

  Fate* fate_;
  uint64_t number_;
  std::string name_;
  SinkClass class_;
  bool down_ = false, slow_ = false, mischief_ = true;
  uint64_t nth_ = 0;  // of the request being answered, among those about its message or part
  std::map<std::pair<uint64_t, uint16_t>, uint64_t> asked_;  // requests so far, by message number and part
  std::vector<Effect> effects_;
  struct Had {
    size_t times = 0;
    uint64_t life = 0;  // that sent it first
  };
  std::map<std::pair<Id, uint16_t>, Had> have_;
};

}  // namespace lt::sim
