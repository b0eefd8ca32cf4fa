#include "core/journal/format.h"

#include <fmt/format.h>

namespace lt::journal::format {
namespace {

constexpr uint32_t kSegmentMagic = 0x31534A4C;  // "LJS1"
constexpr uint32_t kBatchMagic = 0x31424A4C;    // "LJB1"
constexpr size_t kSegmentHeader = 80;

template <class T>
void put(std::string& out, T value) {
  char bytes[sizeof(T)];
  for (size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
  out.append(bytes, sizeof(T));
}

template <class T>
T get(std::string_view in, size_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value |= uint64_t{static_cast<uint8_t>(in[at + i])} << (8 * i);
  return static_cast<T>(value);
}

void put_hash(std::string& out, const Sha256& hash) {
  out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

void get_hash(std::string_view in, size_t at, Sha256& out) {
  in.copy(reinterpret_cast<char*>(out.data()), out.size(), at);
}

// Fills the CRC, the first four bytes of `bytes`, over the rest.
void write_crc(char* bytes, size_t size) {
  const uint32_t crc = crc32c(0, std::string_view(bytes + 4, size - 4));
  for (size_t i = 0; i < 4; ++i) bytes[i] = static_cast<char>(crc >> (8 * i));
}

bool crc_holds(std::string_view bytes) { return crc32c(0, bytes.substr(4)) == get<uint32_t>(bytes, 0); }

}  // namespace

std::string encode_segment(const SegmentHeader& h) {
  std::string out;
  put<uint32_t>(out, 0);
  put(out, kSegmentMagic);
  put(out, h.partition);
  put<uint32_t>(out, 0);
  put(out, h.epoch);
  put(out, h.base);
  put(out, h.capacity);
  put(out, h.previous_end);
  put_hash(out, h.previous_chain);
  write_crc(out.data(), out.size());
  out.resize(kSector);
  return out;
}

bool decode_segment(std::string_view sector, SegmentHeader& h) {
  if (sector.size() < kSector || get<uint32_t>(sector, 4) != kSegmentMagic ||
      !crc_holds(sector.substr(0, kSegmentHeader)))
    return false;
  h.partition = get<uint32_t>(sector, 8);
  h.epoch = get<uint64_t>(sector, 16);
  h.base = get<uint64_t>(sector, 24);
  h.capacity = get<uint64_t>(sector, 32);
  h.previous_end = get<uint64_t>(sector, 40);
  get_hash(sector, 48, h.previous_chain);
  return true;
}

void append_batch(std::string& out, const BatchHeader& h) {
  put<uint32_t>(out, 0);
  put(out, kBatchMagic);
  put(out, h.epoch);
  put(out, h.position);
  put(out, h.length);
  put(out, h.count);
  put(out, h.wall_ms);
  put(out, h.synced);
  put_hash(out, h.previous_chain);
}

void finish_batch(std::string& batch) {
  batch.resize(round_up(batch.size(), kSector));
  write_crc(batch.data(), batch.size());
}

bool decode_batch(std::string_view bytes, BatchHeader& h) {
  if (get<uint32_t>(bytes, 4) != kBatchMagic) return false;
  h.epoch = get<uint64_t>(bytes, 8);
  h.position = get<uint64_t>(bytes, 16);
  h.length = get<uint32_t>(bytes, 24);
  h.count = get<uint32_t>(bytes, 28);
  h.wall_ms = get<int64_t>(bytes, 32);
  h.synced = get<uint64_t>(bytes, 40);
  get_hash(bytes, 48, h.previous_chain);
  return h.length >= kSector && h.length % kSector == 0;
}

bool batch_intact(std::string_view batch) { return crc_holds(batch); }

void append_record(std::string& out, const RecordHeader& h) {
  put<uint32_t>(out, 0);
  put(out, static_cast<uint8_t>(h.type));
  put(out, static_cast<uint8_t>(h.key_class));
  put<uint8_t>(out, h.sealed ? 1 : 0);
  put<uint8_t>(out, 0);
  put(out, h.epoch);
  put(out, h.position);
  put(out, h.wall_ms);
  put(out, h.key_day);
  put(out, h.header_size);
  put(out, h.body_size);
  put<uint32_t>(out, 0);
}

void finish_record(std::string& out, size_t at) {
  write_crc(out.data() + at, out.size() - at);
  out.resize(at + round_up(out.size() - at, kRecordAlign));
}

void decode_record(std::string_view bytes, RecordHeader& h) {
  h.type = static_cast<RecordType>(get<uint8_t>(bytes, 4));
  h.key_class = static_cast<KeyClass>(get<uint8_t>(bytes, 5));
  h.sealed = get<uint8_t>(bytes, 6) != 0;
  h.epoch = get<uint64_t>(bytes, 8);
  h.position = get<uint64_t>(bytes, 16);
  h.wall_ms = get<int64_t>(bytes, 24);
  h.key_day = get<uint32_t>(bytes, 32);
  h.header_size = get<uint32_t>(bytes, 36);
  h.body_size = get<uint32_t>(bytes, 40);
}

bool record_intact(std::string_view record, const RecordHeader& h) {
  const uint64_t exact = kRecordHeader + uint64_t{h.header_size} + h.body_size;
  return record.size() >= exact && crc_holds(record.substr(0, exact));
}

std::string segment_name(uint64_t base) { return fmt::format("{:016x}.seg", base); }

bool parse_segment_name(std::string_view name, uint64_t& base) {
  if (name.size() != 20 || name.substr(16) != ".seg") return false;
  base = 0;
  for (const char c : name.substr(0, 16)) {
    const size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) return false;
    base = base << 4 | digit;
  }
  return true;
}

}  // namespace lt::journal::format
