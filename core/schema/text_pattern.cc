#include "core/schema/text_pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <cctype>
#include <charconv>
#include <limits>

namespace lt::schema {
namespace {

constexpr size_t kMany = std::numeric_limits<size_t>::max();
constexpr std::string_view kMeta = "^$.|?*+()[]{}\\";

// One character of a simple pattern, escaped or not; false for anything that is more than one ASCII character.
bool take_char(std::string_view& rest, char& out, bool in_class) {
  if (rest.empty()) return false;
  char c = rest[0];
  if (c == '\\') {
    if (rest.size() < 2 || std::isalnum(static_cast<unsigned char>(rest[1]))) return false;
    c = rest[1];
    rest.remove_prefix(2);
  } else {
    if (!in_class && kMeta.find(c) != kMeta.npos) return false;
    rest.remove_prefix(1);
  }
  out = c;
  return static_cast<unsigned char>(c) < 128;
}

void add_range(std::bitset<256>& bytes, unsigned char from, unsigned char to) {
  for (unsigned c = from; c <= to; ++c) bytes.set(c);
}

bool take_class(std::string_view& rest, std::bitset<256>& bytes) {
  rest.remove_prefix(1);
  if (rest.empty() || rest[0] == '^' || rest[0] == ']') return false;
  while (!rest.empty() && rest[0] != ']') {
    if (rest[0] == '[') return false;  // [:alpha:] and the like
    if (rest.substr(0, 2) == "\\d") {
      add_range(bytes, '0', '9');
      rest.remove_prefix(2);
      continue;
    }
    char from = 0;
    if (!take_char(rest, from, true)) return false;
    char to = from;
    if (rest.size() > 1 && rest[0] == '-' && rest[1] != ']') {
      rest.remove_prefix(1);
      if (!take_char(rest, to, true) || to < from) return false;
    }
    add_range(bytes, static_cast<unsigned char>(from), static_cast<unsigned char>(to));
  }
  if (rest.empty()) return false;
  rest.remove_prefix(1);
  return true;
}

bool take_number(std::string_view& rest, size_t& out) {
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), out);
  if (error != std::errc() || out > 1000) return false;
  rest.remove_prefix(static_cast<size_t>(end - rest.data()));
  return true;
}

bool take_repeat(std::string_view& rest, size_t& least, size_t& most) {
  least = most = 1;
  if (rest.empty()) return true;
  const char c = rest[0];
  if (c == '+' || c == '*' || c == '?') {
    least = c == '+' ? 1 : 0;
    most = c == '?' ? 1 : kMany;
    rest.remove_prefix(1);
  } else if (c == '{') {
    rest.remove_prefix(1);
    if (!take_number(rest, least)) return false;
    most = least;
    if (!rest.empty() && rest[0] == ',') {
      rest.remove_prefix(1);
      most = kMany;
      if (!rest.empty() && rest[0] != '}' && (!take_number(rest, most) || most < least)) return false;
    }
    if (rest.empty() || rest[0] != '}') return false;
    rest.remove_prefix(1);
  }
  // A second repeat (`+?`, `{2}*`) is RE2's business.
  return rest.empty() || (rest[0] != '?' && rest[0] != '*' && rest[0] != '+' && rest[0] != '{');
}

Error refused(std::string_view pattern, std::string why) {
  return Error(Code::schema_pattern, fmt::format("\"{}\": {}", pattern, why));
}

}  // namespace

std::string ecma_to_re2(std::string_view pattern) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    if (rest[0] == '\\' && rest.size() >= 2) {
      if (rest[1] == 'u' && rest.size() >= 6 &&
          rest.substr(2, 4).find_first_not_of("0123456789abcdefABCDEF") == rest.npos) {
        out += fmt::format("\\x{{{}}}", rest.substr(2, 4));
        i += 5;
      } else {
        out += rest.substr(0, 2);
        ++i;
      }
    } else if (rest.substr(0, 3) == "(?<" && rest.size() > 3 && rest[3] != '=' && rest[3] != '!') {
      out += "(?P<";
      i += 2;
    } else {
      out += rest[0];
    }
  }
  return out;
}

Result<std::string> xsd_to_re2(std::string_view pattern) {
  std::string out = "^(?:";
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[++i];
      if (next == 'i' || next == 'c' || next == 'I' || next == 'C')
        return fail(refused(pattern, "\\i and \\c are not supported, write the class out"));
      if (next == 'w' || next == 'W') {
        if (in_class) return fail(refused(pattern, "\\w inside [] is not supported, write the class out"));
        out += next == 'w' ? "[^\\p{P}\\p{Z}\\p{C}]" : "[\\p{P}\\p{Z}\\p{C}]";
      } else if (next == 'd' || next == 'D') {
        out += next == 'd' ? "\\p{Nd}" : "\\P{Nd}";
      } else {
        out += {'\\', next};
      }
      continue;
    }
    if (in_class && c == '-' && i + 1 < pattern.size() && pattern[i + 1] == '[')
      return fail(refused(pattern, "class subtraction [a-z-[aeiou]] is not supported, write the class out"));
    if (!in_class && (c == '^' || c == '$')) out += '\\';
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    out += c;
  }
  return out + ")$";
}

TextPattern::TextPattern() = default;
TextPattern::TextPattern(TextPattern&&) noexcept = default;
TextPattern& TextPattern::operator=(TextPattern&&) noexcept = default;
TextPattern::~TextPattern() = default;

bool TextPattern::parse_simple(std::string_view pattern, std::vector<Run>& runs) {
  if (pattern.size() < 2 || pattern[0] != '^' || pattern.back() != '$') return false;
  std::string_view rest = pattern.substr(1, pattern.size() - 2);
  if (rest.substr(0, 3) == "(?:" && rest.back() == ')') rest = rest.substr(3, rest.size() - 4);
  while (!rest.empty()) {
    Run run;
    char c = 0;
    if (rest.substr(0, 2) == "\\d") {
      add_range(run.bytes, '0', '9');
      rest.remove_prefix(2);
    } else if (rest[0] == '[') {
      if (!take_class(rest, run.bytes)) return false;
    } else if (take_char(rest, c, false)) {
      run.bytes.set(static_cast<unsigned char>(c));
    } else {
      return false;
    }
    if (!take_repeat(rest, run.least, run.most)) return false;
    runs.push_back(run);
  }
  // Greedy is right only when a run of varying length cannot eat what a later run needs.
  for (size_t i = 0; i + 1 < runs.size(); ++i) {
    if (runs[i].least == runs[i].most) continue;
    for (size_t j = i + 1; j < runs.size(); ++j) {
      if ((runs[i].bytes & runs[j].bytes).any()) return false;
      if (runs[j].least > 0) break;
    }
  }
  return true;
}

Result<TextPattern> TextPattern::compile(const std::string& re2_syntax) {
  TextPattern out;
  out.text_ = re2_syntax;
  if (parse_simple(re2_syntax, out.runs_)) return out;
  out.runs_.clear();
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  out.regex_ = std::make_unique<re2::RE2>(re2_syntax, options);
  if (!out.regex_->ok()) return fail(refused(re2_syntax, out.regex_->error()));
  return out;
}

bool TextPattern::matches(std::string_view text) const {
  if (regex_ != nullptr) return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
  size_t at = 0;
  for (const Run& run : runs_) {
    size_t count = 0;
    while (count < run.most && at < text.size() && run.bytes[static_cast<unsigned char>(text[at])]) {
      ++count;
      ++at;
    }
    if (count < run.least) return false;
  }
  return at == text.size();
}

}  // namespace lt::schema
