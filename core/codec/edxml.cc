#include "core/codec/edxml.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/ascii.h"

namespace lt::codec {
namespace {

// The spelling of the regulation for a name that some builders write otherwise; else the name itself.
std::string_view regular_name(std::string_view name) {
  struct Spelling {
    std::string_view seen, regular;
  };
  static constexpr Spelling kSpellings[] = {
      {"EdXMLEnvelope", "edXMLEnvelope"},
      {"EdXMLHeader", "edXMLHeader"},
      {"EdXMLBody", "edXMLBody"},
      {"EdXMLManifest", "edXMLManifest"},
      {"Business", "Bussiness"},
      {"BusinessDocType", "BussinessDocType"},
      {"BusinessDocReason", "BussinessDocReason"},
      {"BusinessDocumentInfo", "BussinessDocumentInfo"},
  };
  for (const auto& spelling : kSpellings)
    if (name == spelling.seen) return spelling.regular;
  return name;
}

void regularise(Tree& tree, Node* node) {
  for (Node* child = node->first; child; child = child->next) {
    child->name = regular_name(child->name);
    if (child->kind == Kind::text && child->name == "ContentId" && child->text.starts_with("cid:")) {
      child->text.remove_prefix(4);
    } else if (child->kind == Kind::text && child->name == "StatusCode" && child->text.size() == 1) {
      child->text = tree.copy("0" + std::string(child->text));
    }
    regularise(tree, child);
  }
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

const Node* message_header(const Node* root) {
  const Node* envelope = root->find("edXMLEnvelope");
  const Node* header = envelope ? envelope->find("edXMLHeader") : nullptr;
  return header ? header->find("MessageHeader") : nullptr;
}

// One tag of the raw text. Comments, processing instructions and CDATA are skipped by next().
struct Tag {
  std::string_view prefix, local;  // "edXML", "TraceHeader"
  bool closing = false, empty = false;
  size_t begin = 0, end = 0;  // of the whole tag in the text
};

class TagScanner {
 public:
  explicit TagScanner(std::string_view text) : text_(text) {}

  std::optional<Tag> next() {
    for (;;) {
      const size_t begin = text_.find('<', at_);
      if (begin == std::string_view::npos) return std::nullopt;
      const auto rest = text_.substr(begin);
      std::string_view skip_to;
      if (rest.starts_with("<!--"))
        skip_to = "-->";
      else if (rest.starts_with("<![CDATA["))
        skip_to = "]]>";
      else if (rest.starts_with("<?"))
        skip_to = "?>";
      if (skip_to.empty()) return tag(begin);
      const size_t end = text_.find(skip_to, begin);
      if (end == std::string_view::npos) return std::nullopt;
      at_ = end + skip_to.size();
    }
  }

 private:
  std::optional<Tag> tag(size_t begin) {
    // '>' may stand in an attribute value.
    size_t end = begin;
    char quote = 0;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (quote)
        quote = c == quote ? 0 : quote;
      else if (c == '"' || c == '\'')
        quote = c;
      else if (c == '>')
        break;
    }
    if (end == text_.size()) return std::nullopt;
    Tag tag;
    tag.begin = begin;
    tag.end = end + 1;
    tag.closing = text_[begin + 1] == '/';
    tag.empty = text_[end - 1] == '/';
    const size_t name = begin + (tag.closing ? 2 : 1);
    const size_t stop = std::min(text_.find_first_of(" \t\r\n/>", name), end);
    const auto full = text_.substr(name, stop - name);
    const size_t colon = full.find(':');
    tag.prefix = colon == std::string_view::npos ? std::string_view() : full.substr(0, colon);
    tag.local = colon == std::string_view::npos ? full : full.substr(colon + 1);
    at_ = tag.end;
    return tag;
  }

  std::string_view text_;
  size_t at_ = 0;
};

struct HeaderPlaces {
  size_t after_message_header = 0;       // end of </MessageHeader>
  size_t list_begin = 0;                 // end of <TraceHeaderList ...>
  size_t after_last_trace = 0;           // end of the last </TraceHeader> in the list
  size_t empty_list_end = 0;             // end of <TraceHeaderList/>
  std::string_view prefix, list_prefix;  // as MessageHeader and the list have it
  std::string_view declared;             // `xmlns:edXML="..."` when MessageHeader itself declares its prefix
  bool status = false, signature = false, ended = false;
};

// The declaration of `prefix` in the text of a tag, or "".
std::string_view declaration_of(std::string_view tag, std::string_view prefix) {
  const std::string name = prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix);
  for (size_t at = tag.find(name); at != std::string_view::npos; at = tag.find(name, at + 1)) {
    const size_t equals = tag.find_first_not_of(" \t\r\n", at + name.size());
    if (equals == std::string_view::npos || tag[equals] != '=') continue;
    const size_t quote = tag.find_first_of("\"'", equals);
    const size_t end = quote == std::string_view::npos ? quote : tag.find(tag[quote], quote + 1);
    if (end != std::string_view::npos) return tag.substr(at, end + 1 - at);
  }
  return {};
}

HeaderPlaces find_places(std::string_view head) {
  HeaderPlaces places;
  TagScanner scanner(head);
  bool in_header = false, in_list = false, in_signature = false;
  while (auto tag = scanner.next()) {
    if (same_ascii(tag->local, "edXMLHeader")) {
      if (tag->closing) {
        places.ended = true;
        return places;
      }
      in_header = true;
    } else if (!in_header) {
      continue;
    } else if (tag->local == "StatusCode") {
      places.status = true;
    } else if (tag->local == "MessageHeader") {
      if (tag->closing) {
        places.after_message_header = tag->end;
      } else {
        places.prefix = tag->prefix;
        places.declared = declaration_of(head.substr(tag->begin, tag->end - tag->begin), tag->prefix);
      }
    } else if (tag->local == "TraceHeaderList") {
      in_list = !tag->closing && !tag->empty;
      if (tag->closing) continue;
      places.list_prefix = tag->prefix;
      (tag->empty ? places.empty_list_end : places.list_begin) = tag->end;
    } else if (in_list && tag->local == "TraceHeader" && (tag->closing || tag->empty)) {
      places.after_last_trace = tag->end;
    } else if (tag->local == "Signature") {
      in_signature = !tag->closing && !tag->empty;
    } else if (in_signature && tag->local == "SignatureValue") {
      // An element without a value signs nothing: some builders write an empty one.
      places.signature = places.signature || !tag->empty;
    }
  }
  return places;
}

}  // namespace

