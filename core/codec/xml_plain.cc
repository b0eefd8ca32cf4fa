#include "core/codec/xml_plain.h"

#include <emmintrin.h>
#include <libxml/uri.h>

#include <array>
#include <cstring>

#include "core/codec/xml_library.h"

namespace lt::codec {
namespace {

constexpr size_t kLargest = 4 << 20;  // read in vain it costs a third of what libxml2 then takes
constexpr size_t kAttributes = 32;    // of one element: each is compared with the others
constexpr size_t kBindings = 32;      // of prefixes at one time
constexpr size_t kPadding = 16;       // zeros behind the text: blocks are read beyond its end

enum Look : uint8_t { first_of_name = 1, in_name = 2, blank = 4 };

constexpr std::array<uint8_t, 256> make_looks() {
  std::array<uint8_t, 256> looks{};
  for (unsigned c = 0; c < 128; ++c) {
    const bool letter = (c | 32u) - 'a' < 26u || c == '_';
    const bool more = letter || (c >= '0' && c <= '9') || c == '-' || c == '.';
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    looks[c] = static_cast<uint8_t>((letter ? first_of_name : 0) | (more ? in_name : 0) | (space ? blank : 0));
  }
  return looks;
}
constexpr auto kLooks = make_looks();

bool is(char c, Look look) { return kLooks[static_cast<unsigned char>(c)] & look; }

bool all_blank(std::string_view text) {
  for (const char c : text)
    if (!is(c, blank)) return false;
  return true;
}

// Bytes from `at` that need no look: none of < & ] " ', no control characters, none of those that begin U+FFFE.
const char* plain(const char* at) {
  const auto same = [](__m128i block, char c) { return _mm_cmpeq_epi8(block, _mm_set1_epi8(c)); };
  for (;; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
    const __m128i quotes = _mm_or_si128(same(block, '"'), same(block, '\''));
    const __m128i markup = _mm_or_si128(_mm_or_si128(same(block, '<'), same(block, '&')),
                                        _mm_or_si128(same(block, ']'), same(block, '\xEF')));
    const int found = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(control, quotes), markup));
    if (found != 0) return at + __builtin_ctz(static_cast<unsigned>(found));
  }
}

// U+FFFE and U+FFFF, of which `at` is the first byte.
bool no_character(const char* at) { return at[1] == '\xBF' && static_cast<unsigned char>(at[2]) >= 0xBE; }

char* put_utf8(uint32_t c, char* to) {
  const auto more = [&](unsigned shift) { *to++ = static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    *to++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *to++ = static_cast<char>(0xC0 | c >> 6);
    more(0);
  } else if (c < 0x10000) {
    *to++ = static_cast<char>(0xE0 | c >> 12);
    more(6), more(0);
  } else {
    *to++ = static_cast<char>(0xF0 | c >> 18);
    more(12), more(6), more(0);
  }
  return to;
}

