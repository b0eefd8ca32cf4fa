// Documents of a schema, drawn from a seed: what a mapping is proved with and what the runner is tried on.
//
// A document is valid for its model as far as the model can say. JSON documents are checked (core/schema/checker.h),
// and what does not fit is drawn again, part by part and then as a whole, a bounded number of times. XML documents are
// not checked here: whoever has a checker of XML asks it.
//
// How full a document is differs from one to the next: all optional fields, most, half, few or none. Children come in
// the order of the schema, those of xs:all too. Shape is that of a parsed document (core/message/tree.h), so that a
// tree written and read again is the same.
//
// What the model does not say is not kept: xs:ID below a type derived from it, the namespaces of xs:any (left out where
// it may be), xs:whiteSpace.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/message/tree.h"
#include "core/proof/domains.h"
#include "core/proof/shrink.h"
#include "core/schema/model.h"

namespace lt::proof {

struct Document {
  Tree tree;
  Choices choices;        // Generator::replay makes the same document of them
  bool valid = false;     // JSON: by the checker. XML: nothing was drawn that its type or its domain refuses
  unsigned attempts = 1;  // whole documents drawn
};

class Generator {
 public:
  // `root`: the name of a global element; "" for JSON, or when there is one. The model must outlive the generator.
  // Errors: unknown_path (no such root), pattern_error (a domain), those of schema::CompiledSchema::compile.
  static Result<Generator> make(const schema::Model& model, const std::string& root = {}, const Domains& domains = {},
                                const Taste& taste = {});
  Generator(Generator&&) noexcept;
  Generator& operator=(Generator&&) noexcept;
  ~Generator();

  // The same seed, the same document. Thread-safe, as the others are.
  Document document(uint64_t seed) const;
  Document replay(const std::vector<uint64_t>& choices) const;

  struct Plan;

 private:
  explicit Generator(std::unique_ptr<const Plan> plan);
  std::unique_ptr<const Plan> plan_;
};

struct ShrunkDocument {
  Document document;
  size_t attempts = 0;
};
// The smallest document found on which `still_fails` says true, valid if `failing` is.
ShrunkDocument shrink(const Generator& generator, const Document& failing,
                      const std::function<bool(const Document&)>& still_fails, size_t most = 5'000);

}  // namespace lt::proof
