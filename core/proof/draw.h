// What decides a document: a sequence of whole numbers, drawn from a seed or given. Every decision of a generator is
// one number of it, and a lower number always means a simpler document: nothing, the first, the shortest, plain ASCII.
// (Of the details of a text, `variety`, only 0 is simpler than the others.) That is why shrinking (shrink.h) needs to
// know nothing about documents.
//
// Given numbers may be too few or too large: what is missing is 0, what is too large is the largest possible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "core/proof/random.h"

namespace lt::proof {

// Numbers [first, last): all that one part of the document was decided by.
struct Span {
  uint32_t first = 0, last = 0;
};
struct Choices {
  std::vector<uint64_t> values;
  std::vector<Span> spans;  // inner ones before those around them
};

class Draw {
 public:
  // After so many numbers all others are 0, and generators are told to come to an end much earlier (`tired`).
  static constexpr size_t kMost = 200'000, kTired = 20'000;

  explicit Draw(uint64_t seed) : random_(seed) {}
  explicit Draw(const std::vector<uint64_t>& given) : given_(&given), random_(0) {}

  // 0 to n - 1. Nothing is drawn when there is no choice.
  uint64_t below(uint64_t n);
  // 1 with that probability.
  bool chance(unsigned percent);
  // An index, each with its weight.
  size_t weighted(std::initializer_list<unsigned> weights);
  // `value` of 0 to n - 1, found out by other means; when numbers are given, the next of them.
  uint64_t settle(uint64_t value, uint64_t n) { return n < 2 ? 0 : note(value, n); }
  // Sets how likely things are in this document. Decides nothing, is not noted, and is 0 when numbers are given.
  uint64_t mood(uint64_t n) { return given_ != nullptr ? 0 : random_.below(n); }

  bool replaying() const { return given_ != nullptr; }
  bool tired() const { return choices_.values.size() > kTired; }

  struct Mark {
    size_t values = 0, spans = 0;
  };
  Mark mark() const { return {choices_.values.size(), choices_.spans.size()}; }
  // Everything since is one part.
  void close(const Mark& since);
  // Everything since led nowhere and is not noted.
  void forget(const Mark& since);

  Choices take() { return std::move(choices_); }

 private:
  uint64_t note(uint64_t drawn, uint64_t n);

  const std::vector<uint64_t>* given_ = nullptr;
  size_t at_ = 0;     // in given_
  size_t drawn_ = 0;  // the forgotten included
  Random random_;
  Choices choices_;
};

}  // namespace lt::proof
