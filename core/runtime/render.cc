#include "core/runtime/render.h"

#include "core/codec/edxml.h"
#include "core/net/media_type.h"
#include "core/runtime/file_serving.h"
#include "core/runtime/message_files.h"
#include "core/runtime/understand.h"

namespace lt::runtime {
namespace {

// An edXML header fits in this many times over; attachments come after it.
constexpr size_t kHeadBytes = 1 << 20;

// The received bytes with a piece put in at one place.
class SplicedSource final : public ByteSource {
 public:
  SplicedSource(std::unique_ptr<ByteSource> before, std::string text, std::unique_ptr<ByteSource> after)
      : before_(std::move(before)), text_(std::move(text)), after_(std::move(after)) {}
  Result<size_t> read(char* out, size_t size) override {
    if (before_) {
      LT_ASSIGN(const size_t n, before_->read(out, size));
      if (n > 0) return n;
      before_.reset();
    }
    if (at_ < text_.size()) {
      const size_t n = text_.copy(out, size, at_);
      at_ += n;
      return n;
    }
    return after_->read(out, size);
  }
  std::optional<uint64_t> size() const override {
    const auto before = before_ ? before_->size() : std::optional<uint64_t>();
    const auto after = after_->size();
    if (!before || !after) return std::nullopt;
    return *before + text_.size() + *after;
  }

 private:
  std::unique_ptr<ByteSource> before_;
  std::string text_;
  std::unique_ptr<ByteSource> after_;
  size_t at_ = 0;
};

Result<std::string> read_head(adapter::Bodies& bodies, const Body& body, const BodyRange& document) {
  const uint64_t most = std::min<uint64_t>(document.empty() ? body.size : document.length, kHeadBytes);
  LT_ASSIGN(auto source, bodies.open(body, document.offset, most));
  std::string head(static_cast<size_t>(most), '\0');
  size_t filled = 0;
  while (filled < head.size()) {
    LT_ASSIGN(const size_t n, source->read(head.data() + filled, head.size() - filled));
    if (n == 0) break;
    filled += n;
  }
  head.resize(filled);
  return head;
}

Result<Rendered> relay(const RenderParts& parts, const Message& message, const schema::MessageType* type) {
  Rendered out;
  out.content_type = message.envelope.content_type;
  std::optional<codec::TraceInsertion> hop;
  if (type && type->file.dialect == schema::Dialect::edxml) {
    const BodyRange& document = message.envelope.document;
    LT_ASSIGN(const std::string head, read_head(*parts.bodies, message.body, document));
    LT_ASSIGN(hop, codec::plan_trace_header(head, parts.organ_id, parts.clock->wall()));
    if (hop) hop->offset += document.offset;
  }
  if (!message.body.stored()) {
    out.body = std::string(message.body.view());
    if (hop) out.body.replace(hop->offset, hop->removed, hop->text);
    return out;
  }
  if (!hop) {
    LT_ASSIGN(auto whole, parts.bodies->open(message.body));
    out.stream = std::move(whole);
    return out;
  }
  LT_ASSIGN(auto before, parts.bodies->open(message.body, 0, hop->offset));
  LT_ASSIGN(auto after, parts.bodies->open(message.body, hop->offset + hop->removed));
  out.stream = std::make_shared<SplicedSource>(std::move(before), std::move(hop->text), std::move(after));
  return out;
}

// By the envelope, whatever the type file says by now.
Result<const Node*> find_part(const Envelope& envelope, const Node* root, size_t part) {
  LT_ASSIGN(const auto path, schema::DocPath::parse(envelope.split));
  const auto nodes = path.all(root, part);
  if (nodes.size() < part) return fail(Code::bad_parts, "part " + std::to_string(part) + " of " + envelope.split);
  return nodes[part - 1];
}

Result<Rendered> sealed_up(mapping::Encoded encoded, bool xml, const mapping::Files& files) {
  Rendered out;
  out.content_type = xml ? "application/xml; charset=utf-8" : "application/json";
  if (!files.fetched && !encoded.wanted.empty()) {
    out.wanted = encoded.wanted;
    out.open = [encoded = std::move(encoded), xml, files](mapping::OpenNamed fetched) {
      mapping::Files all = files;
      all.fetched = std::move(fetched);
      return sealed_up(encoded, xml, all);
    };
    return out;
  }
  for (const mapping::FilePart& part : encoded.parts) {
    LT_ASSIGN(auto bytes, mapping::open_file(part.file, files));
    adapter::OutgoingPart& made = out.parts.emplace_back();
    made.name = part.name;
    made.filename = part.filename;
    made.content_type = net::media_type(part.filename);
    made.stream = std::move(bytes);
  }
  if (encoded.holes == 0) {
    out.body = std::move(encoded.text());
    return out;
  }
  LT_ASSIGN(auto stream, mapping::open_segments(std::move(encoded), files));
  out.stream = std::move(stream);
  return out;
}

}  // namespace

Result<Rendered> translate(const mapping::Mapping& mapping, const Node* source, const Envelope& envelope,
                           const mapping::Files& files, uint16_t part, const mapping::EncodeOptions& encode) {
  Tree target;  // borrows texts of the source
  mapping::RunContext context;
  const auto day = std::chrono::floor<std::chrono::days>(envelope.accepted + kVietnamOffset);
  context.as_of = static_cast<schema::Day>(day.time_since_epoch().count());
  // A receiver that knows repeats by it must not take one part for another.
  std::string id = envelope.id.text();
  if (part != 0) id += '.' + std::to_string(part);
  const std::string accepted = format_rfc3339(envelope.accepted);
  context.message_id = id;
  context.accepted_at = accepted;
  LT_TRY(mapping::run(mapping, source, target, context));
  LT_ASSIGN(mapping::Encoded encoded, mapping::encode(mapping, *target.root(), encode));
  LT_ASSIGN(Rendered out, sealed_up(std::move(encoded), mapping.target_is_xml(), files));
  out.mapping_version = mapping.label();
  return out;
}

Result<Rendered> finish(Rendered wanting, mapping::OpenNamed fetched) {
  LT_ASSIGN(Rendered out, wanting.open(std::move(fetched)));
  out.mapping_version = std::move(wanting.mapping_version);
  return out;
}

Result<Rendered> render(const RenderParts& parts, const Message& message, const DeliverySpec& spec, Position stored) {
  const schema::MessageType* type = parts.schemas->find(message.envelope.type);
  if (spec.mapping.empty() && spec.part == 0) return relay(parts, message, type);
  if (!type)
    return fail(Code::unknown_message_type, "message type \"" + message.envelope.type + "\" is no longer configured");
  Tree source;
  LT_TRY(decode(*type, message.body, message.envelope.document, *parts.bodies, source));
  const Node* document = source.root();
  if (spec.part != 0) {
    LT_ASSIGN(document, find_part(message.envelope, document, spec.part));
  }
  const mapping::Files files = files_of(message, *parts.bodies);
  if (spec.mapping.empty()) {
    const bool xml = type->file.format == schema::Format::xml;
    LT_ASSIGN(mapping::Encoded encoded, mapping::encode_part(*document, xml));
    return sealed_up(std::move(encoded), xml, files);
  }
  LT_ASSIGN(const auto mapping, parts.mappings->get(spec.mapping));
  mapping::EncodeOptions encode;
  if (mapping->files().gives_addresses)
    encode.address = addresses_of(parts.addresses, message, stored, source.root(), parts.clock->wall(), files);
  return translate(*mapping, document, message.envelope, files, spec.part, encode);
}

}  // namespace lt::runtime
