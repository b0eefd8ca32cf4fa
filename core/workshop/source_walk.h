// Follows the paths of a compiled mapping through a source document, as a run does: for explaining what a run met.
#pragma once

#include <cstdint>
#include <vector>

#include "core/mapping/mapping.h"
#include "core/mapping/program.h"

namespace lt::workshop {

class SourceWalk {
 public:
  SourceWalk(const mapping::Program& program, const Node* root) : program_(program), root_(root) {}

  // From `scope`; null when it leads nowhere, or from the item of match_on, which only a run knows.
  const Node* walk(uint32_t path, const Node* scope) const;
  // Does the condition hold? Also false when it cannot be told.
  bool holds(uint32_t expression, const Node* scope) const;
  // Where the paths of an expression lead, those that lead somewhere.
  std::vector<const Node*> read_by(uint32_t expression, const Node* scope) const;

 private:
  class Finder;
  const Node* start_of(const mapping::ExpressionCode& code, const Node* scope) const;

  const mapping::Program& program_;
  const Node* root_;
};

}  // namespace lt::workshop
