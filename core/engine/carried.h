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
  void note(Position message, Position stored) { at_[message.offset] = stored.offset; }
  void forget(Position message) {
    if (!at_.empty()) at_.erase(message.offset);
  }
  // Where its record stands: `message` itself unless it was carried.
  Position of(Position message) const {
    if (at_.empty()) return message;
    const auto found = at_.find(message.offset);
    return found == at_.end() ? message : Position{message.partition, found->second};
  }
  size_t size() const { return at_.size(); }

  void save(WireWriter& out) const;
  bool load(WireReader& in);

 private:
  std::unordered_map<uint64_t, uint64_t> at_;
};

}  // namespace lt::engine
