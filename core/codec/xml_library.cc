#include "core/codec/xml_library.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "core/codec/xml_scan.h"

namespace lt::codec {
namespace {

constexpr size_t kPiece = 32 << 10;

thread_local XmlAllowance* allowance = nullptr;

bool allowed(size_t size) { return !allowance || allowance->take(size); }

void* counted_malloc(size_t size) { return allowed(size) ? std::malloc(size) : nullptr; }
void* counted_realloc(void* block, size_t size) { return allowed(size) ? std::realloc(block, size) : nullptr; }
char* counted_strdup(const char* text) { return allowed(std::strlen(text)) ? strdup(text) : nullptr; }

xmlParserInputPtr refuse_to_load(const char*, const char*, xmlParserCtxtPtr) { return nullptr; }

// SAX events -> a document of libxml2, through its own builder.
class DocumentReader {
 public:
  DocumentReader(size_t most, const char* url)
      : options_{.longest = most, .text = most, .body = most}, scanner_(options_) {
    start_xml_library();
    context_.reset(xmlCreatePushParserCtxt(nullptr, nullptr, nullptr, 0, url));
    if (!context_) return;
    context_->_private = this;
    context_->linenumbers = 1;
    context_->sax->startElementNs = [](void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri,
                                       int namespaces, const xmlChar** declared, int attributes, int defaulted,
                                       const xmlChar** values) {
      if (!self(context)->start(static_cast<size_t>(attributes) + static_cast<size_t>(namespaces))) return;
      xmlSAX2StartElementNs(context, name, prefix, uri, namespaces, declared, attributes, defaulted, values);
    };
    context_->sax->internalSubset = [](void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
      self(context)->refuse(Code::doctype_refused, "");
    };
    context_->sax->serror = [](void* context, xmlErrorPtr error) { self(context)->complaint(*error); };
    xmlCtxtUseOptions(context_.get(), XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_NOCDATA);
  }

  Result<XmlDocument> read(std::string_view text) {
    if (!context_) return fail(Code::bug, "libxml2 did not start");
    for (; !text.empty(); text.remove_prefix(std::min(text.size(), kPiece))) {
      seen_.clear();
      LT_TRY(scanned(scanner_.feed(text.substr(0, kPiece), seen_), false));
    }
    seen_.clear();
    LT_TRY(scanned(scanner_.finish(seen_), true));
    if (!context_->wellFormed || !context_->nsWellFormed || !context_->myDoc)
      return fail(Code::bad_xml, "the document is not complete");
    XmlDocument document(context_->myDoc);
    context_->myDoc = nullptr;
    return document;
  }

 private:
  struct FreeContext {
    void operator()(xmlParserCtxt* context) const {
      xmlFreeDoc(context->myDoc);
      context->myDoc = nullptr;
      xmlFreeParserCtxt(context);
    }
  };

  static DocumentReader* self(void* context) {
    return static_cast<DocumentReader*>(static_cast<xmlParserCtxt*>(context)->_private);
  }

  // What came before the place of the scanner's error may hold an earlier error.
  Result<void> scanned(Result<void> result, bool last) {
    if (!seen_.empty() || last)
      xmlParseChunk(context_.get(), seen_.data(), static_cast<int>(seen_.size()), last && result ? 1 : 0);
    if (error_) return fail(std::move(*error_));
    return result;
  }

  bool start(size_t attributes) {
    if (error_) return false;
    if (static_cast<size_t>(context_->nodeNr) >= options_.depth)
      refuse(Code::too_deep, "nested more than " + std::to_string(options_.depth) + " deep");
    else if ((count_ += 1 + attributes) > options_.nodes)
      refuse(Code::too_large, "more than " + std::to_string(options_.nodes) + " nodes");
    return !error_;
  }

  void refuse(Code code, std::string detail) {
    if (error_) return;
    Place place;
    if (context_->input) {
      place.line = context_->input->line;
      place.column = context_->input->col;
    }
    error_ = std::make_unique<Error>(code, std::move(detail), std::move(place));
    xmlStopParser(context_.get());
  }

  void complaint(const xmlError& error) {
    if (error.level < XML_ERR_ERROR) return;
    std::string_view text = error.message ? error.message : "";
    while (text.ends_with('\n')) text.remove_suffix(1);
    refuse(Code::bad_xml, std::string(text.substr(0, 200)));
  }

  const XmlOptions options_;
  XmlScanner scanner_;
  std::unique_ptr<xmlParserCtxt, FreeContext> context_;
  std::unique_ptr<Error> error_;
  std::string seen_;  // what the scanner lets through
  size_t count_ = 0;
};

}  // namespace

void start_xml_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    xmlMemSetup(std::free, counted_malloc, counted_realloc, counted_strdup);
    xmlInitParser();
    xmlSetExternalEntityLoader(refuse_to_load);
  });
}

XmlAllowance::XmlAllowance(size_t total, void (*when_spent)(void*), void* context)
    : total_(total), when_spent_(when_spent), context_(context) {
  allowance = this;
}

XmlAllowance::~XmlAllowance() { allowance = nullptr; }

bool XmlAllowance::take(size_t bytes) {
  used_ += bytes;
  if (!spent_ && (used_ > total_ || bytes > kLargest)) {
    spent_ = true;
    when_spent_(context_);
  }
  return bytes <= kLargest && used_ <= total_ + kLargest;
}

void FreeXmlDocument::operator()(_xmlDoc* document) const { xmlFreeDoc(document); }

Result<XmlDocument> parse_xml_document(std::string_view text, size_t most, const char* url) {
  if (text.size() > most) return fail(Code::too_large, "longer than " + std::to_string(most) + " bytes");
  return DocumentReader(most, url).read(text);
}

}  // namespace lt::codec
