#include "core/base/text.h"

#include <tmmintrin.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "core/base/limits.h"

namespace lt {
namespace {
// Length of the well-formed sequence at `at` (Unicode table 3-7), or 0.
size_t sequence_length(const uint8_t* at, size_t left) {
  const auto tail = [&](size_t i, uint8_t low = 0x80, uint8_t high = 0xbf) { return at[i] >= low && at[i] <= high; };
  const uint8_t lead = at[0];
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return left >= 2 && tail(1) ? 2 : 0;
  if (lead < 0xf0) {
    const uint8_t low = lead == 0xe0 ? 0xa0 : 0x80, high = lead == 0xed ? 0x9f : 0xbf;
    return left >= 3 && tail(1, low, high) && tail(2) ? 3 : 0;
  }
  if (lead > 0xf4) return 0;
  const uint8_t low = lead == 0xf0 ? 0x90 : 0x80, high = lead == 0xf4 ? 0x8f : 0xbf;
  return left >= 4 && tail(1, low, high) && tail(2) && tail(3) ? 4 : 0;
}

// Bytes below 0x80 from the start of the text.
size_t ascii_prefix(std::string_view text) {
  size_t i = 0;
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    const int high_bits = _mm_movemask_epi8(block);
    if (high_bits != 0) return i + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(high_bits)));
  }
  while (i < text.size() && static_cast<uint8_t>(text[i]) < 0x80) ++i;
  return i;
}

// What two bytes in a row can have wrong, one bit each; after Keiser and Lemire, "Validating UTF-8 in less than one
// instruction per byte" (2021). A table per half byte says which faults it allows; a fault stands when all three agree.
enum : uint8_t {
  kTooShort = 1,
  kTooLong = 2,
  kOverlong3 = 4,
  kTooLarge = 8,
  kSurrogate = 16,
  kOverlong2 = 32,
  kTooLarge1000 = 64,
  kOverlong4 = 64,
  kTwoTails = 128,
  kAnyLead = kTooShort | kTooLong | kTwoTails,
};
constexpr uint8_t kLead = kAnyLead | kTooLarge | kTooLarge1000;
constexpr uint8_t kTail = kTooLong | kOverlong2 | kTwoTails;
alignas(16) constexpr uint8_t kFirstHigh[16] = {kTooLong,
                                                kTooLong,
                                                kTooLong,
                                                kTooLong,
                                                kTooLong,
                                                kTooLong,
                                                kTooLong,
                                                kTooLong,
                                                kTwoTails,
                                                kTwoTails,
                                                kTwoTails,
                                                kTwoTails,
                                                kTooShort | kOverlong2,
                                                kTooShort,
                                                kTooShort | kOverlong3 | kSurrogate,
                                                kTooShort | kTooLarge | kTooLarge1000 | kOverlong4};
alignas(16) constexpr uint8_t kFirstLow[16] = {kAnyLead | kOverlong3 | kOverlong2 | kOverlong4,
                                               kAnyLead | kOverlong2,
                                               kAnyLead,
                                               kAnyLead,
                                               kAnyLead | kTooLarge,
                                               kLead,
                                               kLead,
                                               kLead,
                                               kLead,
                                               kLead,
                                               kLead,
                                               kLead,
                                               kLead,
                                               kLead | kSurrogate,
                                               kLead,
                                               kLead};
alignas(16) constexpr uint8_t kSecondHigh[16] = {kTooShort,
                                                 kTooShort,
                                                 kTooShort,
                                                 kTooShort,
                                                 kTooShort,
                                                 kTooShort,
                                                 kTooShort,
                                                 kTooShort,
                                                 kTail | kOverlong3 | kTooLarge1000 | kOverlong4,
                                                 kTail | kOverlong3 | kTooLarge,
                                                 kTail | kSurrogate | kTooLarge,
                                                 kTail | kSurrogate | kTooLarge,
                                                 kTooShort,
                                                 kTooShort,
                                                 kTooShort,
                                                 kTooShort};

__m128i table(const uint8_t (&entries)[16], __m128i index) {
  return _mm_shuffle_epi8(_mm_load_si128(reinterpret_cast<const __m128i*>(entries)), index);
}

// Not zero where `block`, which follows `before`, is not UTF-8. A sequence cut off at its end is not yet a fault.
__m128i faults(__m128i block, __m128i before) {
  const __m128i half = _mm_set1_epi8(0x0f);
  const auto high = [&](__m128i bytes) { return _mm_and_si128(_mm_srli_epi16(bytes, 4), half); };
  const __m128i previous = _mm_alignr_epi8(block, before, 15);
  const __m128i pairs =
      _mm_and_si128(_mm_and_si128(table(kFirstHigh, high(previous)), table(kFirstLow, _mm_and_si128(previous, half))),
                    table(kSecondHigh, high(block)));
  const __m128i third = _mm_subs_epu8(_mm_alignr_epi8(block, before, 14), _mm_set1_epi8(static_cast<char>(0xdf)));
  const __m128i fourth = _mm_subs_epu8(_mm_alignr_epi8(block, before, 13), _mm_set1_epi8(static_cast<char>(0xef)));
  const __m128i must_be_tail = _mm_cmpgt_epi8(_mm_or_si128(third, fourth), _mm_setzero_si128());
  return _mm_xor_si128(_mm_and_si128(must_be_tail, _mm_set1_epi8(static_cast<char>(0x80))), pairs);
}

