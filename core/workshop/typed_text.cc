#include "core/workshop/typed_text.h"

#include <algorithm>

namespace lt::workshop {
namespace {

constexpr char kCursor = '\x01';

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}
std::string unquoted(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || (text[0] != '"' && text[0] != '\'')) return std::string(text);
  const char quote = text[0];
  text.remove_prefix(1);
  if (!text.empty() && text.back() == quote) text.remove_suffix(1);
  return std::string(text);
}

// Where the quote that opens at `at` closes, or the end. In '..' a doubled quote is one that stands for itself.
size_t after_quote(std::string_view text, size_t at) {
  const char quote = text[at];
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == quote && quote == '\'' && text.substr(i + 1, 1) == "'")
      ++i;
    else if (text[i] == quote)
      return i + 1;
  }
  return text.size();
}
bool opens_quote(std::string_view text, size_t at, size_t start) {
  return (text[at] == '"' || text[at] == '\'') && trimmed(text.substr(start, at - start)).empty();
}

// The colon after a key; npos without one. `ends` are the marks that end the text before one is found.
size_t colon_of(std::string_view text, size_t from, std::string_view ends) {
  for (size_t i = from; i < text.size();) {
    if (opens_quote(text, i, from)) {
      i = after_quote(text, i);
      continue;
    }
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    if (text[i] == ':' && (blank(next) || next == '\n' || next == kCursor || ends.find(next) != ends.npos)) return i;
    if (ends.find(text[i]) != ends.npos) return text.npos;
    ++i;
  }
  return text.npos;
}

constexpr size_t kDepth = 64;  // nodes in nodes; what is deeper stands beside

// {a: b, c: [d]} as far as it goes.
class Flow {
 public:
  explicit Flow(std::string_view text) : text_(text) {}

  void value(TypedNode& into, size_t depth = 0) {
    skip();
    if (at_ < text_.size() && (text_[at_] == '{' || text_[at_] == '[') && depth < kDepth)
      members(into, text_[at_] == '[', depth);
    else
      into.text = unquoted(scalar());
  }

 private:
  void skip() {
    while (at_ < text_.size() && (blank(text_[at_]) || text_[at_] == '\n')) ++at_;
  }
  std::string_view scalar() {
    const size_t from = at_;
    int brackets = 0;  // of a path with [Field='value']
    for (; at_ < text_.size(); ++at_) {
      if (opens_quote(text_, at_, from)) at_ = after_quote(text_, at_) - 1;
      const char c = text_[at_];
      if (c == '[') ++brackets;
      if (c == ',' || c == '}' || (c == ']' && brackets-- == 0)) break;
    }
    at_ = std::min(at_, text_.size());
    return text_.substr(from, at_ - from);
  }
  void members(TypedNode& into, bool list, size_t depth) {
    const char end = list ? ']' : '}';
    ++at_;
    for (skip(); at_ < text_.size() && text_[at_] != end; skip()) {
      const size_t before = at_;
      TypedNode* node = into.members.emplace_back(std::make_unique<TypedNode>()).get();
      node->item = list;
      const bool nested = text_[at_] == '{' || text_[at_] == '[';
      const size_t colon = nested ? text_.npos : colon_of(text_, at_, ",}]");
      if (colon != text_.npos) {
        if (list) node = node->members.emplace_back(std::make_unique<TypedNode>()).get();
        node->key = unquoted(text_.substr(at_, colon - at_));
        at_ = colon + 1;
      }
      value(*node, depth + 1);
      skip();
      if (at_ < text_.size() && text_[at_] == ',') ++at_;
      if (at_ == before) ++at_;  // a mark that closes nothing
    }
    if (at_ < text_.size()) ++at_;
  }

  std::string_view text_;
  size_t at_ = 0;
};

class Block {
 public:
  explicit Block(TypedNode& root) { open_.push_back({-1, &root, false}); }

  void read(const std::string& text) {
    for (size_t at = 0; at <= text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      lines_.push_back(std::string_view(text).substr(at, end - at));
      at = end + 1;
    }
    while (line_ < lines_.size()) line();
  }

 private:
  struct Open {
    int indent;
    TypedNode* node;
    bool item;
  };

