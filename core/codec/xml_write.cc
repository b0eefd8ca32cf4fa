#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "core/base/text.h"
#include "core/codec/holes.h"
#include "core/codec/xml.h"
#include "core/message/tree.h"

namespace lt::codec {
namespace {

constexpr std::string_view kXmlNs = "http://www.w3.org/XML/1998/namespace";

enum class Look : uint8_t { plain, always, quoted, forbidden, maybe_forbidden };

constexpr std::array<Look, 256> make_looks() {
  std::array<Look, 256> looks{};
  for (int c = 0; c < 0x20; ++c) looks[c] = Look::forbidden;
  for (const char c : {'&', '<', '>', '\r'}) looks[static_cast<unsigned char>(c)] = Look::always;
  for (const char c : {'"', '\n', '\t'}) looks[static_cast<unsigned char>(c)] = Look::quoted;
  looks[0xEF] = Look::maybe_forbidden;
  return looks;
}
constexpr auto kLooks = make_looks();

// U+FFFE and U+FFFF: EF BF BE and EF BF BF.
bool no_character(std::string_view text) {
  return text.size() >= 3 && text[1] == '\xBF' && static_cast<unsigned char>(text[2]) >= 0xBE;
}

std::string_view escape_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\n':
      return "&#10;";
    case '\t':
      return "&#9;";
    default:
      return "&#13;";
  }
}

// What a byte of a name is: bit 0 may stand anywhere, bit 1 also at the start. UTF-8 is looked at at the end.
constexpr std::array<uint8_t, 256> make_name_bytes() {
  std::array<uint8_t, 256> bytes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool letter = (c | 32u) - 'a' < 26u || c == '_' || c >= 0x80;
    const bool more = letter || (c >= '0' && c <= '9') || c == '-' || c == '.';
    bytes[c] = static_cast<uint8_t>((more ? 1 : 0) | (letter ? 2 : 0));
  }
  return bytes;
}
constexpr auto kNameBytes = make_name_bytes();

bool is_name(std::string_view name) {
  if (name.empty() || !(kNameBytes[static_cast<unsigned char>(name.front())] & 2)) return false;
  uint8_t all = 1;
  for (const char c : name) all &= kNameBytes[static_cast<unsigned char>(c)];
  return all != 0;
}

// Bit i is set when byte i needs a look, as below.
unsigned special_in(__m128i block) {
  const auto is = [&](char c) { return _mm_cmpeq_epi8(block, _mm_set1_epi8(c)); };
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
  const __m128i special =
      _mm_or_si128(_mm_or_si128(is('&'), is('<')), _mm_or_si128(_mm_or_si128(is('>'), is('"')), is('\xEF')));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, special)));
}

// Bytes from the start that stand for themselves wherever they are: no control characters, none of & < > ", none of
// those that begin U+FFFE and U+FFFF.
size_t plain_prefix(const char* text, size_t size) {
  const auto block = [&](size_t at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at)); };
  size_t i = 0;
  for (; i + 16 <= size; i += 16)
    if (const unsigned found = special_in(block(i))) return i + static_cast<size_t>(__builtin_ctz(found));
  if (size >= 16 && i < size) {  // the last 16, of which the first were looked at
    const unsigned found = special_in(block(size - 16)) >> (16 - (size - i));
    return found ? i + static_cast<size_t>(__builtin_ctz(found)) : size;
  }
  while (i < size && kLooks[static_cast<unsigned char>(text[i])] == Look::plain) ++i;
  return i;
}

bool is_attribute(const Node* node) { return node->name.starts_with('@'); }

// Appends to a string behind its end, which is set once.
class Text {
 public:
  explicit Text(std::string& out) : out_(out), at_(out.size()) { out_.resize(out_.capacity()); }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() { out_.resize(at_); }
  size_t size() const { return at_; }
  void cut(size_t size) { at_ = size; }
  std::string_view from(size_t at) const { return std::string_view(out_).substr(at, at_ - at); }
  void put(char c) { *room(1) = c; }
  void put(std::string_view text) { copy(text.data(), text.size(), room(text.size())); }
  void fill(size_t size, char c) { std::fill_n(room(size), size, c); }
  // What stands at `at`, once more.
  void repeat(size_t at, size_t size) {
    char* to = room(size);
    copy(out_.data() + at, size, to);
  }

