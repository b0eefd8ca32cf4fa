#include "core/proof/shrink.h"

#include <algorithm>

namespace lt::proof {
namespace {

using Values = std::vector<uint64_t>;

bool smaller(const Values& a, const Values& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

class Shrinker {
 public:
  Shrinker(Choices failing, const StillFails& still_fails, size_t most)
      : best_(std::move(failing)), still_fails_(still_fails), most_(most) {}

  Shrunk run() {
    for (bool better = true; better && attempts_ < most_;) {
      better = cut_tail();
      better |= each_span(&Shrinker::leave_out);
      better |= each_span(&Shrinker::zero);
      better |= lower_all();
    }
    return {std::move(best_), attempts_};
  }

 private:
  bool try_values(Values values) {
    if (attempts_ >= most_ || !smaller(values, best_.values)) return false;
    ++attempts_;
    auto used = still_fails_(values);
    if (!used || !smaller(used->values, best_.values)) return false;
    best_ = std::move(*used);
    return true;
  }

  bool cut_tail() {
    bool better = false;
    for (size_t size = best_.values.size() / 2; size > 0; size /= 2)
      while (best_.values.size() >= size &&
             try_values({best_.values.begin(), best_.values.end() - static_cast<ptrdiff_t>(size)}))
        better = true;
    return better;
  }

  // Outer spans first: they are the longest. After a success the spans are new ones, and the walk goes on at the same
  // place.
  bool each_span(bool (Shrinker::*step)(const Span&)) {
    bool better = false;
    for (size_t i = 0; i < best_.spans.size() && attempts_ < most_;) {
      if ((this->*step)(best_.spans[best_.spans.size() - 1 - i]))
        better = true;
      else
        ++i;
    }
    return better;
  }

  // A part alone (an item with its flag), or with the flag before it set to no.
  bool leave_out(const Span& span) {
    Values values = best_.values;
    values.erase(values.begin() + span.first, values.begin() + span.last);
    if (try_values(values)) return true;
    if (span.first == 0 || values[span.first - 1] == 0) return false;
    for (const uint64_t lower : {uint64_t{0}, values[span.first - 1] - 1}) {
      values[span.first - 1] = lower;
      if (try_values(values)) return true;
    }
    return false;
  }

  bool zero(const Span& span) {
    Values values = best_.values;
    std::fill(values.begin() + span.first, values.begin() + span.last, 0);
    return try_values(std::move(values));
  }

  bool lower_all() {
    bool better = false;
    for (size_t i = 0; i < best_.values.size() && attempts_ < most_; ++i) better |= lower(i);
    return better;
  }

  bool with(size_t at, uint64_t value) {
    Values values = best_.values;
    values[at] = value;
    return try_values(std::move(values));
  }

  // The lowest value that still fails, when failing starts somewhere; else some lower one.
  bool lower(size_t at) {
    if (best_.values[at] == 0) return false;
    if (with(at, 0)) return true;
    bool better = false;
    uint64_t passes = 0;
    while (at < best_.values.size() && passes + 1 < best_.values[at] && attempts_ < most_) {
      const uint64_t middle = passes + (best_.values[at] - passes) / 2;
      if (with(at, middle))
        better = true;
      else
        passes = middle;
    }
    return better;
  }

  Choices best_;
  const StillFails& still_fails_;
  const size_t most_;
  size_t attempts_ = 0;
};

}  // namespace

Shrunk shrink(Choices failing, const StillFails& still_fails, size_t most) {
  return Shrinker(std::move(failing), still_fails, most).run();
}

}  // namespace lt::proof
