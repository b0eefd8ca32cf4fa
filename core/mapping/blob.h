// The bytes of a file, from the form they have in the source to the one the target wants. Private to this room.
//
// A short text is converted while a document is mapped. A lifted one, and one that leaves the document as a part, stays
// a node of Kind::blob whose text says how it goes on: encode.h reads that and nobody else.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/stream.h"
#include "core/mapping/rule_file.h"
#include "core/message/tree.h"

namespace lt::mapping {

struct BlobWay {
  BlobForm from = BlobForm::base64, to = BlobForm::base64;
  bool lifted = false;           // of a range of the body
  std::string_view text;         // when not
  std::string_view name;         // of the file
  const Node* source = nullptr;  // where it stood
};

// Bytes that only `way_of` understands, in the arena of `tree`.
std::string_view keep_way(const BlobWay& way, Tree& tree);
// None: the blob is written as it stands.
std::optional<BlobWay> way_of(const Node& blob);

// As far as can be told without reading them: files of one length, written in the same form under the same name.
bool alike(const Node& a, const Node& b);

std::string_view name_of(BlobForm form);
// The document only says where the file is.
constexpr bool stands_apart(BlobForm form) { return form == BlobForm::url || form == BlobForm::part; }
// The text goes over as it stands. Not the name of a part: its file has to go, too.
constexpr bool as_it_stands(BlobForm from, BlobForm to) {
  return (from == to && from != BlobForm::part) || from == BlobForm::as_is || to == BlobForm::as_is;
}
// The target has a place for the name of the file.
constexpr bool takes_name(BlobForm to) { return to == BlobForm::zip || stands_apart(to); }
// Why no bytes go from one form to the other; null when they do.
const char* no_way(BlobForm from, BlobForm to);

// The last part of a path, without what no archive and no header takes; "file" when nothing is left.
std::string file_name(std::string_view name);

// The text of a file in another form. What stands apart is its bytes: of a part, behind an address. Errors bad_base64,
// bad_zip, too_large while it is read.
std::unique_ptr<ByteSource> converted(std::unique_ptr<ByteSource> text, BlobForm from, BlobForm to,
                                      std::string_view name);
// The same in memory. Error too_large past `most` bytes.
Result<std::string> converted(std::string_view text, BlobForm from, BlobForm to, std::string_view name, size_t most);

}  // namespace lt::mapping
