// x and x': what came back and what did not. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "core/mapping/reversal.h"
#include "core/message/tree.h"
#include "core/proof/prove.h"

namespace lt::proof {

struct SourceLoss {
  Law law = Law::same_source;
  std::string path, plain;  // "$.A[2].B", "$.A.B"
  std::string why;
  const Node *before = nullptr, *after = nullptr;
  Place rule;
};

// `kept`: objects whose undeclared fields travel.
std::vector<SourceLoss> compare_source(const mapping::Reversal& reversal, const std::vector<std::string>& kept,
                                       const Node* x, const Node* back);

}  // namespace lt::proof
