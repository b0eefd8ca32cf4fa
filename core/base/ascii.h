// Letters of ASCII and no others, for the words of protocols: names of headers and of elements, hosts, endings of
// files. For what people write see text.h.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace lt {

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

inline std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii_lower(c);
  return out;
}

// But for the case of ASCII letters.
inline bool same_ascii(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

}  // namespace lt
