// Nodes found again by what path_of said of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/message/tree.h"

namespace lt {

// One step of a path in a document, as path_of writes them: A[2], ["a.b"], @id.
struct DocumentStep {
  std::string name;
  std::optional<size_t> index;  // from 0: item of an array, or which of the elements of that name
  bool operator==(const DocumentStep&) const = default;
};

// "$.A.B[2].C", "A.B[2].C" or "$" alone. Error usage.
Result<std::vector<DocumentStep>> parse_document_path(std::string_view text);
// "A.B.C": as rules name their targets.
std::string without_indexes(const std::vector<DocumentStep>& path);

struct FoundNode {
  const Node* node = nullptr;  // null: nothing is there
  const Node* nearest;         // the last node on the way
};
// A step without an index enters the first item of an array, unless it is the last step.
FoundNode find_node(const Node* root, const std::vector<DocumentStep>& path);
// The same, to be changed. Null when it is not there.
Node* node_at(Node* root, const std::vector<DocumentStep>& path);

}  // namespace lt
