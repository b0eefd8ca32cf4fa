#include "core/message/message.h"

#include "core/message/wire.h"

namespace lt {
namespace {

// Fields may be added at the end of the envelope, of an attachment or of a delivery without a new version: readers skip
// what they do not know, and what is not there is as it was before there was such a field. A change of what is there
// needs a new version.
constexpr uint64_t kVersion = 2;

void write_attachment(const Attachment& attachment, std::string& out) {
  WireWriter to(out);
  to.text(attachment.name);
  to.text(attachment.content_type);
  to.text(attachment.path);
  to.varint(attachment.offset);
  to.varint(attachment.length);
  // To a reader that knows no parts it is what it also is: bytes of the body as they stand.
  const bool part = attachment.carrier == Carrier::part;
  to.u8(static_cast<uint8_t>(part ? Carrier::plain : attachment.carrier));
  to.raw(attachment.sha256.data(), attachment.sha256.size());
  to.varint(attachment.size);
  to.u8(attachment.escaped ? 1 : 0);
  to.u8(part ? 1 : 0);
}

bool read_attachment(std::string_view bytes, Attachment& attachment) {
  WireReader from(bytes);
  attachment.name = from.text();
  attachment.content_type = from.text();
  attachment.path = from.text();
  attachment.offset = from.varint();
  attachment.length = from.varint();
  const uint8_t carrier = from.u8();
  attachment.carrier = static_cast<Carrier>(carrier);
  from.raw(attachment.sha256.data(), attachment.sha256.size());
  attachment.size = from.varint();
  attachment.escaped = from.u8() != 0;
  if (!from.done() && from.u8() == 1) attachment.carrier = Carrier::part;
  return from.ok() && carrier <= static_cast<uint8_t>(Carrier::base64_zip);
}

void write_delivery(const DeliverySpec& delivery, std::string& out) {
  WireWriter to(out);
  to.text(delivery.destination);
  to.varint(delivery.receivers.size());
  for (const auto& receiver : delivery.receivers) to.text(receiver);
  to.text(delivery.operation);
  to.text(delivery.mapping);
  to.text(delivery.route);
  to.varint(delivery.part);
}

bool read_delivery(std::string_view bytes, DeliverySpec& delivery) {
  WireReader from(bytes);
  delivery.destination = from.text();
  for (size_t left = from.count(); left > 0 && from.ok(); --left) delivery.receivers.emplace_back(from.text());
  delivery.operation = from.text();
  delivery.mapping = from.text();
  delivery.route = from.text();
  const uint64_t part = from.varint();
  delivery.part = static_cast<uint16_t>(part);
  return from.ok() && part <= UINT16_MAX;
}

void write_keys(const std::vector<BusinessKey>& keys, WireWriter& to) {
  to.varint(keys.size());
  for (const auto& key : keys) {
    to.text(key.name);
    to.text(key.value);
  }
}

void read_keys(WireReader& from, std::vector<BusinessKey>& keys) {
  for (size_t left = from.count(); left > 0 && from.ok(); --left) {
    auto& key = keys.emplace_back();
    key.name = from.text();
    key.value = from.text();
  }
}

void write_tie(const Tie& tie, std::string& out) {
  WireWriter to(out);
  to.text(tie.key);
  to.u8(tie.answer ? 1 : 0);
  to.varint(tie.part);
  to.u8(static_cast<uint8_t>(tie.kind));
  to.text(tie.code);
}

bool read_tie(std::string_view bytes, Tie& tie) {
  WireReader from(bytes);
  tie.key = from.text();
  tie.answer = from.u8() != 0;
  const uint64_t part = from.varint();
  tie.part = static_cast<uint16_t>(part);
  const uint8_t kind = from.u8();
  tie.kind = static_cast<AnswerKind>(kind);
  tie.code = from.text();
  return from.ok() && part <= UINT16_MAX && kind <= static_cast<uint8_t>(AnswerKind::refused);
}

void write_part(const Part& part, std::string& out) {
  WireWriter to(out);
  to.text(part.order_key);
  write_keys(part.keys, to);
}

bool read_part(std::string_view bytes, Part& part) {
  WireReader from(bytes);
  part.order_key = from.text();
  read_keys(from, part.keys);
  return from.ok();
}

template <class Item, class Write>
void write_items(const std::vector<Item>& items, Write write, WireWriter& to) {
  to.varint(items.size());
  std::string scratch;
  for (const auto& item : items) {
    scratch.clear();
    write(item, scratch);
    to.text(scratch);
  }
}

template <class Item, class Read>
bool read_items(WireReader& from, Read read, std::vector<Item>& items) {
  for (size_t left = from.count(); left > 0 && from.ok(); --left) {
    const auto bytes = from.text();
    if (!from.ok() || !read(bytes, items.emplace_back())) return false;
  }
  return from.ok();
}

tl::unexpected<Error> malformed(const char* what) {
  return fail(Code::record_malformed, std::string("envelope: ") + what);
}

}  // namespace

Receipt make_receipt(const Envelope& envelope, const Sha256& body_sha256, Position position) {
  return {.receipt_id = envelope.id.text() + "-" + hex(body_sha256).substr(0, 8),
          .message_id = envelope.id,
          .position = position,
          .body_sha256 = body_sha256,
          .accepted = envelope.accepted};
}

std::string receipt_json(const Receipt& receipt) {
  // None of the values can hold a character that JSON would escape.
  std::string out = R"({"receipt_id":")";
  out += receipt.receipt_id;
  out += R"(","message_id":")";
  out += receipt.message_id.text();
  out += R"(","position":")";
  out += receipt.position.text();
  out += R"(","sha256":")";
  out += hex(receipt.body_sha256);
  out += R"(","accepted_at":")";
  out += format_rfc3339(receipt.accepted);
  out += R"("})";
  return out;
}

