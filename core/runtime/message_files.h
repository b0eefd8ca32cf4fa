// Where the bytes of a received message are when it came as multipart/form-data: the document, and the files beside it.
//
// The body is stored as received. The document's place in it is found at accept and kept in the envelope, so later
// readings need neither the configuration nor a look at the files; the places of the files are found when one is asked
// for.
#pragma once

#include <string_view>

#include "core/adapter/services.h"
#include "core/codec/multipart.h"
#include "core/mapping/encode.h"
#include "core/message/message.h"

namespace lt::runtime {

// Reads the whole body, in constant memory. Errors of codec::multipart_layout.
Result<codec::MultipartLayout> layout_of(std::string_view content_type, const Body& body, adapter::Bodies& bodies);

// `multipart`: others came.
Error no_part(std::string_view name, bool multipart);

// For mapping::open_segments. `bodies` outlives what is opened. A multipart body is looked through when the first part
// is asked for and never again: make it once for all that is done with a message. One thread at a time.
mapping::Files files_of(const Message& message, adapter::Bodies& bodies);
// Of a body that is a document and no more.
mapping::Files files_of(const Body& body, adapter::Bodies& bodies);

}  // namespace lt::runtime
