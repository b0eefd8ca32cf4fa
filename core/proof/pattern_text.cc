#include "core/proof/pattern_text.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "core/base/text.h"
#include "core/proof/text_draw.h"

namespace lt::proof {
namespace {

constexpr size_t kDeepest = 50;
constexpr uint32_t kNoEnd = UINT32_MAX;
constexpr uint64_t kRepetitions = 6;  // above the least
constexpr int kTries = 24;
constexpr size_t kLongestPattern = 2'000, kLongestMatch = 20'000;

// What people write, the plainest first.
constexpr std::string_view kPool =
    "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ -_.,/:;()'\"!?@#$%&*+<=>[\\]^`{|}~"
    "àáảãạăằắặâầấậđèéẹêềếệìíịòóọôồốộơờớợùúụưừứựỳýỵÀÁÂĂĐÊÔƠƯÝéñ½²٣०€“”–…、漢Ωж𠊛😀\u0301\u00a0";

size_t size_of_code_point(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

void append_code_point(uint32_t c, std::string& out) {
  const auto put = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0 | c >> 6);
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3f));
  } else {
    put(0xf0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3f));
    put(0x80 | (c >> 6 & 0x3f));
  }
  put(0x80 | (c & 0x3f));
}

std::unique_ptr<const re2::RE2> compiled(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto out = std::make_unique<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!out->ok()) out.reset();
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t size = std::min(size_of_code_point(text[0]), text.size());
    out.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return out;
}

// The number of \x41 or \x{1F600} at the front of `rest`.
std::optional<uint32_t> take_hex(std::string_view& rest) {
  const bool braces = rest.substr(0, 3) == "\\x{";
  const size_t end = braces ? rest.find('}') : 4;
  if (end == rest.npos || end > rest.size()) return std::nullopt;
  const std::string_view digits = braces ? rest.substr(3, end - 3) : rest.substr(2, 2);
  uint32_t value = 0;
  const auto [at, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || at != digits.data() + digits.size() || value > 0x10ffff) return std::nullopt;
  rest.remove_prefix(braces ? end + 1 : end);
  return value;
}

}  // namespace

struct PatternText::Part {
  enum class Kind : uint8_t { letter, sequence, choice, repeat } kind = Kind::sequence;
  std::vector<std::string> letters;  // one of these
  std::vector<Part> children;
  uint32_t least = 1, most = 1;
};

struct PatternText::Parsed {
  std::unique_ptr<const re2::RE2> regex;
  Part root;
};

namespace {

using Part = PatternText::Part;

class Parser {
 public:
  explicit Parser(std::string_view pattern) : rest_(pattern) {}

  std::optional<Part> run() {
    Part out;
    if (!alternation(out) || !rest_.empty()) return std::nullopt;
    return out;
  }

 private:
  bool alternation(Part& out) {
    if (++depth_ > kDeepest) return false;
    out.kind = Part::Kind::choice;
    do {
      Part branch;
      while (!rest_.empty() && rest_[0] != '|' && rest_[0] != ')')
        if (!piece(branch)) return false;
      out.children.push_back(std::move(branch));
    } while (take("|"));
    --depth_;
    return true;
  }

  bool piece(Part& out) {
    Part atom;
    if (!(take("\\Q") ? quoted(out, atom) : read_atom(atom))) return false;
    Part repeat;
    if (!take_quantifier(repeat)) return false;
    if (repeat.least == 1 && repeat.most == 1) {
      out.children.push_back(std::move(atom));
      return true;
    }
    repeat.kind = Part::Kind::repeat;
    repeat.children.push_back(std::move(atom));
    out.children.push_back(std::move(repeat));
    return true;
  }

  // The last letter is the one a quantifier behind \E counts.
  bool quoted(Part& out, Part& last) {
    const size_t end = std::min(rest_.find("\\E"), rest_.size());
    std::vector<std::string> letters = split(rest_.substr(0, end));
    for (size_t i = 0; i + 1 < letters.size(); ++i) out.children.push_back(one({std::move(letters[i])}));
    if (!letters.empty()) last = one({std::move(letters.back())});
    rest_.remove_prefix(std::min(end + 2, rest_.size()));
    return true;
  }