 private:
  // Most pieces are short, and a call of memcpy takes as long as the rest of what is done for one.
  static void copy(const char* from, size_t size, char* to) {
    const auto ends = [&]<typename Word>(Word first, Word last) {
      std::memcpy(&first, from, sizeof first);
      std::memcpy(&last, from + size - sizeof last, sizeof last);
      std::memcpy(to, &first, sizeof first);
      std::memcpy(to + size - sizeof last, &last, sizeof last);
    };
    if (size > 16)
      std::memcpy(to, from, size);
    else if (size >= 8)
      ends(uint64_t{}, uint64_t{});
    else if (size >= 4)
      ends(uint32_t{}, uint32_t{});
    else
      for (size_t i = 0; i < size; ++i) to[i] = from[i];
  }
  char* room(size_t size) {
    if (out_.size() - at_ < size) grow(size);
    at_ += size;
    return out_.data() + at_ - size;
  }
  [[gnu::noinline]] void grow(size_t size) { out_.resize(std::max(2 * out_.size(), at_ + size)); }
  std::string& out_;
  size_t at_;
};

// The first node in document order whose name or text is not UTF-8.
const Node* not_utf8(const Node* node) {
  if (!is_utf8(node->name) || (node->scalar() && node->kind != Kind::blob && !is_utf8(node->text))) return node;
  for (const Node* child = node->scalar() ? nullptr : node->first; child; child = child->next)
    if (const Node* found = not_utf8(child)) return found;
  return nullptr;
}

// False: refused, `error` says why.
class Writer {
 public:
  Writer(const XmlWriteOptions& options, std::string& out, std::vector<BlobHole>* holes)
      : options_(options), out_(out), holes_(holes), default_(find_default()) {}

  bool document(const Node* root) {
    const size_t from = out_.size();
    if (options_.declaration) out_.put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if (root->kind == Kind::array) return refuse(root, "the root is an array");
    if (!element(root, root->name, 0, false)) return false;
    if (options_.indent) out_.put('\n');
    // Once over all: between two names or texts there is always a byte of markup, so none can mend another.
    if (is_utf8(out_.from(from))) return true;
    const Node* bad = not_utf8(root);
    return refuse(bad ? bad : root, "text that is not UTF-8");
  }
  Error take_error() { return std::move(*error_); }

 private:
  // `cleared`: the default namespace of the root is undeclared here.
  bool element(const Node* node, std::string_view name, size_t level, bool cleared) {
    if (level >= limits::kDocumentDepth) return too_deep(node);
    if (!is_name(name)) return refuse(node, "not an XML name");
    const XmlPrefix* prefix = nullptr;
    if (!node->ns.empty()) {
      prefix = find_prefix(node->ns, false);
      if (!prefix) return refuse(node, "namespace without a prefix");
    }
    const size_t from = out_.size();
    out_.put('<');
    put_name(prefix, name);
    const size_t tag_size = out_.size() - from - 1;
    if (level == 0 && !declarations(node)) return false;
    if (default_) {
      const bool wants_none = node->ns.empty(), wants_default = prefix == default_;
      if ((wants_none && !cleared) || (wants_default && cleared)) {
        if (level == 0) return refuse(node, "an element without namespace under a default namespace");
        out_.put(" xmlns=\"");
        if (wants_default && !escaped(default_->ns, true, node)) return false;
        out_.put('"');
        cleared = wants_none;
      }
    }
    for (const Node* child = node->scalar() ? nullptr : node->first; child; child = child->next)
      if (is_attribute(child) && !attribute(child)) return false;
    const size_t before = out_.size();
    out_.put('>');
    const size_t content = out_.size();
    const size_t holes = holes_ ? holes_->size() : 0;
    if (!(node->scalar() ? value(node, false) : children(node, level, cleared))) return false;
    if (out_.size() == content && (!holes_ || holes_->size() == holes)) {
      out_.cut(before);
      out_.put("/>");
    } else {
      out_.put("</");
      out_.repeat(from + 1, tag_size);
      out_.put('>');
    }
    return true;
  }

  bool children(const Node* node, size_t level, bool cleared) {
    bool indent = options_.indent, any = false;
    for (const Node* child = node->first; child && indent; child = child->next) indent = child->name != "#text";
    for (const Node* child = node->first; child; child = child->next) {
      if (is_attribute(child)) continue;
      if (child->name == "#text") {
        if (!child->scalar()) return refuse(child, "\"#text\" with children");
        if (!value(child, false)) return false;
        continue;
      }
      const bool list = child->kind == Kind::array;
      for (const Node* item = list ? child->first : child; item; item = list ? item->next : nullptr) {
        if (item->kind == Kind::array) return refuse(item, "an array inside an array");
        any = true;
        if (indent) line(level + 1);
        if (!element(item, child->name, level + 1, cleared)) return false;
      }
    }
    if (any && indent) line(level);
    return true;
  }

