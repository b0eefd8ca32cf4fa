// Documents as the tools of this room handle them: whole in memory, values shown to people. Nodes are found by
// core/message/tree_path.h.
#pragma once

#include <string>
#include <string_view>

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/mapping/file_room.h"
#include "core/message/tree.h"
#include "core/message/tree_path.h"

namespace lt::workshop {

// Samples are small: nothing is lifted out of them. `name` is the file, for errors.
Result<void> parse_document(bool xml, std::string text, const std::string& name, Tree& out);

// Files that a document names, as the tools have them: `files/NAME` beside the file `path`. NAME is that of the part of
// a multipart body, of an address its last segment.
mapping::FileRoom::Elsewhere files_beside(Env& env, const std::string& path);

// `chữ / text "Kinh"`, `danh sách / list of 3`.
std::string shown(const Node* node);

}  // namespace lt::workshop
