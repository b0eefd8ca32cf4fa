#include "core/base/json_text.h"

#include <array>

namespace lt {
namespace {

// What follows the backslash; 'u' for the long form; 0 for characters written as they are.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> escapes{};
  for (int c = 0; c < 0x20; ++c) escapes[c] = 'u';
  escapes[0x7f] = 'u';  // JSON does not ask for it; terminals that show a log do
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}
constexpr auto kEscapes = make_escapes();

}  // namespace

void escape_json(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  size_t from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[c];
    if (!escape) continue;
    out.append(text, from, i - from);
    from = i + 1;
    out.push_back('\\');
    out.push_back(escape);
    if (escape == 'u') out.append("00").append(1, kHex[c >> 4]).append(1, kHex[c & 15]);
  }
  out.append(text, from, text.size() - from);
}

void quote_json(std::string_view text, std::string& out) {
  out.push_back('"');
  escape_json(text, out);
  out.push_back('"');
}

std::string quote_json(std::string_view text) {
  std::string out;
  quote_json(text, out);
  return out;
}

}  // namespace lt
