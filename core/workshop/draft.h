// A first mapping file, proposed from two schemas and pairs of documents that mean the same: `lienthong map draft`.
//
// A field is proposed to come from where the same value stands in all pairs, or from a field of the same name when the
// pairs do not show it; a value may also be a date of another pattern, a code that another code recurs with, a file, a
// text put together from others or split into them, or the same everywhere. Nothing is proposed that the pairs
// contradict. Every rule says in a comment why it was proposed; what has no source is listed at the end, and what a
// person has to decide: branches of a choice (one_of), fields with prefixes on one side and an array on the other
// (spread).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace lt {
struct Node;
}
namespace lt::schema {
struct Model;
}

namespace lt::workshop {

struct DraftSide {
  const schema::Model* model = nullptr;
  std::string schema;  // as the mapping file names it
};
struct DraftPair {
  const Node* source = nullptr;
  const Node* target = nullptr;
  std::string source_file, target_file;  // as the mapping file names them, for its examples
};
struct DraftRequest {
  std::string name = "draft";
  DraftSide source, target;
  std::vector<DraftPair> pairs;
};
struct Draft {
  std::string text;                                         // the mapping file, formatted
  std::vector<std::pair<std::string, std::string>> tables;  // file beside the mapping -> CSV
};

// Error bad_example when a pair does not fit its schemas' roots.
Result<Draft> draft_mapping(const DraftRequest& request);

}  // namespace lt::workshop