  static Part one(std::vector<std::string> letters) {
    Part out;
    out.kind = Part::Kind::letter;
    out.letters = std::move(letters);
    return out;
  }

  bool read_atom(Part& out) {
    const char c = rest_[0];
    if (c == '(') return group(out);
    if (c == '[') return bracket(out);
    if (c == '\\') return escape(out);
    if (c == '.') {
      rest_.remove_prefix(1);
      return letters_of(".", out);
    }
    if (take("^") || take("$")) return true;
    if (c == '*' || c == '+' || c == '?') return false;
    const size_t size = std::min(size_of_code_point(c), rest_.size());
    out = one({std::string(rest_.substr(0, size))});
    rest_.remove_prefix(size);
    return true;
  }

  bool group(Part& out) {
    rest_.remove_prefix(1);
    if (take("?")) {
      const bool named = rest_.substr(0, 2) == "P<" || rest_.substr(0, 1) == "<";
      const size_t end = rest_.find_first_of(named ? ">" : ":)");
      if (end == rest_.npos) return false;
      const bool flags_only = rest_[end] == ')';
      rest_.remove_prefix(end + 1);
      if (flags_only) return true;
    }
    return alternation(out) && take(")");
  }

  bool bracket(Part& out) {
    size_t end = 1;
    if (end < rest_.size() && rest_[end] == '^') ++end;
    if (end < rest_.size() && rest_[end] == ']') ++end;
    while (end < rest_.size() && rest_[end] != ']') {
      if (rest_.substr(end, 2) == "[:") {
        const size_t close = rest_.find(":]", end);
        if (close == rest_.npos) return false;
        end = close + 2;
      } else {
        end += rest_[end] == '\\' ? 2 : 1;
      }
    }
    if (end >= rest_.size()) return false;
    const std::string_view text = rest_.substr(0, end + 1);
    rest_.remove_prefix(end + 1);
    return letters_of(text, out);
  }

  bool escape(Part& out) {
    if (rest_.size() < 2) return false;
    const char c = rest_[1];
    if (std::string_view("bBAz").find(c) != std::string_view::npos) {
      rest_.remove_prefix(2);
      return true;
    }
    if (std::string_view("dDwWsS").find(c) != std::string_view::npos) {
      const std::string_view text = rest_.substr(0, 2);
      rest_.remove_prefix(2);
      return letters_of(text, out);
    }
    if (c == 'p' || c == 'P') {
      const size_t size = rest_.substr(2, 1) == "{" ? rest_.find('}') + 1 : 3;
      if (size == 0 || size > rest_.size()) return false;
      const std::string_view text = rest_.substr(0, size);
      rest_.remove_prefix(size);
      return letters_of(text, out);
    }
    std::string letter;
    if (c == 'x') {
      const auto value = take_hex(rest_);
      if (!value) return false;
      append_code_point(*value, letter);
    } else {
      static constexpr std::string_view kNames = "ntrfva", kMeant = "\n\t\r\f\v\a";
      const size_t at = kNames.find(c);
      const bool punctuation =
          c > ' ' && c < 127 && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
      if (at == kNames.npos && !punctuation) return false;
      letter = at == kNames.npos ? c : kMeant[at];
      rest_.remove_prefix(2);
    }
    out = one({std::move(letter)});
    return true;
  }

  // Which letters of the pool, and of those it names itself, a class holds.
  static bool letters_of(std::string_view text, Part& out) {
    const auto regex = compiled("^(?:" + std::string(text) + ")$");
    if (!regex) return false;
    std::vector<std::string> letters;
    const auto add = [&](std::string letter) {
      const bool known = std::find(letters.begin(), letters.end(), letter) != letters.end();
      if (!known && is_utf8(letter) && re2::RE2::FullMatch(letter, *regex)) letters.push_back(std::move(letter));
    };
    static const std::vector<std::string> pool = split(kPool);
    for (const std::string& letter : pool) add(letter);
    for (std::string_view rest = text; !rest.empty();) {
      std::string_view hex = rest;
      std::string letter;
      if (const auto value = rest.substr(0, 2) == "\\x" ? take_hex(hex) : std::nullopt) {
        append_code_point(*value, letter);
        rest = hex;
      } else {
        letter = rest.substr(0, std::min(size_of_code_point(rest[0]), rest.size()));
        rest.remove_prefix(letter.size());
      }
      add(std::move(letter));
    }
    // Line breaks only where nothing else would do: many forms of text do not keep them.
    if (letters.empty() || letters == std::vector<std::string>{" "})
      for (const char* blank : {"\t", "\n", "\r"}) add(blank);
    out = one(std::move(letters));
    return !out.letters.empty();
  }

