// Short ways to a model, its documents and what is in them.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "core/base/env.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/proof/generator.h"
#include "core/schema/checker.h"
#include "core/schema/json_schema.h"
#include "core/schema/xsd.h"

namespace lt::proof::test {

// A schema given as text (XSD when it begins with "<"), or read from a file below schemas/.
struct Bed {
  config::Diagnostics diagnostics;
  std::shared_ptr<const schema::Model> model;

  static Bed text(const std::string& text) {
    Bed out;
    schema::SchemaFiles files(system_env(), "", out.diagnostics);
    files.put("t", text);
    out.read(files, "t", text[0] == '<');
    return out;
  }
  static Bed file(const std::string& name) {
    Bed out;
    schema::SchemaFiles files(system_env(), std::string(LT_SOURCE_DIR) + "/schemas", out.diagnostics);
    out.read(files, name, name.ends_with(".xsd"));
    return out;
  }
  Generator generator(const Domains& domains = {}, const Taste& taste = {}, const std::string& root = {}) const {
    auto made = Generator::make(*model, root, domains, taste);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().text()));
    return std::move(*made);
  }

 private:
  void read(schema::SchemaFiles& files, const std::string& name, bool xml) {
    model = xml ? schema::read_xsd(files, name, diagnostics) : schema::read_json_schema(files, name, diagnostics);
    REQUIRE_MESSAGE(model != nullptr, diagnostics.text());
  }
};

// An XSD of target namespace urn:t with this inside.
inline std::string xsd(const std::string& body) {
  return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:t=\"urn:t\" targetNamespace=\"urn:t\" "
         "elementFormDefault=\"qualified\">" +
         body + "</xs:schema>";
}

inline std::string json_of(const Document& document) {
  std::string out;
  const auto written = codec::write_json(document.tree.root(), out);
  REQUIRE_MESSAGE(written.has_value(), (written ? "" : written.error().text()));
  return out;
}

inline std::string xml_of(const Document& document, const schema::Model& model) {
  codec::XmlWriteOptions options;
  options.prefixes.push_back({"http://www.w3.org/2001/XMLSchema-instance", "xsi"});
  if (!model.target_ns.empty()) options.prefixes.push_back({model.target_ns, "t"});
  std::string out;
  const auto written = codec::write_xml(document.tree.root(), options, out);
  REQUIRE_MESSAGE(written.has_value(), (written ? "" : written.error().text()));
  return out;
}

// The verdict of the checker itself, not of the generator.
inline std::string problems_of(const schema::Model& model, const Document& document) {
  const auto compiled = schema::CompiledSchema::compile(
      std::shared_ptr<const schema::Model>(std::shared_ptr<const schema::Model>(), &model));
  REQUIRE(compiled.has_value());
  schema::Problems problems;
  return schema::check(*compiled, document.tree.root(), problems) ? "" : problems.error().text();
}

}  // namespace lt::proof::test
