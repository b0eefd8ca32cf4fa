// Documents as the tools of this room handle them: whole in memory, nodes found by paths, values shown to people.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/mapping/file_room.h"
#include "core/message/tree.h"

namespace lt::workshop {

// Samples are small: nothing is lifted out of them. `name` is the file, for errors.
Result<void> parse_document(bool xml, std::string text, const std::string& name, Tree& out);

// Files that a document names, as the tools have them: `files/NAME` beside the file `path`. NAME is that of the part of
// a multipart body, of an address its last segment.
mapping::FileRoom::Elsewhere files_beside(Env& env, const std::string& path);

// One step of a path in a document, as core/message/tree.h writes them: A[2], ["a.b"], @id.
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

// `chữ / text "Kinh"`, `danh sách / list of 3`.
std::string shown(const Node* node);

}  // namespace lt::workshop
