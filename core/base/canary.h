// Bugs on purpose, which the simulation must find (test/sim). They exist only where LT_CANARY is defined: in the copies
// of the core that are compiled for the simulation's canaries. In the product LT_BUG is false and nothing of it is
// left.
#pragma once

#ifdef LT_CANARY

#include <string_view>

namespace lt {

enum class Canary : unsigned char {
  none,
  lost_outcome,     // an outcome that a sick journal refused is forgotten
  double_send,      // a partner's "I do not have it" counts for later doubts too
  reordered_key,    // a message that waits for its retry does not hold up younger ones of its key
  trimmed_pending,  // an unfinished message that was carried forward once is not carried again
  forgotten_key,    // a dedupe key that went to disk between the look there and in memory is taken for new
};
inline Canary canary = Canary::none;

inline bool choose_canary(std::string_view name) {
  canary = name == "lost_outcome"      ? Canary::lost_outcome
           : name == "double_send"     ? Canary::double_send
           : name == "reordered_key"   ? Canary::reordered_key
           : name == "trimmed_pending" ? Canary::trimmed_pending
           : name == "forgotten_key"   ? Canary::forgotten_key
                                       : Canary::none;
  return canary != Canary::none;
}

}  // namespace lt

#define LT_BUG(name) (::lt::canary == ::lt::Canary::name)
#else
#define LT_BUG(name) false
#endif
