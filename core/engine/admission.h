// Who wants to be accepted and is not yet: appending, waiting for the first of its key, or parked by a full lane.
//
// All three hold credit, so what strangers send is bounded before anything is appended.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/engine/event.h"
#include "core/engine/policy.h"

namespace lt::engine {

class Admission {
 public:
  bool credit_for(uint64_t bytes, const CellPolicy& policy) const;
  void hold(uint64_t bytes);
  void give_back(uint64_t bytes);
  size_t holders() const { return holders_; }

  // The first of a key marks it; the others queue behind it.
  bool in_append(uint64_t key) const { return by_key_.contains(key); }
  void mark(uint64_t key) { by_key_.try_emplace(key); }
  void wait_for(uint64_t key, Admit admit) { by_key_[key].push_back(std::move(admit)); }
  // The first of the key is through, or failed: those who waited.
  std::vector<Admit> release(uint64_t key);

  void park(Admit admit, Mono until) { parked_.push_back({std::move(admit), until}); }
  std::optional<Mono> parked_until() const {
    return parked_.empty() ? std::nullopt : std::optional<Mono>(parked_.front().until);
  }
  const Admit& first_parked() const { return parked_.front().admit; }
  Admit unpark();
  size_t parked() const { return parked_.size(); }
  size_t in_journal() const { return holders_ - std::min(holders_, parked_.size()); }
  bool empty() const { return parked_.empty() && by_key_.empty() && holders_ == 0; }

 private:
  struct Parked {
    Admit admit;
    Mono until;
  };
  size_t holders_ = 0;
  uint64_t bytes_ = 0;
  std::unordered_map<uint64_t, std::vector<Admit>> by_key_;
  std::deque<Parked> parked_;
};

}  // namespace lt::engine