  static int indent_of(std::string_view line) {
    return static_cast<int>(std::min(line.find_first_not_of(' '), line.size()));
  }
  TypedNode* add(int indent, bool item) {
    while (open_.back().indent > indent ||
           (open_.back().indent == indent && (!item || open_.back().item || !open_.back().node->text.empty())))
      open_.pop_back();
    while (open_.size() > kDepth) open_.pop_back();
    TypedNode* node = open_.back().node->members.emplace_back(std::make_unique<TypedNode>()).get();
    node->item = item;
    open_.push_back({indent, node, item});
    return node;
  }
  void line() {
    const std::string_view line = lines_[line_++];
    const int first = indent_of(line);
    auto at = static_cast<size_t>(first);
    if (trimmed(line).empty() || line[at] == '#') return;
    TypedNode* node = nullptr;
    while (line.substr(at, 2) == "- " || line.substr(at) == "-" || line.substr(at, 2) == std::string{'-', kCursor}) {
      node = add(static_cast<int>(at), true);
      at = std::min(line.find_first_not_of(' ', at + 1), line.size());
    }
    const std::string_view rest = line.substr(at);
    if (rest.empty()) return;
    const bool flow = rest[0] == '{' || rest[0] == '[';
    const size_t colon = flow ? rest.npos : colon_of(rest, 0, "");
    if (colon == rest.npos) {
      // An item of a list, or a key without its colon yet.
      if (!node) node = add(static_cast<int>(at), false);
      value(*node, rest, first);
      return;
    }
    node = add(static_cast<int>(at), false);
    node->key = unquoted(rest.substr(0, colon));
    value(*node, rest.substr(colon + 1), first);
  }
  void value(TypedNode& node, std::string_view text, int indent) {
    text = without_comment(trimmed(text));
    std::string whole(text);
    const bool flow = text.starts_with('{') || text.starts_with('[');
    const bool folded = text.starts_with('|') || text.starts_with('>');
    if (folded) whole.clear();
    // What is not closed goes on in lines that are indented more.
    while (line_ < lines_.size() && (folded || (flow && open(whole)))) {
      const std::string_view next = lines_[line_];
      if (!trimmed(next).empty() && (indent_of(next) <= indent || (flow && trimmed(next).starts_with("- ")))) break;
      whole += (folded ? " " : "\n") + std::string(folded ? trimmed(next) : without_comment(next));
      ++line_;
    }
    if (flow)
      Flow(whole).value(node);
    else
      node.text = folded ? whole : unquoted(whole);
  }
  static bool open(std::string_view text) {
    int depth = 0;
    size_t start = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      if (opens_quote(text, i, start)) {
        i = after_quote(text, i) - 1;
        continue;
      }
      if (text[i] == '{' || text[i] == '[') ++depth;
      if (text[i] == '}' || text[i] == ']') --depth;
      if (std::string_view("{[,:").find(text[i]) != std::string_view::npos) start = i + 1;
    }
    return depth > 0;
  }
  static std::string_view without_comment(std::string_view text) {
    size_t start = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      if (opens_quote(text, i, start)) i = after_quote(text, i) - 1;
      if (i < text.size() && std::string_view("{[,:").find(text[i]) != std::string_view::npos) start = i + 1;
      if (i + 1 < text.size() && blank(text[i]) && text[i + 1] == '#') return trimmed(text.substr(0, i));
    }
    return text;
  }

  std::vector<Open> open_;
  std::vector<std::string_view> lines_;
  size_t line_ = 0;
};

bool find_cursor(TypedNode& node, TypedText& out) {
  out.path.push_back(&node);
  for (const bool key : {true, false}) {
    std::string& text = key ? node.key : node.text;
    const size_t at = text.find(kCursor);
    if (at == std::string::npos) continue;
    text.erase(at, 1);
    out.in_key = key;
    out.typed = text.substr(0, at);
    return true;
  }
  for (const auto& member : node.members)
    if (find_cursor(*member, out)) return true;
  out.path.pop_back();
  return false;
}

}  // namespace

const TypedNode* TypedNode::find(std::string_view name) const {
  for (const auto& member : members)
    if (member->key == name) return member.get();
  return nullptr;
}

std::string_view TypedNode::text_of(std::string_view name) const {
  const TypedNode* member = find(name);
  return member ? std::string_view(member->text) : std::string_view();
}

TypedText read_typed(std::string_view text, int line, int column) {
  TypedText out;
  std::string marked(text);
  size_t at = 0;
  for (int left = line - 1; left > 0 && at != std::string::npos; --left) {
    at = marked.find('\n', at);
    if (at != std::string::npos) ++at;
  }
  if (line < 1 || at == std::string::npos) {
    Block(out.root).read(marked);
    return out;
  }
  for (int left = column - 1; left > 0 && at < marked.size() && marked[at] != '\n'; --left) {
    ++at;
    while (at < marked.size() && (static_cast<unsigned char>(marked[at]) & 0xC0) == 0x80) ++at;
  }
  marked.insert(at, 1, kCursor);
  Block(out.root).read(marked);
  find_cursor(out.root, out);
  return out;
}

}  // namespace lt::workshop
