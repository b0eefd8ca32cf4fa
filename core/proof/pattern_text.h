// Texts that match a regular expression (RE2 syntax).
//
// Taken: literals, classes (also negated, \d \w \s \p{L} [[:alpha:]]), `.`, groups of every kind, alternation,
// quantifiers greedy and lazy, anchors, escapes, \Q..\E. What a class holds is asked of RE2 itself, among the letters,
// digits and marks people write and those the class names. Every text is checked with RE2 before it is returned.
//
// The text matches somewhere, unless the pattern is anchored, as with schemas.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/proof/draw.h"

namespace lt::proof {

class PatternText {
 public:
  // None when RE2 refuses the pattern or it has something above unnamed, e.g. \C, or a class with none of those
  // letters.
  static std::optional<PatternText> parse(std::string_view pattern);
  PatternText(PatternText&&) noexcept;
  PatternText& operator=(PatternText&&) noexcept;
  ~PatternText();

  // A matching text of `least` to `most` code points; none when a bounded number of tries found none.
  std::optional<std::string> draw(Draw& draw, uint64_t least = 0, uint64_t most = UINT64_MAX) const;
  // Is there a match?
  bool matches(std::string_view text) const;

  struct Part;

 private:
  struct Parsed;
  explicit PatternText(std::unique_ptr<const Parsed> parsed);
  std::unique_ptr<const Parsed> parsed_;
};

}  // namespace lt::proof