  bool take_quantifier(Part& out) {
    if (rest_.empty()) return true;
    if (take("*")) {
      out.least = 0;
      out.most = kNoEnd;
    } else if (take("+")) {
      out.most = kNoEnd;
    } else if (take("?")) {
      out.least = 0;
    } else if (rest_[0] == '{') {
      // "{" without numbers is a letter to RE2, and was taken as one when it came first.
      std::string_view rest = rest_.substr(1);
      if (!take_number(rest, out.least)) return true;
      out.most = out.least;
      if (!rest.empty() && rest[0] == ',') {
        rest.remove_prefix(1);
        if (!take_number(rest, out.most)) out.most = kNoEnd;
      }
      if (rest.empty() || rest[0] != '}') return false;
      rest_ = rest.substr(1);
    } else {
      return true;
    }
    take("?");
    return true;
  }

  static bool take_number(std::string_view& rest, uint32_t& out) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), out);
    if (error != std::errc()) return false;
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    return true;
  }

  bool take(std::string_view text) {
    if (rest_.substr(0, text.size()) != text) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  std::string_view rest_;
  size_t depth_ = 0;
};

void write(const Part& part, uint64_t extent, Variety& variety, std::string& out) {
  if (out.size() > kLongestMatch) return;
  switch (part.kind) {
    case Part::Kind::letter:
      out += part.letters[variety.below(part.letters.size())];
      break;
    case Part::Kind::sequence:
      for (const Part& child : part.children) write(child, extent, variety, out);
      break;
    case Part::Kind::choice:
      write(part.children[variety.below(part.children.size())], extent, variety, out);
      break;
    case Part::Kind::repeat: {
      const uint64_t more = std::min<uint64_t>(extent, part.most - part.least);
      const uint64_t count = part.least + (variety.plain() ? more : variety.below(more + 1));
      for (uint64_t i = 0; i < count; ++i) write(part.children[0], extent, variety, out);
      break;
    }
  }
}

}  // namespace

PatternText::PatternText(std::unique_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
PatternText::PatternText(PatternText&&) noexcept = default;
PatternText& PatternText::operator=(PatternText&&) noexcept = default;
PatternText::~PatternText() = default;

std::optional<PatternText> PatternText::parse(std::string_view pattern) {
  if (pattern.size() > kLongestPattern) return std::nullopt;
  auto parsed = std::make_unique<Parsed>();
  parsed->regex = compiled(pattern);
  if (!parsed->regex) return std::nullopt;
  auto root = Parser(pattern).run();
  if (!root) return std::nullopt;
  parsed->root = std::move(*root);
  return PatternText(std::move(parsed));
}

bool PatternText::matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *parsed_->regex);
}

std::optional<std::string> PatternText::draw(Draw& draw, uint64_t least, uint64_t most) const {
  uint64_t extent = draw.below(kRepetitions);
  const uint64_t seed = draw.below(1 << 16);
  std::string out;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    Variety variety(attempt == 0 ? seed : seed + static_cast<uint64_t>(attempt) * 0x10001);
    out.clear();
    write(parsed_->root, extent, variety, out);
    const uint64_t length = count_code_points(out);
    if (length >= least && length <= most && matches(out)) return out;
    if (length < least) extent = std::min<uint64_t>(extent * 2 + 1, kLongestText);
    if (length > most) extent /= 2;
  }
  return std::nullopt;
}

}  // namespace lt::proof
