#include "core/codec/xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

#include "core/base/stream.h"
#include "core/base/text.h"
#include "core/codec/xml_library.h"
#include "core/codec/xml_plain.h"
#include "core/codec/xml_scan.h"
#include "core/message/tree.h"

namespace lt::codec {
namespace {

constexpr size_t kPiece = 32 << 10;

std::string_view view(const xmlChar* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

bool all_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// SAX events -> nodes.
class Builder {
 public:
  Builder(Tree& tree, const XmlOptions& options, LiftedText* watcher = nullptr)
      : tree_(tree), options_(options), scanner_(options, watcher) {
    start_xml_library();
    xmlSAXHandler sax{};
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = [](void* self, const xmlChar* name, const xmlChar*, const xmlChar* uri, int, const xmlChar**,
                            int attributes, int, const xmlChar** values) {
      static_cast<Builder*>(self)->start(name, uri, static_cast<size_t>(attributes), values);
    };
    sax.endElementNs = [](void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
      static_cast<Builder*>(self)->end();
    };
    sax.characters = [](void* self, const xmlChar* text, int size) {
      static_cast<Builder*>(self)->characters({reinterpret_cast<const char*>(text), static_cast<size_t>(size)});
    };
    sax.ignorableWhitespace = sax.characters;
    sax.cdataBlock = sax.characters;
    sax.processingInstruction = [](void* self, const xmlChar* target, const xmlChar* content) {
      static_cast<Builder*>(self)->instruction(view(target), view(content));
    };
    sax.internalSubset = [](void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
      static_cast<Builder*>(self)->refuse(Code::doctype_refused, "");
    };
    sax.serror = [](void* self, xmlErrorPtr error) { static_cast<Builder*>(self)->complaint(*error); };
    context_.reset(xmlCreatePushParserCtxt(&sax, this, nullptr, 0, nullptr));
    // Without NOENT libxml2 hands over "&#38;" for each & of an attribute. There are no other entities: no DOCTYPE.
    if (context_) xmlCtxtUseOptions(context_.get(), XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_NOENT);
  }

  Result<void> feed(std::string_view piece) {
    if (!context_) return fail(Code::bug, "libxml2 did not start");
    seen_.clear();
    auto scanned = scanner_.feed(piece, seen_);
    // What came before the place of the scanner's error may hold an earlier error.
    LT_TRY(push(false));
    if (!scanned) return fail(std::move(scanned).error().at(path_of(at_)));
    return {};
  }

  // The whole of a small body at once. False: it must be fed.
  Result<bool> whole(std::string_view body) {
    if (!context_) return fail(Code::bug, "libxml2 did not start");
    LT_ASSIGN(const bool small, scanner_.check_small(body));
    if (!small) return false;
    seen_ = body;
    LT_TRY(push(true));
    LT_TRY(complete());
    return true;
  }

  Result<void> finish() {
    if (!context_) return fail(Code::bug, "libxml2 did not start");
    seen_.clear();
    auto scanned = scanner_.finish(seen_);
    LT_TRY(push(scanned.has_value()));
    if (!scanned) return fail(std::move(scanned).error().at(path_of(at_)));
    return complete();
  }

 private:
  Result<void> complete() {
    // A stopped parser may still call its document well-formed, so the errors were looked at first.
    if (!context_->wellFormed || !context_->nsWellFormed || !root_ || at_)
      return fail(Code::bad_xml, "the document is not complete");
    tree_.set_root(root_);
    return {};
  }

  struct FreeContext {
    void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
  };

  Result<void> push(bool last) {
    if (!seen_.empty() || last)
      xmlParseChunk(context_.get(), seen_.data(), static_cast<int>(seen_.size()), last ? 1 : 0);
    if (error_) return fail(*error_);
    return {};
  }

  void refuse(Code code, std::string detail) {
    if (error_) return;
    Place place;
    if (context_->input) {
      place.line = context_->input->line + static_cast<int>(lifted_lines_);
      place.column = context_->input->col;
    }
    place.path = path_of(at_);
    error_ = std::make_unique<Error>(code, std::move(detail), std::move(place));
    xmlStopParser(context_.get());
  }

  void complaint(const xmlError& error) {
    if (error.level < XML_ERR_ERROR) return;
    std::string_view text = error.message ? error.message : "";
    while (text.ends_with('\n')) text.remove_suffix(1);
    refuse(Code::bad_xml, std::string(text.substr(0, 200)));
  }

  Node* make(Kind kind, std::string_view name) {
    if (++count_ > options_.nodes) {
      refuse(Code::too_large, "more than " + std::to_string(options_.nodes) + " nodes");
      return nullptr;
    }
    Node* node = tree_.make(kind, name);
    node->line = static_cast<uint32_t>(context_->input->line) + static_cast<uint32_t>(lifted_lines_);
    return node;
  }

  void start(const xmlChar* raw_name, const xmlChar* uri, size_t attributes, const xmlChar** values) {
    if (error_) return;
    if (at_) flush_beside();
    if (error_) return;
    const auto name = view(raw_name);
    if (depth_ >= options_.depth)
      return refuse(Code::too_deep, "nested more than " + std::to_string(options_.depth) + " deep");
    if (name.size() > limits::kName) return refuse_name();
    Node* node = make(Kind::object, tree_.copy(name));
    if (!node) return;
    node->ns = kept(uri);
    if (at_) {
      tree_.append(at_, node);
    } else {
      root_ = node;
    }
    at_ = node;
    ++depth_;
    if (attributes > options_.attributes)
      return refuse(Code::too_large, "more than " + std::to_string(options_.attributes) + " attributes");
    for (size_t i = 0; i < attributes && !error_; ++i) attribute(values + 5 * i);
  }

  // {local name, prefix, URI, value, end of the value}
  void attribute(const xmlChar** parts) {
    const auto name = view(parts[0]);
    if (name.size() > limits::kName) return refuse_name();
    char* with_at = tree_.allocate(name.size() + 1);
    *with_at = '@';
    std::memcpy(with_at + 1, name.data(), name.size());
    Node* node = make(Kind::text, {with_at, name.size() + 1});
    if (!node) return;
    node->ns = kept(parts[2]);
    node->text = tree_.copy({reinterpret_cast<const char*>(parts[3]), static_cast<size_t>(parts[4] - parts[3])});
    tree_.append(at_, node);
  }

  void refuse_name() { refuse(Code::too_large, "name longer than " + std::to_string(limits::kName) + " bytes"); }

  // URIs are interned by libxml2 and repeat on every element: copy each once.
  std::string_view kept(const xmlChar* uri) {
    if (!uri) return {};
    for (const auto& [pointer, text] : uris_)
      if (pointer == uri) return text;
    auto& slot = uris_[next_uri_++ % uris_.size()];
    slot = {uri, tree_.copy(view(uri))};
    return slot.second;
  }

  void end() {
    if (error_ || !at_) return;
    if (!at_->first) {
      if (blob_.length > 0) {
        at_->kind = Kind::blob;
        at_->blob = blob_;
      } else {
        at_->kind = Kind::text;
        at_->text = tree_.copy(text_);
      }
    } else if (at_->last->name.starts_with('@')) {
      if (!text_.empty() || blob_.length > 0) add_text();
    } else {
      flush_beside();
    }
    if (error_) return;
    text_.clear();
    blob_ = {};
    at_ = at_->parent;
    --depth_;
  }

  // Text beside child elements: blanks are layout.
  void flush_beside() {
    if (blob_.length > 0 || !all_blank(text_)) add_text();
    text_.clear();
    blob_ = {};
  }

  void add_text() {
    Node* node = make(blob_.length > 0 ? Kind::blob : Kind::text, "#text");
    if (!node) return;
    node->blob = blob_;
    if (blob_.length == 0) node->text = tree_.copy(text_);
    tree_.append(at_, node);
  }

  void characters(std::string_view text) {
    if (error_ || !at_) return;
    if (text_.size() + text.size() > options_.longest) {
      if (!all_blank(text) || !all_blank(text_)) return refuse_pieces();
      return;
    }
    if (blob_.length > 0 && !all_blank(text)) return refuse_pieces();
    text_.append(text);
  }

  void instruction(std::string_view target, std::string_view content) {
    if (error_ || target != scanner_.marker()) return;
    size_t index = 0;
    std::from_chars(content.data(), content.data() + content.size(), index);
    const auto& lift = scanner_.lifts()[index];
    if (!at_) return refuse(Code::bad_xml, "text outside the root element");
    if (blob_.length > 0 || !all_blank(text_)) return refuse_pieces();
    blob_ = lift.range;
    lifted_lines_ += lift.lines;
  }

  void refuse_pieces() {
    refuse(Code::too_large, "a text longer than " + std::to_string(options_.longest) + " bytes in several pieces");
  }

  Tree& tree_;
  const XmlOptions& options_;
  XmlScanner scanner_;
  std::unique_ptr<xmlParserCtxt, FreeContext> context_;
  std::unique_ptr<Error> error_;
  std::string seen_;  // what the scanner lets through
  Node* root_ = nullptr;
  Node* at_ = nullptr;
  size_t depth_ = 0, count_ = 0;
  std::string text_;  // of at_, since its last child
  BlobRange blob_;
  uint64_t lifted_lines_ = 0;
  std::array<std::pair<const xmlChar*, std::string_view>, 8> uris_{};
  size_t next_uri_ = 0;
};

}  // namespace

struct XmlParser::State {
  State(Tree& out, const XmlOptions& chosen, LiftedText* watcher) : options(chosen), builder(out, options, watcher) {}
  const XmlOptions options;
  Builder builder;
};

XmlParser::XmlParser(Tree& out, const XmlOptions& options, LiftedText* watcher)
    : state_(std::make_unique<State>(out, options, watcher)) {}
XmlParser::~XmlParser() = default;

Result<void> XmlParser::feed(std::string_view piece) {
  for (; !piece.empty(); piece.remove_prefix(std::min(piece.size(), limits::kScanPiece)))
    LT_TRY(state_->builder.feed(piece.substr(0, limits::kScanPiece)));
  return {};
}

Result<void> XmlParser::finish() { return state_->builder.finish(); }

Result<void> parse_xml(ByteSource& body, Tree& out, const XmlOptions& options) {
  Builder builder(out, options);
  std::string piece(kPiece, '\0');
  for (;;) {
    LT_ASSIGN(const size_t n, body.read(piece.data(), piece.size()));
    if (n == 0) return builder.finish();
    LT_TRY(builder.feed(std::string_view(piece.data(), n)));
  }
}

Result<void> parse_xml(std::string_view body, Tree& out, const XmlOptions& options) {
  if (Node* root = is_utf8(body) ? read_plain_xml(body, out, options) : nullptr) {
    out.set_root(root);
    return {};
  }
  Builder builder(out, options);
  LT_ASSIGN(const bool small, builder.whole(body));
  if (small) return {};
  for (; !body.empty(); body.remove_prefix(std::min(body.size(), kPiece))) LT_TRY(builder.feed(body.substr(0, kPiece)));
  return builder.finish();
}

}  // namespace lt::codec
