#include <algorithm>

#include "core/base/text.h"
#include "core/codec/holes.h"
#include "core/codec/xml.h"
#include "core/message/tree.h"

namespace lt::codec {
namespace {

constexpr std::string_view kXmlNs = "http://www.w3.org/XML/1998/namespace";

// Offset of the first character XML 1.0 does not allow, or npos.
size_t find_forbidden(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return i;
    // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
    if (c == 0xEF && text.size() - i >= 3 && text[i + 1] == '\xBF' && static_cast<unsigned char>(text[i + 2]) >= 0xBE) return i;
  }
  return find_bad_utf8(text);
}

bool is_name(std::string_view name) {
  const auto letter = [](unsigned char c) { return (c | 32u) - 'a' < 26u || c == '_' || c >= 0x80; };
  const auto more = [&](unsigned char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !name.empty() && letter(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return more(static_cast<unsigned char>(c)); }) && is_utf8(name);
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
      return fail(Error(Code::too_deep, "nested more than " + std::to_string(limits::kDocumentDepth) + " deep").at(path_of(node)));
    if (!is_name(name)) return refuse(node, "not an XML name");
    const XmlPrefix* prefix = nullptr;
    if (!node->ns.empty()) {
      prefix = find_prefix(node->ns, false);
      if (!prefix) return refuse(node, "namespace without a prefix");
    }
    const size_t from = out_.size();
    out_.push_back('<');
    put_name(prefix, name);
    const std::string tag = out_.substr(from + 1);
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
      out_.append("</").append(tag).push_back('>');
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
      case Kind::boolean: out_.append(node->flag ? "true" : "false"); break;
      case Kind::text:
      case Kind::number: return escaped(node->text, quoted, node);
      case Kind::blob:
        if (!holes_) return refuse(node, "a long text kept as a blob cannot be written here");
        holes_->push_back({out_.size(), node});
        break;
      case Kind::null:
      case Kind::array:
      case Kind::object: break;
    }
    return {};
  }

  Result<void> declarations(const Node* root) {
    for (const auto& [ns, prefix] : options_.prefixes) {
      const auto same = [&p = prefix](const XmlPrefix& other) { return other.prefix == p; };
      if (std::count_if(options_.prefixes.begin(), options_.prefixes.end(), same) > 1 || ns.empty() || prefix == "xml" || prefix == "xmlns" || (!prefix.empty() && !is_name(prefix)))
        return refuse(root, "a namespace prefix that cannot be declared");
      out_.append(prefix.empty() ? " xmlns" : " xmlns:").append(prefix).append("=\"");
      LT_TRY(escaped(ns, true, root));
      out_.push_back('"');
    }
    return {};
  }

  Result<void> escaped(std::string_view text, bool quoted, const Node* node) {
    if (find_forbidden(text) != std::string_view::npos) return refuse(node, "a character XML 1.0 does not allow");
    size_t from = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      const char* with = nullptr;
      switch (text[i]) {
        case '&': with = "&amp;"; break;
        case '<': with = "&lt;"; break;
        case '>': with = "&gt;"; break;
        case '\r': with = "&#13;"; break;
        case '"': with = quoted ? "&quot;" : nullptr; break;
        case '\n': with = quoted ? "&#10;" : nullptr; break;
        case '\t': with = quoted ? "&#9;" : nullptr; break;
        default: break;
      }
      if (!with) continue;
      out_.append(text, from, i - from).append(with);
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

Result<void> write_xml(const Node* root, const XmlWriteOptions& options, std::string& out, std::vector<BlobHole>* holes) {
  const size_t before = out.size(), holes_before = holes ? holes->size() : 0;
  auto done = Writer(options, out, holes).document(root);
  if (!done) {
    out.resize(before);
    if (holes) holes->resize(holes_before);
  }
  return done;
}

}  // namespace lt::codec