// What stands after '&', up to and with ';', goes to `to`. Null: unknown, or no character of XML.
const char* reference(const char* at, char*& to) {
  constexpr std::pair<std::string_view, char> kNamed[] = {
      {"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}};
  for (const auto& [name, c] : kNamed)
    if (std::strncmp(at, name.data(), name.size()) == 0) {
      *to++ = c;
      return at + name.size();
    }
  if (*at++ != '#') return nullptr;
  const bool hex = *at == 'x';
  if (hex) ++at;
  uint32_t code = 0;
  int digits = 0;
  for (; *at != ';'; ++at) {
    const char c = *at, low = static_cast<char>(c | 32);
    const bool letter = hex && low >= 'a' && low <= 'f';
    if ((c < '0' || c > '9') && !letter) return nullptr;
    if (++digits > 7) return nullptr;
    code = code * (hex ? 16 : 10) + static_cast<uint32_t>(letter ? low - 'a' + 10 : c - '0');
  }
  const bool space = code == '\t' || code == '\n' || code == '\r';
  if (digits == 0 || (code < 0x20 && !space) || (code >= 0xD800 && code < 0xE000) || (code | 1) == 0xFFFF ||
      code > 0x10FFFF)
    return nullptr;
  to = put_utf8(code, to);
  return at + 1;
}

// A piece of the copy; `raw` has references or carriage returns still.
struct Piece {
  char* at = nullptr;
  size_t size = 0;
  bool raw = false;
  std::string_view view() const { return size == 0 ? std::string_view() : std::string_view(at, size); }
};

// In place: what is decoded is never longer. False: not for this reader.
bool decode(Piece& piece) {
  if (!piece.raw) return true;
  const char *at = piece.at, *const end = piece.at + piece.size;
  char* to = piece.at;
  while (at < end) {
    if (*at == '&') {
      at = reference(at + 1, to);
      if (!at || at > end) return false;
    } else if (*at == '\r') {
      at += at + 1 < end && at[1] == '\n' ? 2 : 1;
      *to++ = '\n';
    } else {
      *to++ = *at++;
    }
  }
  piece.size = static_cast<size_t>(to - piece.at);
  piece.raw = false;
  return true;
}

class Reader {
 public:
  Reader(Tree& tree, const XmlOptions& options) : tree_(tree), options_(options) {}

  Node* read(std::string_view body) {
    char* const copy = tree_.allocate(body.size() + kPadding);
    std::memcpy(copy, body.data(), body.size());
    std::memset(copy + body.size(), 0, kPadding);
    at_ = copy;
    if (!declaration() || *at_ != '<') return nullptr;
    do {
      if (!text() || !(at_[1] == '/' ? end_tag() : start_tag())) return nullptr;
    } while (depth_ > 0);
    skip_blanks();
    return at_ == copy + body.size() ? root_ : nullptr;
  }

 private:
  struct Open {  // not initialised by the hundred
    Node* node;
    const char* name;  // with its prefix
    size_t size, bindings;
  };
  struct Binding {
    std::string_view prefix, uri;
  };
  struct Attribute {
    char* name;
    size_t prefix, size;  // of the local name, after the prefix
    Piece value;
    std::string_view prefix_view() const { return {name, prefix}; }
    char* local() const { return name + prefix + (prefix > 0 ? 1 : 0); }
    std::string_view local_view() const { return {local(), size}; }
  };

  bool take(std::string_view word) {
    if (std::strncmp(at_, word.data(), word.size()) != 0) return false;
    at_ += word.size();
    return true;
  }

  bool skip_blanks() {
    const char* const from = at_;
    for (; is(*at_, blank); ++at_) line_ += *at_ == '\n';
    return at_ != from;
  }

  bool declaration() {
    if (!take("<?xml version=\"1.0\"")) return true;
    if (take(" encoding=\"") && !take("UTF-8\"") && !take("utf-8\"")) return false;
    if (!take("?>")) return false;
    skip_blanks();
    return true;
  }

  // "prefix:local" or "local".
  bool name(size_t& prefix, size_t& size) {
    const char* from = at_;
    prefix = 0;
    if (!is(*at_, first_of_name)) return false;
    while (is(*++at_, in_name)) continue;
    if (*at_ == ':') {
      prefix = static_cast<size_t>(at_ - from);
      from = ++at_;
      if (!is(*at_, first_of_name)) return false;
      while (is(*++at_, in_name)) continue;
    }
    size = static_cast<size_t>(at_ - from);
    return size <= limits::kName && prefix <= limits::kName;
  }

  // Up to the next tag. It stays as it came until it is known to be kept.
  bool text() {
    text_ = {at_, 0, false};
    for (;;) {
      at_ = const_cast<char*>(plain(at_));
      const char c = *at_;
      if (c == '<') break;
      if (c == '\n')
        ++line_;
      else if (c == '&' || c == '\r')
        text_.raw = true;
      else if ((c == ']' && at_[1] == ']' && at_[2] == '>') || (c == '\xEF' && no_character(at_)) ||
               (static_cast<unsigned char>(c) < 0x20 && c != '\t'))
        return false;
      ++at_;
    }
    text_.size = static_cast<size_t>(at_ - text_.at);
    return text_.size <= options_.longest;
  }

  Node* make(Kind kind, std::string_view name) {
    if (++count_ > options_.nodes) return nullptr;
    Node* node = tree_.make(kind, name);
    node->line = line_;
    return node;
  }

  bool add_text(Node* to) {
    Node* node = make(Kind::text, "#text");
    if (!node) return false;
    node->text = text_.view();
    tree_.append(to, node);
    return true;
  }

  // Text beside child elements: blanks are layout.
  bool text_beside(Node* of) { return decode(text_) && (all_blank(text_.view()) || add_text(of)); }

  bool start_tag() {
    char* const from = ++at_;
    size_t prefix = 0, size = 0;
    if (!name(prefix, size)) return false;
    const std::string_view whole(from, static_cast<size_t>(at_ - from));
    before_tag_ = bound_;
    attributes_ = 0;
    for (;;) {
      const bool parted = skip_blanks();
      if (*at_ == '>' || *at_ == '/') break;
      if (!parted || !attribute()) return false;
    }
    const bool empty = *at_ == '/';
    at_ += empty ? 2 : 1;
    if (empty && at_[-1] != '>') return false;
    if (static_cast<size_t>(at_ - from) > options_.longest || depth_ >= options_.depth || depth_ == stack_.size())
      return false;
    Node* const parent = depth_ > 0 ? stack_[depth_ - 1].node : nullptr;
    if (parent && !text_beside(parent)) return false;
    Node* node = make(Kind::object, whole.substr(whole.size() - size));
    if (!node || !find_uri(whole.substr(0, prefix), node->ns)) return false;
    if (parent)
      tree_.append(parent, node);
    else
      root_ = node;
    if (!add_attributes(node)) return false;
    stack_[depth_++] = {node, whole.data(), whole.size(), before_tag_};
    if (!empty) return true;
    text_ = {};
    return close();
  }

  bool attribute() {
    if (attributes_ == found_.size() || attributes_ + (bound_ - before_tag_) >= options_.attributes) return false;
    Attribute& attribute = found_[attributes_];
    attribute.name = at_;
    if (!name(attribute.prefix, attribute.size)) return false;
    skip_blanks();
    if (*at_++ != '=') return false;
    skip_blanks();
    const char quote = *at_++;
    if (quote != '"' && quote != '\'') return false;
    attribute.value = {at_, 0, false};
    for (;; ++at_) {
      at_ = const_cast<char*>(plain(at_));
      const char c = *at_;
      if (c == quote) break;
      if (c == '&') attribute.value.raw = true;
      if (c == '<' || static_cast<unsigned char>(c) < 0x20 || (c == '\xEF' && no_character(at_))) return false;
    }
    attribute.value.size = static_cast<size_t>(at_++ - attribute.value.at);
    if (attribute.prefix_view() == "xmlns") return bind(attribute.local_view(), attribute.value);
    if (attribute.prefix == 0 && attribute.local_view() == "xmlns") return bind({}, attribute.value);
    ++attributes_;
    return decode(attribute.value);
  }

  // libxml2 judges the URI, and must never see one with references here.
  bool bind(std::string_view prefix, const Piece& value) {
    const std::string_view uri = value.view();
    if (value.raw || bound_ == bindings_.size() || declared_here(prefix) || prefix.starts_with("xml") ||
        uri.size() > limits::kName || (uri.empty() && !prefix.empty()) || uri.starts_with("http://www.w3.org/XML/") ||
        uri.starts_with("http://www.w3.org/2000/xmlns"))
      return false;
    if (!uri.empty()) {
      start_xml_library();
      char text[limits::kName + 1];
      text[uri.copy(text, uri.size())] = '\0';
      const xmlURIPtr parsed = xmlParseURI(text);
      if (!parsed) return false;
      xmlFreeURI(parsed);
    }
    bindings_[bound_++] = {prefix, uri};
    return true;
  }

  bool declared_here(std::string_view prefix) const {
    for (size_t i = bound_; i-- > before_tag_;)
      if (bindings_[i].prefix == prefix) return true;
    return false;
  }

  // False: no such prefix.
  bool find_uri(std::string_view prefix, std::string_view& uri) const {
    for (size_t i = bound_; i-- > 0;)
      if (bindings_[i].prefix == prefix) {
        uri = bindings_[i].uri;
        return true;
      }
    return prefix.empty();
  }

  bool add_attributes(Node* to) {
    for (size_t i = 0; i < attributes_; ++i) {
      const Attribute& attribute = found_[i];
      std::string_view uri;
      if (attribute.prefix > 0 && !find_uri(attribute.prefix_view(), uri)) return false;
      const std::string_view local = attribute.local_view();
      for (const Node* other = to->first; other; other = other->next)
        if (other->name.substr(1) == local && other->ns == uri) return false;
      char* const name = attribute.local() - 1;  // over the colon or blank
      *name = '@';
      Node* node = make(Kind::text, {name, attribute.size + 1});
      if (!node) return false;
      node->ns = uri;
      node->text = attribute.value.view();
      tree_.append(to, node);
    }
    return true;
  }

  bool end_tag() {
    if (depth_ == 0) return false;
    at_ += 2;
    const Open& open = stack_[depth_ - 1];
    if (!take({open.name, open.size})) return false;
    skip_blanks();
    return *at_++ == '>' && close();
  }

  bool close() {
    const Open& open = stack_[--depth_];
    Node* const node = open.node;
    bound_ = open.bindings;
    if (!node->first) {
      if (!decode(text_)) return false;
      node->kind = Kind::text;
      node->text = text_.view();
      return true;
    }
    if (!node->last->name.starts_with('@')) return text_beside(node);
    return decode(text_) && (text_.size == 0 || add_text(node));
  }

  Tree& tree_;
  const XmlOptions& options_;
  char* at_ = nullptr;  // in the copy
  uint32_t line_ = 1;
  Node* root_ = nullptr;
  Piece text_;  // since the last tag
  size_t count_ = 0, depth_ = 0, attributes_ = 0;
  size_t bound_ = 0, before_tag_ = 0;  // bindings there are, and were before this tag
  std::array<Open, limits::kDocumentDepth> stack_;
  std::array<Binding, kBindings> bindings_;
  std::array<Attribute, kAttributes> found_;
};

}  // namespace

Node* read_plain_xml(std::string_view body, Tree& tree, const XmlOptions& options) {
  if (body.size() > kLargest || body.size() > options.text || body.size() > options.body) return nullptr;
  return Reader(tree, options).read(body);
}

}  // namespace lt::codec
