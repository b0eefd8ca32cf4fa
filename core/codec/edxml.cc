#include "core/codec/edxml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace lt::codec {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

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
  size_t after_message_header = 0;                  // end of </MessageHeader>
  size_t list_begin = 0;                            // end of <TraceHeaderList ...>
  size_t after_last_trace = 0;                      // end of the last </TraceHeader> in the list
  size_t empty_list_begin = 0, empty_list_end = 0;  // <TraceHeaderList/>
  std::string_view prefix;                          // as MessageHeader or the list has it
  bool status = false, signature = false, ended = false;
};

HeaderPlaces find_places(std::string_view head) {
  HeaderPlaces places;
  TagScanner scanner(head);
  bool in_header = false, in_signature = false;
  while (auto tag = scanner.next()) {
    if (same_name(tag->local, "edXMLHeader")) {
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
      places.prefix = tag->prefix;
      if (tag->closing) places.after_message_header = tag->end;
    } else if (tag->local == "TraceHeaderList") {
      places.prefix = tag->prefix;
      if (tag->empty) {
        places.empty_list_begin = tag->begin;
        places.empty_list_end = tag->end;
      } else if (!tag->closing) {
        places.list_begin = tag->end;
      }
    } else if (tag->local == "TraceHeader" && (tag->closing || tag->empty)) {
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
  if (!root || !same_name(root->name, "edXML"))
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
  const std::string prefix = places.prefix.empty() ? "" : std::string(places.prefix) + ":";
  const std::string hop =
      fmt::format("<{0}TraceHeader><{0}OrganId>{1}</{0}OrganId><{0}Timestamp>{2}</{0}Timestamp></{0}TraceHeader>",
                  prefix, xml_text(organ_id), edxml_timestamp(at));
  TraceInsertion insertion;
  if (places.after_last_trace) {
    insertion = {places.after_last_trace, 0, hop};
  } else if (places.list_begin) {
    insertion = {places.list_begin, 0, hop};
  } else {
    const std::string list = fmt::format("<{0}TraceHeaderList>{1}</{0}TraceHeaderList>", prefix, hop);
    if (places.empty_list_end)
      insertion = {places.empty_list_begin, places.empty_list_end - places.empty_list_begin, list};
    else
      insertion = {places.after_message_header, 0, list};
  }
  return std::optional<TraceInsertion>(std::move(insertion));
}

}  // namespace lt::codec
