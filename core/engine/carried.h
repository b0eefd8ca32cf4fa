// Where the records of unfinished messages stand that were copied forward out of freed segments. A delivery keeps the
// position of acceptance as its name; only reading its message again goes elsewhere.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "core/message/position.h"
#include "core/message/wire.h"

namespace lt::engine {

class Carried {
 public:
  // `deliveries`: how many the message has, finished ones too.
  void note(Position message, Position stored, uint16_t deliveries) {
    at_[message.offset] = {stored.offset, deliveries};
  }
  // 0 when it was not carried.
  uint16_t deliveries(Position message) const {
    if (at_.empty()) return 0;
    const auto found = at_.find(message.offset);
    return found == at_.end() ? uint16_t{0} : found->second.deliveries;
  }
  void forget(Position message) {
    if (!at_.empty()) at_.erase(message.offset);
  }
  // Where its record stands: `message` itself unless it was carried.
  Position of(Position message) const {
    if (at_.empty()) return message;
    const auto found = at_.find(message.offset);
    return found == at_.end() ? message : Position{message.partition, found->second.stored};
  }
  size_t size() const { return at_.size(); }

  void save(WireWriter& out) const;
  bool load(WireReader& in);

 private:
  struct Place {
    uint64_t stored;
    uint16_t deliveries;
  };
  std::unordered_map<uint64_t, Place> at_;
};

}  // namespace lt::engine
