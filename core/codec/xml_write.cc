#include <algorithm>
#include <array>

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

bool is_name(std::string_view name) {
  const auto letter = [](unsigned char c) { return (c | 32u) - 'a' < 26u || c == '_' || c >= 0x80; };
  const auto more = [&](unsigned char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !name.empty() && letter(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return more(static_cast<unsigned char>(c)); }) &&
         is_utf8(name);
}

bool is_attribute(const Node* node) { return node->name.starts_with('@'); }

class Writer {
 public:
  Writer(const XmlWriteOptions& options, std::string& out, std::vector<BlobHole>* holes)
      : options_(options), out_(out), holes_(holes), default_(find_default()) {}

  Result<void> document(const Node* root) {
    if (options_.declaration) out_.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if (root->kind == Kind::array) return refuse(root, "the root is an array");
    LT_TRY(element(root, root->name, 0, false));
    if (options_.indent) out_.push_back('\n');
    return {};
  }

 private:
  // `cleared`: the default namespace of the root is undeclared here.
  Result<void> element(const Node* node, std::string_view name, size_t level, bool cleared) {
    if (level >= limits::kDocumentDepth)
      return fail(Error(Code::too_deep, "nested more than " + std::to_string(limits::kDocumentDepth) + " deep")
                      .at(path_of(node)));
    if (!is_name(name)) return refuse(node, "not an XML name");
    const XmlPrefix* prefix = nullptr;
    if (!node->ns.empty()) {
      prefix = find_prefix(node->ns, false);
      if (!prefix) return refuse(node, "namespace without a prefix");
    }
    const size_t from = out_.size();
    out_.push_back('<');
    put_name(prefix, name);
    const size_t tag_size = out_.size() - from - 1;
    if (level == 0) LT_TRY(declarations(node));
    if (default_) {
      const bool wants_none = node->ns.empty(), wants_default = prefix == default_;
      if ((wants_none && !cleared) || (wants_default && cleared)) {
        if (level == 0) return refuse(node, "an element without namespace under a default namespace");
        out_.append(" xmlns=\"");
        if (wants_default) LT_TRY(escaped(default_->ns, true, node));
        out_.push_back('"');
        cleared = wants_none;
      }
    }
    for (const Node* child = node->first; child && !node->scalar(); child = child->next)
      if (is_attribute(child)) LT_TRY(attribute(child));
    const size_t before = out_.size();
    out_.push_back('>');
    const size_t content = out_.size();
    const size_t holes = holes_ ? holes_->size() : 0;
    LT_TRY(node->scalar() ? value(node, false) : children(node, level, cleared));
    if (out_.size() == content && (!holes_ || holes_->size() == holes)) {
      out_.resize(before);
      out_.append("/>");
    } else {
      out_.append("</").append(out_, from + 1, tag_size).push_back('>');
    }
    return {};
  }

  Result<void> children(const Node* node, size_t level, bool cleared) {
    bool indent = options_.indent, any = false;
    for (const Node* child = node->first; child; child = child->next) indent = indent && child->name != "#text";
    for (const Node* child = node->first; child; child = child->next) {
      if (is_attribute(child)) continue;
      if (child->name == "#text") {
        if (!child->scalar()) return refuse(child, "\"#text\" with children");
        LT_TRY(value(child, false));
        continue;
      }
      const bool list = child->kind == Kind::array;
      for (const Node* item = list ? child->first : child; item; item = list ? item->next : nullptr) {
        if (item->kind == Kind::array) return refuse(item, "an array inside an array");
        any = true;
        if (indent) line(level + 1);
        LT_TRY(element(item, child->name, level + 1, cleared));
      }
    }
    if (any && indent) line(level);
    return {};
  }

  Result<void> attribute(const Node* node) {
    const auto name = node->name.substr(1);
    if (!is_name(name) || name == "xmlns") return refuse(node, "not an XML name");
    if (!node->scalar()) return refuse(node, "an attribute with children");
    const XmlPrefix* prefix = nullptr;
    const bool xml = node->ns == kXmlNs;
    if (!node->ns.empty() && !xml) {
      prefix = find_prefix(node->ns, true);
      if (!prefix) return refuse(node, "namespace without a prefix");
    }
    out_.push_back(' ');
    if (xml) out_.append("xml:");
    put_name(prefix, name);
    out_.append("=\"");
    LT_TRY(value(node, true));
    out_.push_back('"');
    return {};
  }

  Result<void> value(const Node* node, bool quoted) {
    switch (node->kind) {
      case Kind::boolean:
        out_.append(node->flag ? "true" : "false");
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
    return {};
  }

  Result<void> declarations(const Node* root) {
    for (const auto& [ns, prefix] : options_.prefixes) {
      const auto same = [&p = prefix](const XmlPrefix& other) { return other.prefix == p; };
      if (std::count_if(options_.prefixes.begin(), options_.prefixes.end(), same) > 1 || ns.empty() ||
          prefix == "xml" || prefix == "xmlns" || (!prefix.empty() && !is_name(prefix)))
        return refuse(root, "a namespace prefix that cannot be declared");
      out_.append(prefix.empty() ? " xmlns" : " xmlns:").append(prefix).append("=\"");
      LT_TRY(escaped(ns, true, root));
      out_.push_back('"');
    }
    return {};
  }

  Result<void> escaped(std::string_view text, bool quoted, const Node* node) {
    if (!is_utf8(text)) return refuse(node, "text that is not UTF-8");
    size_t from = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      const Look look = kLooks[static_cast<unsigned char>(text[i])];
      if (look == Look::plain || (look == Look::quoted && !quoted)) continue;
      if (look == Look::forbidden || (look == Look::maybe_forbidden && no_character(text.substr(i))))
        return refuse(node, "a character XML 1.0 does not allow");
      if (look == Look::maybe_forbidden) continue;
      out_.append(text, from, i - from).append(escape_of(text[i]));
      from = i + 1;
    }
    out_.append(text, from, text.size() - from);
    return {};
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
    if (prefix && !prefix->prefix.empty()) out_.append(prefix->prefix).push_back(':');
    out_.append(name);
  }

  void line(size_t level) {
    out_.push_back('\n');
    out_.append(2 * level, ' ');
  }

  tl::unexpected<Error> refuse(const Node* node, const char* what) {
    return fail(Error(Code::bad_xml, what).at(path_of(node)));
  }

  const XmlWriteOptions& options_;
  std::string& out_;
  std::vector<BlobHole>* holes_;
  const XmlPrefix* default_;
};

}  // namespace

Result<void> write_xml(const Node* root, const XmlWriteOptions& options, std::string& out,
                       std::vector<BlobHole>* holes) {
  const size_t before = out.size(), holes_before = holes ? holes->size() : 0;
  auto done = Writer(options, out, holes).document(root);
  if (!done) {
    out.resize(before);
    if (holes) holes->resize(holes_before);
  }
  return done;
}

}  // namespace lt::codec
