// A lane's window: which of its deliveries are kept whole, and how many wait beyond it.
//
// Whole are: deliveries whose turn may be now (at most CellPolicy::window queued ones, and kRetryShare times as many
// with those that wait for another try or whose route is paused), as many again that stand behind one of their key, and
// all that are held, unknown or dead, with one more of their key. So nothing parked takes the place of what could be
// sent, and one key, however long, takes the place of one. The rest is spilled: behind a key that is here already in
// that key's chain, else in the spill.
//
// Which is which follows from the facts and the size of the window alone, whatever the configuration says of order.
#pragma once

#include <cstddef>

#include "core/engine/spill.h"

namespace lt::engine {

inline constexpr size_t kRetryShare = 16;

// How the first of a chain counts, or one without a chain.
enum class Head : uint8_t { none, queued, retry, parked };

struct Window {
  Spill spill;
  size_t behind = 0;         // spilled ones in chains
  size_t queued = 0;         // without order key, or first of their key with nothing parked before them
  size_t retry = 0;          // the same, waiting for another try
  size_t parked = 0;         // the same, of a route that somebody paused
  size_t movers = 0;         // all that are queued or retry
  uint32_t suspended_s = 0;  // live: of the lane, by the cell

  size_t& of(Head head) { return head == Head::queued ? queued : head == Head::retry ? retry : parked; }
  size_t spilled() const { return spill.size() + behind; }
  size_t heads() const { return queued + retry + parked; }
  bool room_for_head(size_t size) const { return queued < size && heads() < size * kRetryShare; }
  bool room_for_follower(size_t size) const { return movers - heads() < size; }
};

}  // namespace lt::engine
