#include "core/codec/xslt.h"

#include <libexslt/exslt.h>
#include <libxml/tree.h>
#include <libxml/xmlIO.h>
#include <libxml/xpathInternals.h>
#include <libxslt/documents.h>
#include <libxslt/extensions.h>
#include <libxslt/extra.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xslt.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "core/base/limits.h"
#include "core/codec/xml_library.h"
#include "core/codec/xslt_words.h"

namespace lt::codec {
namespace {

constexpr int kTemplateDepth = 200;
constexpr size_t kMemory = 512 << 20;     // all that one run may ask for
constexpr size_t kTokenised = 256 << 10;  // bytes that str:tokenize and str:split take: each may become a node
constexpr const char* kUrl = "stylesheet";

const xmlChar* text_of(const char* text) { return reinterpret_cast<const xmlChar*>(text); }
std::string_view view(const xmlChar* text) { return text ? reinterpret_cast<const char*>(text) : std::string_view(); }

xsltSecurityPrefsPtr nothing_outside() {
  static const xsltSecurityPrefsPtr prefs = [] {
    xsltSecurityPrefsPtr made = xsltNewSecurityPrefs();
    for (const auto what : {XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
                            XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK})
      xsltSetSecurityPrefs(made, what, xsltSecurityForbid);
    return made;
  }();
  return prefs;
}

xmlDocPtr refuse_document(const xmlChar*, xmlDictPtr, int, void*, xsltLoadType) { return nullptr; }

// Functions of XPath that stand in for those of libxslt.

void stop(xmlXPathParserContextPtr context, int arguments, const char* why) {
  for (; arguments > 0; --arguments) xmlXPathFreeObject(valuePop(context));
  xsltTransformContextPtr transform = xsltXPathGetTransformContext(context);
  xsltTransformError(transform, nullptr, transform->inst, "%s\n", why);
  transform->state = XSLT_STATE_STOPPED;
  valuePush(context, xmlXPathNewCString(""));
}

void no_document(xmlXPathParserContextPtr context, int arguments) {
  stop(context, arguments, "document() reads files and networks: not allowed");
}

using Ids = std::unordered_map<const void*, size_t>;

// libxslt makes ids of addresses: other bytes at every run.
void counted_id(xmlXPathParserContextPtr context, int arguments) {
  if (arguments > 1) return stop(context, arguments, "generate-id() takes one argument");
  const void* node = context->context->node;
  if (arguments == 1) {
    xmlXPathObjectPtr set = valuePop(context);
    if (!set || (set->type != XPATH_NODESET && set->type != XPATH_XSLT_TREE)) {
      xmlXPathFreeObject(set);
      return stop(context, 0, "generate-id() takes a node-set");
    }
    xmlXPathNodeSetSort(set->nodesetval);
    const bool none = !set->nodesetval || set->nodesetval->nodeNr == 0;
    node = none ? nullptr : set->nodesetval->nodeTab[0];
    // A namespace node is a copy in every set: its address tells nothing.
    if (!none && set->nodesetval->nodeTab[0]->type == XML_NAMESPACE_DECL) {
      xmlXPathFreeObject(set);
      return stop(context, 0, "generate-id() of a namespace node");
    }
    xmlXPathFreeObject(set);
    if (none) {
      valuePush(context, xmlXPathNewCString(""));
      return;
    }
  }
  auto& ids = *static_cast<Ids*>(xsltXPathGetTransformContext(context)->_private);
  const std::string id = "id" + std::to_string(ids.try_emplace(node, ids.size() + 1).first->second);
  valuePush(context, xmlXPathNewCString(id.c_str()));
}

xmlXPathFunction tokenize_of_library, split_of_library;

void bounded(xmlXPathParserContextPtr context, int arguments, xmlXPathFunction function) {
  if (arguments > 0 && arguments <= context->valueNr) {
    xmlChar* text = xmlXPathCastToString(context->valueTab[context->valueNr - arguments]);
    const bool fits = view(text).size() <= kTokenised;
    xmlFree(text);
    if (!fits) return stop(context, arguments, "str:tokenize and str:split take at most 256 KiB");
  }
  function(context, arguments);
}
void bounded_tokenize(xmlXPathParserContextPtr context, int arguments) {
  bounded(context, arguments, tokenize_of_library);
}
void bounded_split(xmlXPathParserContextPtr context, int arguments) { bounded(context, arguments, split_of_library); }

xmlXPathFunction replaced(const char* name, xmlXPathFunction function) {
  xmlXPathFunction before = xsltExtModuleFunctionLookup(text_of(name), EXSLT_STRINGS_NAMESPACE);
  xsltUnregisterExtModuleFunction(text_of(name), EXSLT_STRINGS_NAMESPACE);
  xsltRegisterExtModuleFunction(text_of(name), EXSLT_STRINGS_NAMESPACE, function);
  return before;
}

void start_xslt_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    start_xml_library();
    xsltInit();
    xsltSetGenericErrorFunc(nullptr, XsltWords::say_anywhere);
    xsltSetDefaultSecurityPrefs(nothing_outside());
    xsltSetLoaderFunc(refuse_document);
    exsltStrRegister();
    exsltMathRegister();
    xsltUnregisterExtModuleFunction(text_of("random"), EXSLT_MATH_NAMESPACE);
    xsltRegisterExtModuleFunction(text_of("node-set"), EXSLT_COMMON_NAMESPACE, xsltFunctionNodeSet);
    tokenize_of_library = replaced("tokenize", bounded_tokenize);
    split_of_library = replaced("split", bounded_split);
  });
}

