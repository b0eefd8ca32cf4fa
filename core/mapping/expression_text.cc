#include "core/mapping/expression_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstring>

namespace lt::mapping {
namespace {

constexpr int64_t kFar = 1'000'000'000;  // beyond every position in a text

bool continues(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

}  // namespace

size_t closing_bracket(std::string_view text, size_t open) {
  if (text.substr(open + 1, 1) == "\"") {
    const size_t end = text.find("\"]", open + 2);
    return end == std::string_view::npos ? end : end + 1;
  }
  for (size_t i = open + 1; i < text.size(); ++i) {
    if (text[i] == ']') return i;
    if (text[i] != '\'' && text[i] != '"') continue;
    i = text.find(text[i], i + 1);
    if (i == std::string_view::npos) return i;
  }
  return std::string_view::npos;
}

int64_t rounded(std::string_view text) {
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  int64_t whole = 0;
  for (const char c : text.substr(0, point)) whole = std::min(whole * 10 + (c - '0'), kFar);
  const std::string_view rest = point < text.size() ? text.substr(point + 1) : std::string_view();
  const bool half = !rest.empty() && rest[0] >= '5';
  const bool more = half && (rest[0] > '5' || rest.find_first_not_of('0', 1) != std::string_view::npos);
  if (negative) return -(whole + (more ? 1 : 0));
  return whole + (half ? 1 : 0);
}

std::string_view slice(std::string_view text, int64_t from, int64_t to) {
  size_t begin = text.size(), end = text.size();
  int64_t position = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (continues(text[i])) continue;
    ++position;
    if (position >= to) {
      end = i;
      break;
    }
    if (position == std::max<int64_t>(from, 1)) begin = i;
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

size_t change_case(std::string_view text, bool up, char* out) {
  size_t size = 0;
  for (size_t i = 0; i < text.size();) {
    utf8proc_int32_t c = 0;
    const auto taken = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + i),
                                        static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    utf8proc_uint8_t bytes[4] = {static_cast<utf8proc_uint8_t>(text[i])};
    const auto made = taken < 1 ? 1 : utf8proc_encode_char(up ? utf8proc_toupper(c) : utf8proc_tolower(c), bytes);
    if (out) std::memcpy(out + size, bytes, static_cast<size_t>(made));
    size += static_cast<size_t>(made);
    i += taken < 1 ? 1 : static_cast<size_t>(taken);
  }
  return size;
}

void write_day(int year, int month, int day, char* out) {
  const int parts[] = {year / 100, year % 100, month, day};
  for (size_t i = 0; i < 4; ++i) {
    if (i > 1) *out++ = '-';
    *out++ = static_cast<char>('0' + parts[i] / 10);
    *out++ = static_cast<char>('0' + parts[i] % 10);
  }
}

}  // namespace lt::mapping
