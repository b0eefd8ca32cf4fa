// `blob: {..., as: url}`: files that a source document carries get an address in the target document, and are served
// there, for partners that take files only as links.
//
// Nothing is kept of an address: it says itself which file of which message it is (file_address.h), and the file is
// read out of the stored message, in constant memory. So it lives no longer than the message's body: past its
// retention, or when its key was destroyed, it is answered 410.
#pragma once

#include <memory>
#include <string>

#include "core/adapter/services.h"
#include "core/journal/journal.h"
#include "core/mapping/encode.h"
#include "core/message/message.h"
#include "core/runtime/file_address.h"
#include "core/runtime/file_serving_config.h"
#include "core/schema/schema_store.h"

namespace lt::runtime {

// What makes addresses. Immutable; shared by all threads.
struct AddressGiver {
  FileTokens tokens;
  std::string url;  // without a slash at its end
  std::chrono::milliseconds valid{0};
};
std::shared_ptr<const AddressGiver> make_address_giver(const FileServingSection& section, const CipherKey& secret);

// For encode(): addresses of files of that message, whose document `root` is. The file is read once, so that no address
// is given to what cannot be served: errors bad_base64, bad_zip and the like hold the delivery. Others: wrong_type
// without `giver`; bad_embedded for a file inside an embedded document, which no path leads to; too_large when the
// address would be longer than limits::kFileAddress. All with the path of the field. `files`: of that message;
// `message` and `root` outlive it.
mapping::AddressOf addresses_of(std::shared_ptr<const AddressGiver> giver, const Message& message, Position stored,
                                const Node* root, Wall now, mapping::Files files);

struct FileServingParts {
  const journal::Journal* journal = nullptr;
  adapter::Bodies* bodies = nullptr;
  net::ShardPool* pool = nullptr;
  const Clock* clock = nullptr;
  Metrics* metrics = nullptr;
  std::shared_ptr<const schema::SchemaStore> schemas;  // documents are read as they are now
  std::shared_ptr<const AddressGiver> giver;
};
// GET and HEAD below the path of `section`. Who has the address may have the file: no API key is asked for. Errors
// file_address_wrong (403, before anything is read), file_address_expired, file_gone (410).
void add_file_paths(const FileServingSection& section, FileServingParts parts, adapter::Routes& routes);

}  // namespace lt::runtime
