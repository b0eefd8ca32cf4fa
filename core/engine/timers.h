// What the cell has to come back to. Entries are not taken out when they become pointless: whoever acts on one looks
// whether it still means anything.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/clock.h"
#include "core/message/position.h"

namespace lt::engine {

struct Timer {
  Mono at;
  enum class Kind : uint8_t { delivery, lane } kind = Kind::delivery;
  uint32_t index = 0;   // slot or lane
  DeliveryId delivery;  // for a delivery: whose slot it was
};

class Timers {
 public:
  void add(Timer timer) {
    heap_.push_back(timer);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  std::optional<Mono> earliest() const { return heap_.empty() ? std::nullopt : std::optional<Mono>(heap_.front().at); }
  std::optional<Timer> pop_due(Mono now) {
    if (heap_.empty() || heap_.front().at > now) return std::nullopt;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Timer timer = heap_.back();
    heap_.pop_back();
    return timer;
  }

 private:
  static bool later(const Timer& a, const Timer& b) { return a.at > b.at; }
  std::vector<Timer> heap_;
};

}  // namespace lt::engine
