// What people stopped: destinations, partners and routes that are paused or drained, by whom and why. Folded.
//
// A route is known to a delivery by a small number, given when its name is first met in a fact.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/message/fact.h"
#include "core/message/wire.h"

namespace lt::engine {

struct Control {
  bool paused = false;    // accepted and kept, not sent
  bool draining = false;  // not accepted, what is there is sent
  std::string by, why;    // of the last action
  Wall at{};
};

class Controls {
 public:
  using Key = std::pair<ActionScope, std::string>;
  // pause, drain: added to what holds already; resume: ends both.
  void fold(const ActionFact& fact);
  // Null: nothing was stopped there.
  const Control* find(ActionScope scope, const std::string& name) const;
  bool paused(ActionScope scope, const std::string& name) const;
  const std::map<Key, Control>& all() const { return controls_; }
  bool any_draining() const { return draining_ > 0; }

  void save(WireWriter& out) const;
  bool load(WireReader& in);

 private:
  std::map<Key, Control> controls_;
  size_t draining_ = 0;
};

class RouteNames {
 public:
  static constexpr uint16_t kNone = 0;  // unknown: of an older record, or one too many
  uint16_t number_of(std::string_view name);
  bool known(std::string_view name) const { return numbers_.contains(name); }
  const std::string& operator[](uint16_t number) const { return names_[number]; }
  size_t size() const { return names_.size(); }

  void save(WireWriter& out) const;
  bool load(WireReader& in);

 private:
  std::vector<std::string> names_{""};
  std::map<std::string, uint16_t, std::less<>> numbers_;
};

}  // namespace lt::engine
