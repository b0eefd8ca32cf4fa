#include "core/journal/history_format.h"

#include <zlib.h>

#include "core/base/limits.h"
#include "core/message/wire.h"

namespace lt::journal::format {
namespace {

constexpr std::string_view kMagic = "LTHIST1\n";
constexpr size_t kCrcAt = 8, kCovered = 12;
constexpr uint8_t kLastType = static_cast<uint8_t>(RecordType::answered);

void put(std::string& out, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t get(std::string_view in, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value |= uint64_t{static_cast<uint8_t>(in[at + i])} << (8 * i);
  return value;
}

void set_crc(std::string& bytes, size_t at, size_t covered) {
  const uint32_t crc = crc32c(0, std::string_view(bytes).substr(covered));
  for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(crc >> (8 * i));
}

void put_hash(std::string& out, const Sha256& hash) {
  out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

void get_hash(std::string_view in, size_t at, Sha256& out) {
  in.copy(reinterpret_cast<char*>(out.data()), out.size(), at);
}

}  // namespace

std::string encode_history(const HistoryHeader& header) {
  std::string out(kMagic);
  put(out, 0, 4);
  put(out, header.partition, 4);
  put(out, header.base, 8);
  put(out, header.next, 8);
  put(out, static_cast<uint64_t>(header.filled.time_since_epoch().count()), 8);
  put(out, header.first, 8);
  put(out, header.last, 8);
  put_hash(out, header.chain_before);
  put_hash(out, header.chain_after);
  set_crc(out, kCrcAt, kCovered);
  return out;
}

bool decode_history(std::string_view bytes, HistoryHeader& out) {
  bytes = bytes.substr(0, kHistoryHeader);
  if (!bytes.starts_with(kMagic) || get(bytes, kCrcAt, 4) != crc32c(0, bytes.substr(kCovered))) return false;
  out.partition = static_cast<uint32_t>(get(bytes, 12, 4));
  out.base = get(bytes, 16, 8);
  out.next = get(bytes, 24, 8);
  out.filled = Wall(std::chrono::milliseconds(static_cast<int64_t>(get(bytes, 32, 8))));
  out.first = get(bytes, 40, 8);
  out.last = get(bytes, 48, 8);
  get_hash(bytes, 56, out.chain_before);
  get_hash(bytes, 88, out.chain_after);
  return out.base < out.next;
}

std::string encode_block(BlockHeader header, std::string_view records) {
  uLongf packed = compressBound(static_cast<uLong>(records.size()));
  std::string body(packed, '\0');
  // Cannot fail: the room is what zlib asks for.
  (void)compress2(reinterpret_cast<Bytef*>(body.data()), &packed, reinterpret_cast<const Bytef*>(records.data()),
                  static_cast<uLong>(records.size()), Z_DEFAULT_COMPRESSION);
  body.resize(packed);
  std::string out;
  put(out, 0, 4);
  put(out, header.count, 4);
  put(out, records.size(), 4);
  put(out, body.size(), 4);
  put(out, header.first, 8);
  put(out, header.last, 8);
  out += body;
  set_crc(out, 0, 4);
  return out;
}

bool decode_block(std::string_view bytes, BlockHeader& out) {
  out.count = static_cast<uint32_t>(get(bytes, 4, 4));
  out.raw = static_cast<uint32_t>(get(bytes, 8, 4));
  out.packed = static_cast<uint32_t>(get(bytes, 12, 4));
  out.first = get(bytes, 16, 8);
  out.last = get(bytes, 24, 8);
  constexpr uint64_t kMost = limits::kJournalRecord + limits::kHistoryBlock + 1024;
  return out.count > 0 && out.raw <= kMost && out.packed <= kMost && out.first <= out.last;
}

std::optional<std::string> unpack_block(std::string_view block, const BlockHeader& header) {
  if (block.size() != kBlockHeader + header.packed || get(block, 0, 4) != crc32c(0, block.substr(4)))
    return std::nullopt;
  std::string out(header.raw, '\0');
  uLongf size = header.raw;
  const std::string_view packed = block.substr(kBlockHeader);
  if (uncompress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(packed.data()),
                 static_cast<uLong>(packed.size())) != Z_OK ||
      size != header.raw)
    return std::nullopt;
  return out;
}

void append_kept(std::string& out, const RecordView& record) {
  WireWriter w(out);
  w.varint(record.position.offset);
  w.u8(static_cast<uint8_t>(record.type));
  w.u8(static_cast<uint8_t>(record.key_class));
  w.signed_varint(record.written.time_since_epoch().count());
  w.varint(record.key_day);
  w.varint(record.body_size);
  w.text(record.header);
}

bool take_kept(std::string_view& in, uint32_t partition, RecordView& out) {
  WireReader r(in);
  out = RecordView{};
  out.position = {partition, r.varint()};
  const uint8_t type = r.u8(), key_class = r.u8();
  out.type = static_cast<RecordType>(type);
  out.key_class = static_cast<KeyClass>(key_class);
  out.written = Wall(Wall::duration(r.signed_varint()));
  out.key_day = static_cast<uint32_t>(r.varint());
  out.body_size = r.varint();
  out.header = r.text();
  in = r.rest();
  return r.ok() && type <= kLastType && key_class <= static_cast<uint8_t>(KeyClass::document);
}

}  // namespace lt::journal::format
