// A delivery made ready for the wire: mapped and encoded, or relayed as received, our hop appended to documents.
//
// A part of a message that was split is a document of its own: `$` of the mapping is the part, what stands around it is
// not seen, and `envelope: message_id` is "<message id>.<part>". Without a mapping it is written in the format it came.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/adapter/services.h"
#include "core/adapter/sink.h"
#include "core/mapping/encode.h"
#include "core/mapping/mapping_store.h"
#include "core/schema/schema_store.h"

namespace lt::runtime {

struct AddressGiver;

struct RenderParts {
  std::shared_ptr<const schema::SchemaStore> schemas;
  std::shared_ptr<const mapping::MappingStore> mappings;
  adapter::Bodies* bodies = nullptr;
  const Clock* clock = nullptr;
  std::string organ_id;
  std::shared_ptr<const AddressGiver> addresses;  // null: files get no addresses
};

struct Rendered {
  std::string content_type;
  std::string body;
  std::shared_ptr<ByteSource> stream;  // instead of `body` when it is large
  std::vector<adapter::OutgoingPart> parts;
  std::string mapping_version;  // "" when relayed
  // Files to be fetched before there is anything to send: see finish. None: it is whole.
  std::vector<mapping::WantedFile> wanted;
  std::function<Result<Rendered>(mapping::OpenNamed fetched)> open;
};

// A decoded document, or that part of it, mapped and encoded. `files`: of what it was decoded from.
Result<Rendered> translate(const mapping::Mapping& mapping, const Node* source, const Envelope& envelope,
                           const mapping::Files& files, uint16_t part = 0, const mapping::EncodeOptions& encode = {});

// Errors are of the mapping (LT-2xxx: wait for a fix) or of reading the body. Pure: it fetches nothing. `stored`: where
// the message's record stands, for addresses of its files.
Result<Rendered> render(const RenderParts& parts, const Message& message, const DeliverySpec& spec, Position stored);

// The same with the files that it wanted. Errors of open_segments.
Result<Rendered> finish(Rendered wanting, mapping::OpenNamed fetched);

}  // namespace lt::runtime
