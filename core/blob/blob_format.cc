#include "core/blob/blob_format.h"

namespace lt::blob {
namespace {

constexpr std::string_view kMagic = "LTBLOB1\n";
constexpr size_t kClassAt = 8, kDayAt = 12, kSaltAt = 16, kReceivedAt = 32;

void put(std::string& out, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::string_view text_of(const Sha256& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

}  // namespace

std::string encode_header(const Header& header) {
  std::string out(kMagic);
  put(out, static_cast<uint8_t>(header.key.key_class), kDayAt - kClassAt);
  put(out, header.key.day, kSaltAt - kDayAt);
  out.append(header.salt.data(), header.salt.size());
  put(out, static_cast<uint64_t>(header.received.time_since_epoch().count()), kHeaderSize - kReceivedAt);
  return out;
}

bool decode_header(std::string_view bytes, Header& out) {
  if (!bytes.starts_with(kMagic)) return false;
  const auto key_class = static_cast<uint8_t>(bytes[kClassAt]);
  if (key_class > static_cast<uint8_t>(journal::KeyClass::document)) return false;
  out.key.key_class = static_cast<journal::KeyClass>(key_class);
  out.key.day = 0;
  for (size_t i = 0; i < 4; ++i) out.key.day |= uint32_t{static_cast<uint8_t>(bytes[kDayAt + i])} << (8 * i);
  bytes.copy(out.salt.data(), out.salt.size(), kSaltAt);
  uint64_t received = 0;
  for (size_t i = 0; i < 8; ++i) received |= uint64_t{static_cast<uint8_t>(bytes[kReceivedAt + i])} << (8 * i);
  out.received = Wall(std::chrono::milliseconds(static_cast<int64_t>(received)));
  return encode_header(out) == bytes.substr(0, kHeaderSize);
}

CipherKey blob_key(const CipherKey& data_key, const Header& header) {
  std::string context = "lienthong blob";
  context.append(header.salt.data(), header.salt.size());
  return hmac_sha256(text_of(data_key), context);
}

std::string chunk_nonce(uint64_t index, bool last) {
  std::string nonce;
  put(nonce, index, 8);
  put(nonce, last ? 1 : 0, 4);
  return nonce;
}

std::string chunk_context(const Header& header, const BlobId* address) {
  std::string out = encode_header(header);
  if (address) out += text_of(address->bytes);
  return out;
}

std::optional<uint64_t> content_size(uint64_t file_size) {
  if (file_size < kHeaderSize + kTagSize) return std::nullopt;
  const uint64_t chunks = file_size - kHeaderSize;
  const uint64_t whole = chunks / (kChunk + kTagSize), rest = chunks % (kChunk + kTagSize);
  if (rest == 0) return whole * kChunk;
  // Only an empty blob has an empty last chunk.
  if (rest < kTagSize || (rest == kTagSize && whole > 0)) return std::nullopt;
  return whole * kChunk + (rest - kTagSize);
}

BlobId address_of(const CipherKey& address_key, const Sha256& content) {
  return {hmac_sha256(text_of(address_key), text_of(content))};
}

}  // namespace lt::blob