bool is_xsl(const xmlNode* node) {
  return node->type == XML_ELEMENT_NODE && node->ns && view(node->ns->href) == view(XSLT_NAMESPACE);
}

std::string attribute(xmlNodePtr node, const char* name, const xmlChar* ns) {
  xmlChar* value = xmlGetNsProp(node, text_of(name), ns);
  std::string text(view(value));
  xmlFree(value);
  return text;
}

// Of XSLT 1.0, without those that reach outside the file. libxslt itself finds a name it does not know only at run
// time.
constexpr std::string_view kElements[] = {"apply-imports",
                                          "apply-templates",
                                          "attribute",
                                          "attribute-set",
                                          "call-template",
                                          "choose",
                                          "comment",
                                          "copy",
                                          "copy-of",
                                          "decimal-format",
                                          "element",
                                          "fallback",
                                          "for-each",
                                          "if",
                                          "key",
                                          "message",
                                          "namespace-alias",
                                          "number",
                                          "otherwise",
                                          "output",
                                          "param",
                                          "preserve-space",
                                          "processing-instruction",
                                          "sort",
                                          "strip-space",
                                          "stylesheet",
                                          "template",
                                          "text",
                                          "transform",
                                          "value-of",
                                          "variable",
                                          "when",
                                          "with-param"};

Result<void> check_allowed(xmlNodePtr root, const std::string& file) {
  const auto refuse = [&](const xmlNode* node, std::string why) {
    Place place;
    place.file = file;
    place.line = static_cast<int>(xmlGetLineNo(node));
    return fail(Code::bad_stylesheet, std::move(why), std::move(place));
  };
  const std::string version = attribute(root, "version", is_xsl(root) ? nullptr : XSLT_NAMESPACE);
  if (version != "1.0")
    return refuse(root, version.empty() ? "no version: not a stylesheet of XSLT 1.0"
                                        : "version " + one_line(version) + ": only XSLT 1.0");
  for (xmlNodePtr node = root; node;) {
    if (is_xsl(node)) {
      const auto name = view(node->name);
      if (name == "include" || name == "import" || name == "document")
        return refuse(node, "xsl:" + std::string(name) + " is not allowed: one file, nothing outside it");
      if (std::find(std::begin(kElements), std::end(kElements), name) == std::end(kElements))
        return refuse(node, "xsl:" + one_line(name) + " is not of XSLT 1.0");
    }
    if (node->type == XML_ELEMENT_NODE && node->children) {
      node = node->children;
      continue;
    }
    while (node != root && !node->next) node = node->parent;
    node = node == root ? nullptr : node->next;
  }
  return {};
}

struct FreeTransform {
  void operator()(xsltTransformContext* context) const { xsltFreeTransformContext(context); }
};

// One document through one stylesheet.
class Run {
 public:
  Run(xsltStylesheetPtr style, xmlDocPtr document, const std::string& file)
      : style_(style), document_(document), file_(file), words_(XsltWords::Quotes::cut) {}

  Result<std::string> result() {
    context_.reset(xsltNewTransformContext(style_, document_));
    if (!context_) return fail(Code::bug, "libxslt did not start");
    bound();
    XmlAllowance allowance(kMemory, stop_soon, context_.get());
    XmlDocument made(xsltApplyStylesheetUser(style_, document_, nullptr, nullptr, nullptr, context_.get()));
    LT_TRY(checked(allowance, made != nullptr));
    std::string out;
    xmlOutputBufferPtr buffer = xmlOutputBufferCreateIO(write, nullptr, &out, nullptr);
    if (!buffer) return fail(Code::bug, "libxml2 did not start");
    const bool saved = xsltSaveResultTo(buffer, made.get(), style_) >= 0;
    const bool whole = xmlOutputBufferClose(buffer) >= 0 && saved;
    if (!whole && out.size() >= limits::kStylesheetInput)
      return fail(Code::too_large,
                  "the stylesheet makes more than " + std::to_string(limits::kStylesheetInput) + " bytes", place());
    LT_TRY(checked(allowance, whole));
    return out;
  }

