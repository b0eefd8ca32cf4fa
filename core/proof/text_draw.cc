#include "core/proof/text_draw.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace lt::proof {
namespace {

using Units = std::span<const std::string_view>;

// Code points above the least where ordinary texts end.
constexpr uint64_t kLeaps[kExtents - kOrdinaryExtents] = {32, 64, 128, 256, 512, kLongestText};
constexpr uint64_t kOrdinaryPercent = 95;

constexpr std::string_view kLetters[] = {"a", "b", "c", "d", "e", "g", "h", "i",
                                         "k", "n", "o", "t", "x", "y", "A", "Z"};
constexpr std::string_view kWords[] = {
    "Đặng", "Nguyễn", "Thị",     "Ánh", "Quyết", "định", "phường", "Bến Nghé", "hồ sơ", "đất đai",    "lý lịch",
    "Trần", "Hưng",   "Ưu tiên", "số",  "Ỷ Lan", "kết",  "quả",    "nghĩa vụ", "tài",   "Thừa Thiên", "Huế"};
constexpr std::string_view kDigits[] = {"0", "1", "2", "5", "7", "9"};
constexpr std::string_view kSpaced[] = {"Hà  Nội", "Lê  Lợi", "a   b", "số  12"};
constexpr std::string_view kQuoted[] = {"\"", "'", "“hai mươi”", "\\", "\\n", "`", "’", "{\"a\":1}"};
constexpr std::string_view kMarkup[] = {"<", "&", ">", "]]>", "&amp;", "<b>", "<!--", "a < b && c", "&#10;"};
// Base letter, then the marks one by one: e + circumflex + acute.
constexpr std::string_view kDecomposed[] = {"Nguye\u0302\u0303n", "Tra\u0302\u0300n", "A\u0301nh", "e\u0302\u0301",
                                            "o\u031b\u0301",      "U\u031b",          "y\u0309"};
constexpr std::string_view kEmoji[] = {"😀", "🇻🇳", "👩‍👩‍👧", "✅", "𠊛", "☎️"};
constexpr std::string_view kLines[] = {"dòng một\n", "\t", "a\nb", "\n\n"};

Units units_of(TextStyle style) {
  switch (style) {
    case TextStyle::vietnamese:
      return kWords;
    case TextStyle::code:
      return kDigits;
    case TextStyle::spaced:
      return kSpaced;
    case TextStyle::quoted:
      return kQuoted;
    case TextStyle::markup:
      return kMarkup;
    case TextStyle::decomposed:
      return kDecomposed;
    case TextStyle::emoji:
      return kEmoji;
    case TextStyle::lines:
      return kLines;
    case TextStyle::plain:
    case TextStyle::padded:
      break;
  }
  return kLetters;
}

size_t size_of_code_point(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

// Exactly `length` code points of the units, between words a blank.
void fill(Units units, bool words, uint64_t length, Variety& variety, std::string& out) {
  uint64_t have = 0;
  while (have < length) {
    if (words && have > 0 && have + 1 < length) {
      out += ' ';
      ++have;
    }
    std::string_view unit = units[variety.below(units.size())];
    for (; !unit.empty() && have < length; ++have) {
      const size_t size = size_of_code_point(unit[0]);
      // Cut inside a word, a blank would end the text: that is the business of `padded`.
      out += words && have + 1 == length && unit[0] == ' ' ? std::string_view("a") : unit.substr(0, size);
      unit.remove_prefix(size);
    }
  }
}

}  // namespace

std::string text_of(TextStyle style, uint64_t extent, uint64_t variety, const TextBounds& bounds) {
  const uint64_t most = std::max(bounds.least, std::min(bounds.most, std::max(kLongestText, bounds.least)));
  const uint64_t more = extent < kOrdinaryExtents ? extent : kLeaps[std::min(extent, kLongest) - kOrdinaryExtents];
  const uint64_t length = extent >= kLongest ? most : std::min(bounds.least + more, most);
  if (style == TextStyle::lines && !bounds.lines) style = TextStyle::spaced;
  if (style == TextStyle::decomposed && !bounds.decomposed) style = TextStyle::vietnamese;
  Variety details(variety);
  std::string out;
  const bool words = style == TextStyle::vietnamese || style == TextStyle::decomposed;
  if (style == TextStyle::padded && length >= 3) {
    out = " ";
    fill(kLetters, false, length - 2, details, out);
    return out + " ";
  }
  out.reserve(length + length / 2);
  fill(units_of(style), words, length, details, out);
  return out;
}

std::string draw_text(Draw& draw, const TextBounds& bounds) {
  const auto style = static_cast<TextStyle>(draw.weighted({24, 44, 8, 4, 3, 4, 4, 4, 3, 2}));
  const bool ordinary = draw.mood(100) < kOrdinaryPercent;
  const uint64_t extent = draw.settle(
      ordinary ? draw.mood(kOrdinaryExtents) : kOrdinaryExtents + draw.mood(kExtents - kOrdinaryExtents), kExtents);
  return text_of(style, extent, draw.below(1 << 16), bounds);
}

std::string draw_bytes(Draw& draw, uint64_t least, uint64_t most) {
  constexpr uint64_t kMore = 48;
  const uint64_t size = std::max(least, std::min(most, least + draw.below(kMore + 1)));
  Variety details(draw.below(1 << 16));
  std::string bytes;
  for (uint64_t i = 0; i < std::min(size, least + kMore); ++i) bytes += static_cast<char>(details.below(256));
  return bytes;
}

}  // namespace lt::proof
