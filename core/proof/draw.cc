#include "core/proof/draw.h"

#include <algorithm>

namespace lt::proof {

uint64_t Draw::note(uint64_t drawn, uint64_t n) {
  uint64_t value = drawn;
  if (given_ != nullptr) value = at_ < given_->size() ? std::min((*given_)[at_++], n - 1) : 0;
  if (++drawn_ > kMost) return 0;
  choices_.values.push_back(value);
  return value;
}

uint64_t Draw::below(uint64_t n) { return n < 2 ? 0 : note(given_ == nullptr ? random_.below(n) : 0, n); }

bool Draw::chance(unsigned percent) { return note(given_ == nullptr && random_.below(100) < percent ? 1 : 0, 2) != 0; }

size_t Draw::weighted(std::initializer_list<unsigned> weights) {
  uint64_t index = 0;
  if (given_ == nullptr) {
    uint64_t sum = 0;
    for (const unsigned weight : weights) sum += weight;
    uint64_t point = random_.below(sum);
    for (const unsigned weight : weights) {
      if (point < weight) break;
      point -= weight;
      ++index;
    }
  }
  return static_cast<size_t>(note(index, weights.size()));
}

void Draw::close(const Mark& since) {
  const size_t now = choices_.values.size();
  if (now > since.values) choices_.spans.push_back({static_cast<uint32_t>(since.values), static_cast<uint32_t>(now)});
}

void Draw::forget(const Mark& since) {
  choices_.values.resize(std::min(since.values, choices_.values.size()));
  choices_.spans.resize(std::min(since.spans, choices_.spans.size()));
}

}  // namespace lt::proof