// Bytes from the start that are whole, well-formed sequences; fewer than there are, at least all before the block at
// fault.
size_t checked_prefix(std::string_view text) {
  __m128i before = _mm_setzero_si128();
  size_t i = 0;
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    const __m128i found = _mm_cmpeq_epi8(faults(block, before), _mm_setzero_si128());
    if (_mm_movemask_epi8(found) != 0xffff) break;
    before = block;
  }
  // The last sequence may be cut off at the block's end: it is looked at again from its first byte.
  for (size_t back = 0; i > 0 && back < 4; ++back)
    if ((static_cast<uint8_t>(text[--i]) & 0xc0) != 0x80) return i;
  return i;
}

// True when every code point is below U+0300 or in U+1E00..U+1EFF: all of composed Vietnamese. None of them changes in
// NFC or combines with another, so most texts need no further work.
bool surely_nfc(std::string_view text) {
  for (size_t i = ascii_prefix(text); i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte < 0xcc) continue;
    const auto second = i + 1 < text.size() ? static_cast<uint8_t>(text[i + 1]) : uint8_t{0};
    if (byte != 0xe1 || second < 0xb8 || second > 0xbb) return false;
  }
  return true;
}

using Change = utf8proc_int32_t (*)(utf8proc_int32_t, void*);

// utf8proc's mapping of valid UTF-8; `change` is applied to each code point first.
std::string map(std::string_view text, int options, Change change) {
  utf8proc_uint8_t* raw = nullptr;
  const auto size = utf8proc_map_custom(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                        static_cast<utf8proc_ssize_t>(text.size()), &raw,
                                        static_cast<utf8proc_option_t>(options), change, nullptr);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(raw, &std::free);
  if (size < 0) return std::string(text);
  return std::string(reinterpret_cast<const char*>(raw), static_cast<size_t>(size));
}

utf8proc_int32_t lower(utf8proc_int32_t c, void*) {
  if ((c >= 0x09 && c <= 0x0d) || c == 0x85) return ' ';
  const auto category = utf8proc_category(c);
  if (category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP)
    return ' ';
  return utf8proc_tolower(c);
}

utf8proc_int32_t lower_plain_d(utf8proc_int32_t c, void*) {
  const auto small = lower(c, nullptr);
  // đ has no decomposition. Old Vietnamese fonts and conversions also left eth and the African d in its place.
  return small == 0x111 || small == 0xf0 || small == 0x256 ? 'd' : small;
}

void collapse_spaces(std::string& text) {
  size_t kept = 0;
  for (const char c : text) {
    if (c == ' ' && (kept == 0 || text[kept - 1] == ' ')) continue;
    text[kept++] = c;
  }
  if (kept > 0 && text[kept - 1] == ' ') --kept;
  text.resize(kept);
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c >= 0x09 && c <= 0x0d) c = ' ';
  }
  return out;
}

std::string comparable(std::string_view text, int options, Change change) {
  const size_t ascii = ascii_prefix(text);
  if (ascii < text.size() && !is_utf8(text)) return std::string(text);
  std::string out = ascii == text.size() ? lower_ascii(text) : map(text, options, change);
  collapse_spaces(out);
  return out;
}
}  // namespace

size_t find_bad_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  for (size_t i = checked_prefix(text); i < text.size();) {
    if (bytes[i] < 0x80) {
      i += ascii_prefix(text.substr(i));
      continue;
    }
    const size_t length = sequence_length(bytes + i, text.size() - i);
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

size_t count_code_points(std::string_view utf8) {
  size_t count = 0;
  for (const char c : utf8) count += (static_cast<uint8_t>(c) & 0xc0) != 0x80;
  return count;
}

std::string nfc(std::string_view utf8) {
  if (surely_nfc(utf8) || !is_utf8(utf8)) return std::string(utf8);
  return map(utf8, UTF8PROC_STABLE | UTF8PROC_COMPOSE, nullptr);
}

std::string normalise(std::string_view utf8) { return comparable(utf8, UTF8PROC_STABLE | UTF8PROC_COMPOSE, lower); }

std::string fold(std::string_view utf8) {
  return comparable(utf8, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK, lower_plain_d);
}

size_t edit_distance(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  constexpr size_t kMost = limits::kComparedName;
  if (a.size() > kMost || b.size() > kMost) return std::max(a.size(), b.size());
  // Damerau-Levenshtein, optimal string alignment: three rows of the table are enough.
  std::array<std::array<size_t, kMost + 1>, 3> rows{};
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& above_that = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], above_that[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

std::string_view cut_text(std::string_view utf8, size_t most) {
  if (utf8.size() <= most) return utf8;
  while (most > 0 && (static_cast<unsigned char>(utf8[most]) & 0xC0) == 0x80) --most;
  return utf8.substr(0, most);
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

std::string percent_decode(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? digit(text[i + 1]) : -1;
    const int low = high >= 0 ? digit(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

}  // namespace lt