  bool attribute(const Node* node) {
    const auto name = node->name.substr(1);
    if (!is_name(name) || name == "xmlns") return refuse(node, "not an XML name");
    if (!node->scalar()) return refuse(node, "an attribute with children");
    const XmlPrefix* prefix = nullptr;
    const bool xml = node->ns == kXmlNs;
    if (!node->ns.empty() && !xml) {
      prefix = find_prefix(node->ns, true);
      if (!prefix) return refuse(node, "namespace without a prefix");
    }
    out_.put(' ');
    if (xml) out_.put("xml:");
    put_name(prefix, name);
    out_.put("=\"");
    if (!value(node, true)) return false;
    out_.put('"');
    return true;
  }

  bool value(const Node* node, bool quoted) {
    switch (node->kind) {
      case Kind::boolean:
        out_.put(node->flag ? "true" : "false");
        break;
      case Kind::text:
      case Kind::number:
        return escaped(node->text, quoted, node);
      case Kind::blob:
        if (!holes_) return refuse(node, "a long text kept as a blob cannot be written here");
        holes_->push_back({out_.size(), node});
        break;
      case Kind::null:
      case Kind::array:
      case Kind::object:
        break;
    }
    return true;
  }

  bool declarations(const Node* root) {
    for (const auto& [ns, prefix] : options_.prefixes) {
      const auto same = [&p = prefix](const XmlPrefix& other) { return other.prefix == p; };
      if (std::count_if(options_.prefixes.begin(), options_.prefixes.end(), same) > 1 || ns.empty() ||
          prefix == "xml" || prefix == "xmlns" || (!prefix.empty() && !is_name(prefix)))
        return refuse(root, "a namespace prefix that cannot be declared");
      out_.put(prefix.empty() ? " xmlns" : " xmlns:");
      out_.put(prefix);
      out_.put("=\"");
      if (!escaped(ns, true, root)) return false;
      out_.put('"');
    }
    return true;
  }

  bool escaped(std::string_view text, bool quoted, const Node* node) {
    size_t from = 0;
    for (size_t i = plain_prefix(text.data(), text.size()); i < text.size();
         i += 1 + plain_prefix(text.data() + i + 1, text.size() - i - 1)) {
      const Look look = kLooks[static_cast<unsigned char>(text[i])];
      if (look == Look::quoted && !quoted) continue;
      if (look == Look::forbidden || (look == Look::maybe_forbidden && no_character(text.substr(i))))
        return refuse(node, "a character XML 1.0 does not allow");
      if (look == Look::maybe_forbidden) continue;
      out_.put(text.substr(from, i - from));
      out_.put(escape_of(text[i]));
      from = i + 1;
    }
    out_.put(text.substr(from));
    return true;
  }

  const XmlPrefix* find_prefix(std::string_view ns, bool named) const {
    for (const auto& prefix : options_.prefixes)
      if (prefix.ns == ns && !(named && prefix.prefix.empty())) return &prefix;
    return nullptr;
  }

  const XmlPrefix* find_default() const {
    for (const auto& prefix : options_.prefixes)
      if (prefix.prefix.empty()) return &prefix;
    return nullptr;
  }

  void put_name(const XmlPrefix* prefix, std::string_view name) {
    if (prefix && !prefix->prefix.empty()) {
      out_.put(prefix->prefix);
      out_.put(':');
    }
    out_.put(name);
  }

  void line(size_t level) {
    out_.put('\n');
    out_.fill(2 * level, ' ');
  }

  bool refuse(const Node* node, const char* what) {
    error_ = Error(Code::bad_xml, what).at(path_of(node));
    return false;
  }
  bool too_deep(const Node* node) {
    error_ =
        Error(Code::too_deep, "nested more than " + std::to_string(limits::kDocumentDepth) + " deep").at(path_of(node));
    return false;
  }

  const XmlWriteOptions& options_;
  Text out_;
  std::vector<BlobHole>* holes_;
  const XmlPrefix* default_;
  std::optional<Error> error_;
};

}  // namespace

Result<void> write_xml(const Node* root, const XmlWriteOptions& options, std::string& out,
                       std::vector<BlobHole>* holes) {
  const size_t before = out.size(), holes_before = holes ? holes->size() : 0;
  std::optional<Error> error;
  {
    Writer writer(options, out, holes);
    if (!writer.document(root)) error = writer.take_error();
  }
  if (!error) return {};
  out.resize(before);
  if (holes) holes->resize(holes_before);
  return fail(std::move(*error));
}

}  // namespace lt::codec
