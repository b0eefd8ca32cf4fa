// The workings of xsd.h: one reading of one schema. xsd.cc finds the global definitions and resolves names,
// xsd_content.cc reads elements and complex types, xsd_simple.cc simple and built-in types.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/schema/xsd.h"

namespace lt::schema {

inline constexpr std::string_view kXsd = "http://www.w3.org/2001/XMLSchema", kOwn = "urn:lienthong:schema";

class XsdReader {
 public:
  XsdReader(SchemaFiles& files, config::Diagnostics& diagnostics) : files_(files), diagnostics_(diagnostics) {}
  std::shared_ptr<const Model> run(const std::string& name);

 private:
  struct Document {
    std::string file, target_ns;
    std::map<std::string, std::string, std::less<>> prefixes;
    bool elements_qualified = false, attributes_qualified = false;
  };
  struct Global {
    const Node* node = nullptr;
    const Document* document = nullptr;
  };
  // Where a field stands: how often its group may occur, and in which branch of which choice.
  struct Context {
    bool required = true;
    uint32_t repeats = 1;
    int choice = -1, branch = -1;
  };

  void refuse(Code code, const Node* node, std::string message, std::string hint = {});
  void refuse_element(const Node* node);
  // Counts one more element, group or attribute, groups at every use: small groups of groups make large content. False
  // when there is no room for it, which is then said.
  bool room(const Node* node);
  // xsd.cc
  void load(const std::string& name, const std::string& chameleon_ns, const Node* said_at);
  void read_prefixes(std::string_view text, const Node* root, Document& document);
  void collect(const Node* root, const Document& document);
  void follow(const Node* node, const Document& document);
  std::optional<std::string> name_of(const Node* node, std::string_view attribute);  // "{ns}local" of a QName
  const Global* find(const Node* node, std::string_view kind, std::string_view attribute);
  // xsd_content.cc
  TypeId type_of_element(const Node* node);
  Field read_element(const Node* node, bool global);
  TypeId complex_type(const Node* node);
  void fill_complex(const Node* node, Type& type);
  void complex_content(const Node* node, Type& type);
  void simple_content(const Node* node, Type& type);
  bool content_part(const Node* node, Type& type);
  void add_content(const Node* node, Type& type);
  Particle particle(const Node* node, Type& type, Context context);
  void add_attribute(const Node* node, Type& type);
  std::optional<Field> read_attribute(const Node* node, bool global);
  Wildcard wildcard(const Node* node);
  void any_attribute(const Node* node, Type& type);
  // xsd_simple.cc
  TypeId named_type(const Node* node, std::string_view attribute);
  std::string codes_of(const Node* node);
  TypeId with_codes(const Node* node, TypeId type);
  TypeId simple_type(const Node* node);
  TypeId built_in(const Node* node, std::string_view name);
  void facets(const Node* restriction, Type& type);

  SchemaFiles& files_;
  config::Diagnostics& diagnostics_;
  Model model_;
  const Document* document_ = nullptr;  // of the node being read
  std::map<std::string, Document> documents_;
  std::map<std::string, Global> globals_;  // "element {ns}local"
  std::map<const Node*, TypeId> known_;
  std::map<std::string, TypeId, std::less<>> built_in_;
  size_t depth_ = 0;
  size_t parts_ = 0;
};

// The value of an attribute of an XSD element, "" when absent.
std::string_view attribute_of(const Node* node, std::string_view name);
std::optional<std::string> optional_attribute(const Node* node, std::string_view name);
// An attribute, or any node without name of its own to read: annotation.
bool is_aside(const Node* node);
// The text of xs:annotation/xs:documentation.
std::string documentation_of(const Node* node);

}  // namespace lt::schema