void encode(const Envelope& envelope, std::string& out) {
  WireWriter to(out);
  to.varint(kVersion);
  to.raw(envelope.id.bytes.data(), envelope.id.bytes.size());
  for (const auto* text : {&envelope.type, &envelope.endpoint, &envelope.principal, &envelope.from,
                           &envelope.content_type, &envelope.order_key, &envelope.dedupe_key})
    to.text(*text);
  write_keys(envelope.keys, to);
  to.u8(envelope.urgency);
  to.u8(envelope.key_class);
  to.signed_varint(envelope.accepted.time_since_epoch().count());
  to.text(envelope.trace);
  to.text(envelope.correlates);
  to.varint(envelope.headers.size());
  for (const auto& [name, value] : envelope.headers) {
    to.text(name);
    to.text(value);
  }
  write_items(envelope.attachments, write_attachment, to);
  write_items(envelope.deliveries, write_delivery, to);
  write_items(envelope.ties, write_tie, to);
  to.text(envelope.split);
  write_items(envelope.parts, write_part, to);
  to.varint(envelope.document.offset);
  to.varint(envelope.document.length);
}

const std::string& order_key_of(const Envelope& envelope, const DeliverySpec& spec) {
  return spec.part == 0 ? envelope.order_key : envelope.parts[spec.part - 1].order_key;
}

const std::vector<BusinessKey>& keys_of(const Envelope& envelope, const DeliverySpec& spec) {
  return spec.part == 0 ? envelope.keys : envelope.parts[spec.part - 1].keys;
}

Result<Envelope> decode_envelope(std::string_view bytes) {
  WireReader from(bytes);
  const uint64_t version = from.varint();
  if (!from.ok()) return malformed("ends before its version");
  if (version != kVersion) return fail(Code::record_malformed, "envelope: version " + std::to_string(version));
  Envelope envelope;
  from.raw(envelope.id.bytes.data(), envelope.id.bytes.size());
  for (auto* text : {&envelope.type, &envelope.endpoint, &envelope.principal, &envelope.from, &envelope.content_type,
                     &envelope.order_key, &envelope.dedupe_key})
    *text = from.text();
  read_keys(from, envelope.keys);
  envelope.urgency = from.u8();
  envelope.key_class = from.u8();
  envelope.accepted = Wall(std::chrono::milliseconds(from.signed_varint()));
  envelope.trace = from.text();
  envelope.correlates = from.text();
  for (size_t left = from.count(); left > 0 && from.ok(); --left) {
    auto& header = envelope.headers.emplace_back();
    header.first = from.text();
    header.second = from.text();
  }
  if (!from.ok()) return malformed("ends early or a length points outside");
  if (!read_items(from, read_attachment, envelope.attachments)) return malformed("bad attachment");
  if (!read_items(from, read_delivery, envelope.deliveries)) return malformed("bad delivery");
  if (!read_items(from, read_tie, envelope.ties)) return malformed("bad tie");
  envelope.split = from.text();
  if (!read_items(from, read_part, envelope.parts)) return malformed("bad part");
  if (!from.done()) {
    envelope.document.offset = from.varint();
    envelope.document.length = from.varint();
    if (!from.ok()) return malformed("ends amid where its document stands");
  }
  for (const auto& delivery : envelope.deliveries)
    if (delivery.part > envelope.parts.size()) return malformed("a delivery of a part that is not there");
  return envelope;
}

}  // namespace lt
