// The dedupe index on disk, beside the cell: runs go there some time after they were closed, and clients' keys are
// looked up there some time before the cell is asked. What is there survives a crash.
#include <algorithm>

#include "test/sim/world.h"

namespace lt::sim {

using namespace engine;
using std::chrono::microseconds;

void World::act(SealRun& a) {
  // One after the other.
  const auto slow = microseconds(fate_.time(500'000, Kind::delay, a.run->last(), 77));
  seals_at_ = std::max(seals_at_, clock_.mono()) + slow;
  in_this_life(std::chrono::duration_cast<microseconds>(seals_at_ - clock_.mono()), [this, run = a.run] {
    for (const auto& entry : run->entries()) {
      auto& there = sealed_keys_[entry.key];
      if (there.first <= entry.offset) there = {entry.offset, entry.body};
    }
    sealed_to_ = std::max(sealed_to_, run->last());
    step(Sealed{run->last()});
  });
}

void World::look(Admit& admit) const {
  const Message& message = *admit.fact.message;
  admit.looked_to = sealed_to_;
  const auto found = sealed_keys_.find(dedupe_key_of(message.envelope.dedupe_key));
  if (found == sealed_keys_.end()) return;
  admit.seen = DedupeSeen{{0, found->second.first}, found->second.second == dedupe_body(message.body.sha256)};
}

}  // namespace lt::sim
