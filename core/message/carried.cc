#include "core/message/carried.h"

#include <algorithm>

#include "core/message/fact.h"
#include "core/message/wire.h"

namespace lt {
namespace {

constexpr uint8_t kVersion = 1;
// Numbers of journal::RecordType; the journal stands below the messages and is not included here.
enum : uint8_t { kAccepted = 1, kCarried = 9 };

Result<std::shared_ptr<const Message>> message_of(Result<Fact> fact) {
  if (!fact) return fail(std::move(fact).error());
  auto* accepted = std::get_if<AcceptedFact>(&*fact);
  if (!accepted) return fail(Code::record_malformed, "the record holds no message");
  return std::move(accepted->message);
}

}  // namespace

std::string encode_carried(const CarriedRecord& record) {
  std::string out;
  WireWriter w(out);
  w.u8(kVersion);
  w.varint(record.message.partition);
  w.varint(record.message.offset);
  w.varint(record.deliveries);
  w.u8(record.erased);
  w.text(record.header);
  return out;
}

Result<CarriedRecord> decode_carried(std::string_view header) {
  WireReader r(header);
  CarriedRecord record;
  const uint8_t version = r.u8();
  record.message.partition = static_cast<uint32_t>(r.varint());
  record.message.offset = r.varint();
  record.deliveries = static_cast<uint16_t>(std::min<uint64_t>(r.varint(), UINT16_MAX));
  record.erased = r.u8() != 0;
  record.header = r.text();
  if (!r.ok() || version != kVersion) return fail(Code::record_malformed, "header of a carried record");
  return record;
}

Result<std::shared_ptr<const Message>> decode_message(uint8_t type, std::string_view header, std::string_view body) {
  if (type != kCarried) return message_of(decode_fact(type, header, body));
  LT_ASSIGN(const CarriedRecord carried, decode_carried(header));
  if (carried.erased) return fail(Code::key_destroyed, "the body was erased before the record was carried forward");
  return message_of(decode_fact(kAccepted, carried.header, body));
}

Result<std::shared_ptr<const Message>> decode_message_header(uint8_t type, std::string_view header) {
  if (type != kCarried) return message_of(decode_fact_header(type, header));
  LT_ASSIGN(const CarriedRecord carried, decode_carried(header));
  return message_of(decode_fact_header(kAccepted, carried.header));
}

std::string encode_erasure(const ErasureRecord& record) {
  std::string out;
  WireWriter w(out);
  w.u8(kVersion);
  w.varint(record.day);
  w.u8(record.key_class);
  w.text(record.by);
  w.text(record.why);
  w.signed_varint(record.at.time_since_epoch().count());
  return out;
}

Result<ErasureRecord> decode_erasure(std::string_view header) {
  WireReader r(header);
  ErasureRecord record;
  const uint8_t version = r.u8();
  record.day = static_cast<uint32_t>(r.varint());
  record.key_class = r.u8();
  record.by = r.text();
  record.why = r.text();
  record.at = Wall(Wall::duration(r.signed_varint()));
  if (!r.ok() || version != kVersion) return fail(Code::record_malformed, "header of an erasure");
  return record;
}

}  // namespace lt
