// A compiled pattern of a schema: RE2, or for the common simple ones a few table look-ups per byte.
//
// Simple are anchored sequences of ASCII classes whose repeats cannot be mistaken for what follows: `^[0-9]{12}$`,
// `^\d\.\d{6}$`, `^[0-9A-Z.]+-\d{6}-\d{4,7}$`. They cost nanoseconds, RE2 about a microsecond.
#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace re2 {
class RE2;
}

namespace lt::schema {

// ECMA-262 (draft-07) to RE2: `(?<name>` becomes `(?P<name>`, \uXXXX becomes \x{XXXX}. What RE2 lacks stays and is
// refused when compiled.
std::string ecma_to_re2(std::string_view pattern);
// XSD to RE2: anchored, ^ and $ plain characters, \d every Unicode digit. Error schema_pattern for \i \c \w in a class
// and class subtraction.
Result<std::string> xsd_to_re2(std::string_view pattern);

class TextPattern {
 public:
  // Error schema_pattern with RE2's reason.
  static Result<TextPattern> compile(const std::string& re2_syntax);
  TextPattern(TextPattern&&) noexcept;
  TextPattern& operator=(TextPattern&&) noexcept;
  ~TextPattern();

  // Somewhere in `text`, unless the pattern is anchored. Thread-safe.
  bool matches(std::string_view text) const;
  bool simple() const { return regex_ == nullptr; }
  const std::string& text() const { return text_; }

 private:
  struct Run {
    std::bitset<256> bytes;
    size_t least = 1, most = 1;
  };
  TextPattern();
  static bool parse_simple(std::string_view pattern, std::vector<Run>& runs);

  std::string text_;
  std::vector<Run> runs_;
  std::unique_ptr<re2::RE2> regex_;
};

}  // namespace lt::schema