Result<void> canonicalise_edxml(Tree& tree) {
  Node* root = tree.root();
  if (!root || !same_ascii(root->name, "edXML"))
    return fail(Code::bad_xml,
                fmt::format("the root element is <{}>, an edXML file begins with <edXML>", root ? root->name : ""),
                Place{.file = {}, .line = 0, .column = 0, .path = "$"});
  regularise(tree, root);
  if (!message_header(root))
    return fail(Code::bad_xml, "no edXMLEnvelope/edXMLHeader/MessageHeader",
                Place{.file = {}, .line = 0, .column = 0, .path = "$.edXMLEnvelope"});
  return {};
}

bool is_edxml_status(const Node* root) {
  const Node* header = root ? message_header(root) : nullptr;
  return header && header->find("StatusCode");
}

std::string edxml_timestamp(Wall at) {
  // "2026-11-20T08:30:00.123+07:00" has the same digits at fixed places.
  const std::string text = format_rfc3339(at);
  return text.substr(0, 4) + '/' + text.substr(5, 2) + '/' + text.substr(8, 2) + ' ' + text.substr(11, 8);
}

Result<std::optional<TraceInsertion>> plan_trace_header(std::string_view head, std::string_view organ_id, Wall at) {
  const HeaderPlaces places = find_places(head);
  if (!places.ended || places.after_message_header == 0)
    return fail(Code::bad_xml, fmt::format("the edXML header does not end within the first {} bytes", head.size()));
  if (places.status || places.signature) return std::optional<TraceInsertion>();
  // A prefix is known inside the element that has it, and beside it only when it was declared further out.
  const bool inside = places.list_begin || places.empty_list_end;
  const std::string_view name = inside ? places.list_prefix : places.prefix;
  const std::string prefix = name.empty() ? "" : std::string(name) + ":";
  const std::string hop =
      fmt::format("<{0}TraceHeader><{0}OrganId>{1}</{0}OrganId><{0}Timestamp>{2}</{0}Timestamp></{0}TraceHeader>",
                  prefix, xml_text(organ_id), edxml_timestamp(at));
  constexpr size_t kEmptyEnd = 2;  // "/>"
  TraceInsertion insertion;
  if (places.list_begin) {
    insertion = {std::max(places.list_begin, places.after_last_trace), 0, hop};
  } else if (places.empty_list_end) {
    insertion = {places.empty_list_end - kEmptyEnd, kEmptyEnd, fmt::format(">{1}</{0}TraceHeaderList>", prefix, hop)};
  } else {
    insertion = {places.after_message_header, 0,
                 fmt::format("<{0}TraceHeaderList{1}{2}>{3}</{0}TraceHeaderList>", prefix,
                             places.declared.empty() ? "" : " ", places.declared, hop)};
  }
  return std::optional<TraceInsertion>(std::move(insertion));
}

}  // namespace lt::codec