 private:
  void bound() {
    xsltTransformContext& context = *context_;
    context._private = &ids_;
    context.opLimit = limits::kStylesheetSteps;
    context.maxTemplateDepth = kTemplateDepth;
    xsltSetCtxtSecurityPrefs(nothing_outside(), context_.get());
    xsltSetTransformErrorFunc(context_.get(), &words_, XsltWords::say);
    xmlXPathContext& xpath = *context.xpathCtxt;
    xpath.opLimit = limits::kStylesheetSteps;
    xpath.error = XsltWords::complain;
    xpath.userData = &words_;
    replace("document", no_document);
    replace("generate-id", counted_id);
  }

  void replace(const char* name, xmlXPathFunction function) {
    xmlXPathRegisterFunc(context_->xpathCtxt, text_of(name), nullptr);
    xmlXPathRegisterFunc(context_->xpathCtxt, text_of(name), function);
  }

  static void stop_soon(void* context) {
    auto& transform = *static_cast<xsltTransformContext*>(context);
    transform.state = XSLT_STATE_STOPPED;
    transform.xpathCtxt->opLimit = 1;
    transform.xpathCtxt->opCount = 1;
  }

  static int write(void* out, const char* bytes, int size) {
    auto& text = *static_cast<std::string*>(out);
    const size_t room = limits::kStylesheetInput - text.size();
    text.append(bytes, std::min(room, static_cast<size_t>(size)));
    return static_cast<size_t>(size) > room ? -1 : size;
  }

  Place place() const {
    Place place;
    place.file = file_;
    place.line = words_.line();
    return place;
  }

  Result<void> checked(const XmlAllowance& allowance, bool made) const {
    if (allowance.spent())
      return fail(Code::too_much_work, "the stylesheet needs more than " + std::to_string(kMemory >> 20) + " MiB",
                  place());
    if (context_->opCount >= context_->opLimit || context_->xpathCtxt->opCount >= context_->xpathCtxt->opLimit)
      return fail(Code::too_much_work,
                  "the stylesheet needs more than " + std::to_string(limits::kStylesheetSteps) + " steps", place());
    if (words_.endless())
      return fail(Code::too_much_work, "templates nested more than " + std::to_string(kTemplateDepth) + " deep",
                  place());
    if (made && context_->state == XSLT_STATE_OK && words_.complaint().empty()) return {};
    std::string why = words_.complaint().empty() ? words_.message() : words_.complaint();
    return fail(Code::stylesheet_failed, why.empty() ? "libxslt gave no reason" : std::move(why), place());
  }

  xsltStylesheetPtr style_;
  xmlDocPtr document_;
  const std::string& file_;
  XsltWords words_;
  Ids ids_;
  std::unique_ptr<xsltTransformContext, FreeTransform> context_;
};

}  // namespace

struct Stylesheet::Compiled {
  struct Free {
    void operator()(xsltStylesheet* style) const { xsltFreeStylesheet(style); }
  };
  std::string file;
  std::unique_ptr<xsltStylesheet, Free> style;
};

Stylesheet::Stylesheet(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Stylesheet::Stylesheet(Stylesheet&&) noexcept = default;
Stylesheet& Stylesheet::operator=(Stylesheet&&) noexcept = default;
Stylesheet::~Stylesheet() = default;

Result<Stylesheet> Stylesheet::compile(std::string_view text, std::string_view file_name) {
  start_xslt_library();
  std::string shown(file_name);
  auto parsed = parse_xml_document(text, limits::kStylesheet, kUrl);
  if (!parsed) {
    Place place = parsed.error().place;
    place.file = shown;
    return fail(Error(Code::bad_stylesheet, info(parsed.error().code).title_en.data(), std::move(place))
                    .because(std::move(parsed).error()));
  }
  LT_TRY(check_allowed(xmlDocGetRootElement(parsed->get()), shown));

  XsltWords words(XsltWords::Quotes::kept);
  auto compiled = std::make_unique<Compiled>();
  compiled->style.reset(xsltParseStylesheetDoc(parsed->get()));
  if (compiled->style) (void)parsed->release();
  if (!compiled->style || compiled->style->errors > 0 || !words.complaint().empty()) {
    Place place;
    place.file = shown;
    place.line = words.line();
    return fail(Code::bad_stylesheet, words.complaint().empty() ? "libxslt gave no reason" : words.complaint(),
                std::move(place));
  }
  xsltStylesheet& style = *compiled->style;
  xmlFree(style.encoding);
  style.encoding = xmlStrdup(text_of("UTF-8"));
  compiled->file = std::move(shown);
  return Stylesheet(std::move(compiled));
}

Result<std::string> Stylesheet::run(std::string_view document) const {
  LT_ASSIGN(const XmlDocument input, parse_xml_document(document, limits::kStylesheetInput, "document"));
  return Run(compiled_->style.get(), input.get(), compiled_->file).result();
}

}  // namespace lt::codec
