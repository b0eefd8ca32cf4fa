#include "test/bench/mapping/rivals.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxslt/transform.h>
#include <libxslt/xsltutils.h>
#include <rapidjson/document.h>

#include <stdexcept>

namespace lt::bench {

size_t rapidjson_dom(std::string_view text) {
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  if (document.HasParseError()) throw std::runtime_error("RapidJSON refuses the document");
  return document.MemberCount();
}

size_t libxml2_sax2(std::string_view text) {
  size_t elements = 0;
  xmlSAXHandler sax{};
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = [](void* count, const xmlChar*, const xmlChar*, const xmlChar*, int, const xmlChar**, int, int,
                          const xmlChar**) { ++*static_cast<size_t*>(count); };
  sax.characters = [](void*, const xmlChar*, int) {};
  if (xmlSAXUserParseMemory(&sax, &elements, text.data(), static_cast<int>(text.size())) != 0)
    throw std::runtime_error("libxml2 refuses the document");
  return elements;
}

struct Xslt::Sheet {
  xsltStylesheetPtr compiled = nullptr;
};

Xslt::Xslt(const std::string& text) : sheet_(std::make_unique<Sheet>()) {
  xmlDocPtr document = xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr, XML_PARSE_NONET);
  sheet_->compiled = document ? xsltParseStylesheetDoc(document) : nullptr;
  if (!sheet_->compiled) throw std::runtime_error("libxslt refuses the stylesheet");
}

Xslt::~Xslt() { xsltFreeStylesheet(sheet_->compiled); }

std::string Xslt::operator()(std::string_view document) const {
  xmlDocPtr source = xmlReadMemory(document.data(), static_cast<int>(document.size()), nullptr, nullptr,
                                   XML_PARSE_NONET | XML_PARSE_COMPACT);
  xmlDocPtr target = source ? xsltApplyStylesheet(sheet_->compiled, source, nullptr) : nullptr;
  xmlChar* text = nullptr;
  int size = 0;
  if (target) xsltSaveResultToString(&text, &size, target, sheet_->compiled);
  std::string out(text ? reinterpret_cast<const char*>(text) : "", static_cast<size_t>(size));
  xmlFree(text);
  xmlFreeDoc(target);
  xmlFreeDoc(source);
  if (out.empty()) throw std::runtime_error("libxslt made nothing");
  return out;
}

}  // namespace lt::bench
