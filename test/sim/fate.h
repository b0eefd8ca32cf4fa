// Chance for simulated worlds: every question has a name, and its answer hangs on the seed and that name alone.
//
// So leaving one thing out of a history leaves the rest of it as it was. Things that may be left out are decisions:
// they are recorded when they strike, and a replay may be held to some of them. That is what the shrinker works on.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace lt::sim {

// What is asked about. The first ones are decisions.
enum class Kind : uint8_t {
  message,          // a client has something to send
  address,          // ... to this partner
  order_key,        // ... in the order of a key
  dedupe_key,       // ... with a key that tells repeats
  urgency,          // ... urgently
  undecodable,      // ... that nobody can read
  side_fact,        // ... with a cursor or a watch
  lost_answer,      // the client never gets our answer and repeats
  partner_fault,    // a partner refuses, loses the request or loses its answer
  weather,          // a partner goes down or slow, or comes back
  limit,            // a partner has a rate, shares permits, keeps office hours
  dead_partner,     // one partner is dead until the end
  operation,        // an operator acts
  crash,            // the process dies
  disk,             // the disk fails, fills up, loses power
  checkpoint,       // a life starts from a checkpoint
  reconfiguration,  // other policies amid work
  large_segments,   // of the journal
  retention,        // a round of it: segments freed
  split,            // a message has several parts, or answers another
  // Only measures from here on.
  size,
  policy,
  delay,
  pause,
  seed,
};

struct Decision {
  uint64_t id;
  Kind kind;
};

class Fate {
 public:
  using Chosen = std::unordered_set<uint64_t>;
  // `only`: none but these decisions strike; null: all. It outlives the fate.
  explicit Fate(uint64_t seed, const Chosen* only = nullptr, bool record = false, uint64_t twist = 0)
      : seed_(seed), only_(only), record_(record), twist_(twist) {}

  uint64_t bits(Kind kind, uint64_t a = 0, uint64_t b = 0, uint64_t c = 0) const {
    return mix(mix(mix(mix(seed_ ^ static_cast<uint64_t>(kind) << 56) ^ a) ^ b) ^ c);
  }
  uint64_t roll(uint64_t below, Kind kind, uint64_t a = 0, uint64_t b = 0, uint64_t c = 0) const {
    return bits(kind, a, b, c) % below;
  }
  // How long something takes, or when it comes: other for each twist, which shrinking tries.
  uint64_t time(uint64_t below, Kind kind, uint64_t a = 0, uint64_t b = 0, uint64_t c = 0) const {
    return mix(bits(kind, a, b, c) + twist_) % below;
  }
  bool happens(double share, Kind kind, uint64_t a = 0, uint64_t b = 0, uint64_t c = 0) const {
    return static_cast<double>(bits(kind, a, b, c) >> 11) * 0x1p-53 < share;
  }
  // A decision. Asked again by the same name it gives the same answer.
  bool strikes(double share, Kind kind, uint64_t a = 0, uint64_t b = 0) {
    constexpr uint64_t kDecision = ~uint64_t{0};
    if (!happens(share, kind, a, b, kDecision)) return false;
    if (!only_ && !record_) return true;
    const uint64_t id = bits(kind, a, b, kDecision);
    if (only_ && !only_->contains(id)) return false;
    if (record_) struck_.push_back({id, kind});
    return true;
  }
  // In the order in which they struck first.
  const std::vector<Decision>& struck() const { return struck_; }

 private:
  static uint64_t mix(uint64_t z) {  // SplitMix64
    z += 0x9E3779B97F4A7C15ULL;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
    return z ^ z >> 31;
  }
  uint64_t seed_;
  const Chosen* only_;
  bool record_;
  uint64_t twist_;
  std::vector<Decision> struck_;
};

}  // namespace lt::sim
