// Short ways to an XSD, a document and a verdict; the same of libxml2.
#pragma once

#include <doctest/doctest.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <cstdarg>
#include <cstdio>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/codec/xml.h"
#include "core/schema/schema_files.h"
#include "core/schema/xsd.h"
#include "core/schema/xsd_checker.h"

namespace lt::schema {

inline std::string xsd_of(const std::string& body, const std::string& more = {}) {
  return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:t=\"urn:t\" targetNamespace=\"urn:t\" "
         "elementFormDefault=\"qualified\"" +
         more + ">\n" + body + "</xs:schema>";
}

// An XSD given as text, compiled by us.
struct OurXsd {
  config::Diagnostics diagnostics;
  std::shared_ptr<const Model> model;
  std::unique_ptr<CompiledXsd> compiled;
  std::string refused;  // why it was not compiled

  explicit OurXsd(const std::string& text, const std::string& other = {}) {
    SchemaFiles files(system_env(), "", diagnostics);
    files.put("t.xsd", text);
    if (!other.empty()) files.put("other.xsd", other);
    model = read_xsd(files, "t.xsd", diagnostics);
    if (model == nullptr) {
      refused = diagnostics.text();
      return;
    }
    auto done = CompiledXsd::compile(model);
    if (done)
      compiled = std::make_unique<CompiledXsd>(std::move(*done));
    else
      refused = done.error().text();
  }
  Problems operator()(const std::string& document, std::string_view root = {}, uint64_t* steps = nullptr) const {
    REQUIRE_MESSAGE(compiled != nullptr, refused);
    Tree tree;
    const auto parsed = codec::parse_xml(std::string_view(document), tree);
    REQUIRE_MESSAGE(parsed.has_value(), document << "\n" << (parsed ? "" : parsed.error().text()));
    Problems problems;
    const bool good = check(*compiled, tree.root(), problems, root, steps);
    CHECK(good == problems.ok());
    return problems;
  }
};

// The same by libxml2.
class TheirXsd {
 public:
  explicit TheirXsd(const std::string& text) {
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewMemParserCtxt(text.data(), static_cast<int>(text.size()));
    xmlSchemaSetParserErrors(parser, note, note, &said_);
    schema_ = xmlSchemaParse(parser);
    xmlSchemaFreeParserCtxt(parser);
  }
  ~TheirXsd() { xmlSchemaFree(schema_); }
  TheirXsd(const TheirXsd&) = delete;
  TheirXsd& operator=(const TheirXsd&) = delete;

  bool good() const { return schema_ != nullptr; }
  const std::string& said() const { return said_; }
  // Nothing when libxml2 fails itself.
  std::optional<bool> accepts(const std::string& document) {
    said_.clear();
    xmlDocPtr parsed =
        xmlReadMemory(document.data(), static_cast<int>(document.size()), "d.xml", nullptr, XML_PARSE_NONET);
    REQUIRE_MESSAGE(parsed != nullptr, document);
    xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema_);
    xmlSchemaSetValidErrors(context, note, note, &said_);
    const int verdict = xmlSchemaValidateDoc(context, parsed);
    xmlSchemaFreeValidCtxt(context);
    xmlFreeDoc(parsed);
    if (verdict < 0) return std::nullopt;
    return verdict == 0;
  }

 private:
  static void note(void* to, const char* format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    *static_cast<std::string*>(to) += line;
  }

  xmlSchemaPtr schema_ = nullptr;
  std::string said_;
};

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  size_t below(size_t n) { return engine_() % n; }
  bool chance(int percent) { return below(100) < static_cast<size_t>(percent); }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::mt19937_64 engine_;
};

// Verdicts compared, and the differences that are known, each of a named kind.
struct Tally {
  size_t pairs = 0, accepted = 0, failed = 0;
  std::map<std::string, size_t> named;

  void compare(const OurXsd& ours, TheirXsd& theirs, const std::string& xsd, const std::string& document,
               const std::string& kind = {}) {
    const Problems problems = ours(document);
    const std::optional<bool> theirs_says = theirs.accepts(document);
    if (!theirs_says) {
      ++named["libxml2 fails itself"];
      return;
    }
    const bool good = *theirs_says;
    ++pairs;
    accepted += problems.ok();
    if (good == problems.ok()) return;
    if (!kind.empty()) {
      ++named[kind];
      return;
    }
    if (++failed > 20) return;
    const std::string said = problems.ok() ? "" : problems.error().text();
    CHECK_MESSAGE(good == problems.ok(), (xsd.size() < 1500 ? xsd : std::string())
                                             << "\n"
                                             << document << "\nwe: " << said << "\nlibxml2: " << theirs.said());
  }
};

inline std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text)
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\n' || c == '\t')
      out += "&#" + std::to_string(c) + ";";
    else
      out += c;
  return out;
}

}  // namespace lt::schema
