// Checks XML documents against an XSD: the schema compiled once, run over the arena tree.
//
// Checked: the root element, names and namespaces of elements and attributes, order and number of elements, mixed,
// empty and simple content, wildcards (strict, lax, skip), required and fixed attributes and values, nil, and every
// facet (scalar_rule.h). An array stands for its items, each an element of the array's name, as the XML writer writes
// it; numbers, booleans and null for their text.
//
// Differs from the letter of XSD 1.0 only here:
//   xsi:type     refused unless it names the declared type, of which the prefix is not looked at
//   root         one of the schema file itself (`root_name` picks one), not of an included or imported file
//   ID, IDREF    are names; that an ID is unique and an IDREF leads somewhere is not asked. QName: see xsd_value.h
//   blobs        (texts too long for the tree) their length is their bytes; base64 is taken for base64; a pattern, an
//                enumeration and any other form that would have to be read fails
//   blanks       blank text beside elements never enters the tree, so that it is not seen in empty content
//   bounds       documents of more than limits::kSchemaSteps steps or deeper than limits::kDocumentDepth are refused
//
// Problems never hold a value of the document, as in checker.h; names of elements do appear, in paths.
#pragma once

#include <memory>
#include <string_view>

#include "core/base/result.h"
#include "core/message/tree.h"
#include "core/schema/checker.h"
#include "core/schema/model.h"

namespace lt::schema {

class CompiledXsd {
 public:
  // The model must be of XSD. Errors: schema_pattern; schema_keyword for content that cannot be compiled and for bounds
  // and fixed values that are none of their type.
  static Result<CompiledXsd> compile(std::shared_ptr<const Model> model);
  CompiledXsd(CompiledXsd&&) noexcept;
  CompiledXsd& operator=(CompiledXsd&&) noexcept;
  ~CompiledXsd();

  const Model& model() const;

  struct Program;
  const Program& program() const { return *program_; }

 private:
  explicit CompiledXsd(std::unique_ptr<const Program> program);
  std::unique_ptr<const Program> program_;
};

// True when `root` is valid; else its problems are added. Thread-safe. `steps`: what it cost, linear in the document.
bool check(const CompiledXsd& schema, const Node* root, Problems& problems, std::string_view root_name = {},
           uint64_t* steps = nullptr);

}  // namespace lt::schema
