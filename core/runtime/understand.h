// From received bytes to what the bus must know of them: decode, validate, extract the keys, check the files inside.
#pragma once

#include <memory>
#include <vector>

#include "core/adapter/services.h"
#include "core/adapter/source.h"
#include "core/message/message.h"
#include "core/message/tree.h"
#include "core/schema/schema_store.h"

namespace lt::runtime {

struct Understood {
  Tree tree;
  schema::Extracted extracted;          // its nodes point into `tree`
  std::vector<Attachment> attachments;  // every one decoded once: size and SHA-256 of the unwrapped bytes
  BodyRange document;                   // for Envelope::document
};

// Parses by the format of the type, in memory bounded for any size; a body scanned on its way in is not read again.
// `document`: where it stands in the body, empty = it is the body. Ranges in the tree are of the body. Errors: those of
// the codecs, with line and path.
Result<void> decode(const schema::MessageType& type, const Body& body, const BodyRange& document,
                    adapter::Bodies& bodies, Tree& tree);

// Errors are what a sender is told: bad_json, bad_xml, ..., schema_violation, missing_field, bad_attachment (path, and
// why); bad_http and no_such_part of a multipart body; too_large for a message of several parts beyond
// limits::kSplitBody, for each part reads it again. Blocks on the disk when the body is stored.
Result<Understood> understand(const schema::MessageType& type, const adapter::Inbound& inbound,
                              adapter::Bodies& bodies);

}  // namespace lt::runtime
