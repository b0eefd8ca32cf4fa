// Checks documents against a JSON Schema: the schema compiled once into flat rules, run over the arena tree.
//
// Differs from the letter of draft-07 only here: numbers are compared exactly, never as doubles; 1.0 is an integer;
// lengths of blobs (strings too long for the tree) are their bytes, and a pattern, format, enum or const on one fails;
// a document that needs more than limits::kSchemaSteps rule applications is refused.
//
// Problems never hold a value of the document, since values are personal data: only its kind, length or count.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/message/tree.h"
#include "core/schema/model.h"

namespace lt::schema {

struct Problem {
  Code code = Code::schema_violation;
  std::string path;      // "$.TaiLieuNop[2].Tep"
  std::string keyword;   // of the schema, "required"
  std::string expected;  // "at most 500 characters"
  std::string actual;    // "text of 613 characters"
  Place schema;          // "schemas/onestop/dossier.schema.json:88:9"
  std::string hint;      // did you mean; may be ""
};

// All that is wrong with one document, at most limits::kSchemaProblems described.
struct Problems {
  std::vector<Problem> items;
  size_t total = 0;

  bool ok() const { return total == 0; }
  // One Error for the whole: code and path of the first, every problem described in `detail`.
  Error error() const;
};

class CompiledSchema {
 public:
  // The model must be of JSON Schema. Errors: schema_pattern, schema_keyword (too many required names).
  static Result<CompiledSchema> compile(std::shared_ptr<const Model> model);
  CompiledSchema(CompiledSchema&&) noexcept;
  CompiledSchema& operator=(CompiledSchema&&) noexcept;
  ~CompiledSchema();

  const Model& model() const;

  struct Program;
  const Program& program() const { return *program_; }

 private:
  explicit CompiledSchema(std::unique_ptr<const Program> program);
  std::unique_ptr<const Program> program_;
};

// True when `root` is valid; else its problems are added. Thread-safe; no allocation when all is well.
bool check(const CompiledSchema& schema, const Node* root, Problems& problems);
// The verdict alone, as fast as can be.
bool is_valid(const CompiledSchema& schema, const Node* root);
// The same for a node that is to be of the type `type` of the model.
bool is_valid(const CompiledSchema& schema, TypeId type, const Node* node);

// Deep equality of values: numbers by value, members in any order.
bool same_value(const Node* a, const Node* b);

}  // namespace lt::schema
