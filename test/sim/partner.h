// A simulated partner: takes requests, has effects, and answers - or not.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/engine/cell.h"
#include "core/engine/retry.h"

namespace lt::sim {

// Something the partner did because of us.
struct Effect {
  std::string identity;  // our message id
  std::string order_key;
  uint64_t offset = 0;  // of the message in the journal
};

struct Reply {
  Outcome outcome;
  std::chrono::milliseconds after{1};
};

class Partner {
 public:
  Partner() = default;
  Partner(std::string name, SinkClass sink_class, uint64_t seed)
      : name_(std::move(name)), class_(sink_class), chance_(seed) {}

  const std::string& name() const { return name_; }
  SinkClass sink_class() const { return class_; }
  void set_down(bool down) { down_ = down; }
  void set_slow(bool slow) { slow_ = slow; }
  void behave() { mischief_ = down_ = slow_ = false; }  // from now on it accepts everything
  bool down() const { return down_; }

  Reply send(const Effect& request, const std::string& operation);
  Reply probe(const std::string& identity);

  const std::vector<Effect>& effects() const { return effects_; }
  size_t count(const std::string& identity) const {
    const auto at = have_.find(identity);
    return at == have_.end() ? 0 : at->second;
  }

 private:
  bool happens(double share) { return mischief_ && chance_.share() < share; }
  std::chrono::milliseconds delay();

  std::string name_;
  SinkClass class_ = SinkClass::none;
  engine::Chance chance_{0};
  bool down_ = false, slow_ = false, mischief_ = true;
  std::vector<Effect> effects_;
  std::map<std::string, size_t> have_;
};

}  // namespace lt::sim
