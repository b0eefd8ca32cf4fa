// Texts as people and programs write them: what partners really send, and what breaks translations.
#pragma once

#include <cstdint>
#include <string>

#include "core/proof/draw.h"

namespace lt::proof {

enum class TextStyle : uint8_t {
  plain,       // aaaa
  vietnamese,  // Nguyễn Thị Ánh, in NFC
  code,        // 007: digits with leading zeros
  spaced,      // two blanks between words
  padded,      // a blank before and after
  quoted,      // quotes and backslashes
  markup,      // < & > ]]>
  decomposed,  // Vietnamese in NFD
  emoji,       // beyond the first plane, joined and flags
  lines        // line breaks and tabs
};
// Code points of the longest text drawn where longer ones would be allowed.
inline constexpr uint64_t kLongestText = 1'000;
// How far above the least length a text is: 0 as short as allowed, then one code point more each, at last in leaps to
// kLongest, which is as long as allowed.
inline constexpr uint64_t kOrdinaryExtents = 24, kExtents = 30, kLongest = kExtents - 1;

struct TextBounds {
  uint64_t least = 0, most = UINT64_MAX;  // code points; `least` wins when they contradict each other
  bool lines = true;                      // may hold line breaks and tabs
  bool decomposed = true;                 // may be in NFD
};

std::string draw_text(Draw& draw, const TextBounds& bounds);
// As draw_text does when it drew these: for tests and for whoever wants just one.
std::string text_of(TextStyle style, uint64_t extent, uint64_t variety, const TextBounds& bounds);
// Bytes, the plainest zeros: `least` of them to 48 more, not more than `most`.
std::string draw_bytes(Draw& draw, uint64_t least, uint64_t most);

}  // namespace lt::proof
