// The bytes of a blob file.
//
//   header (40 bytes)   magic "LTBLOB1\n", key class u8, 3 zero bytes, key day u32, salt 16, received ms i64
//   chunk, repeated     AES-256-GCM ciphertext of 64 KiB of content + 16-byte tag; the last one holds the rest, maybe
//   nothing
//
// The key of a file = HMAC-SHA-256(data key of its day and class - of class none: the address key -, "lienthong blob" |
// salt). Nonce of a chunk = index u64 | last u32 (0 or 1); authenticated: the header, and in the last chunk the
// address. So a chunk altered, moved, cut off or taken from another file is noticed, and a file under another's name
// too.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/cipher.h"
#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/journal/keys.h"
#include "core/message/body.h"

namespace lt::blob {

inline constexpr size_t kHeaderSize = 40;
inline constexpr size_t kChunk = 64 << 10;

struct Header {
  journal::KeyId key;
  std::array<char, 16> salt{};
  Wall received{};  // when its upload began
};

std::string encode_header(const Header& header);
bool decode_header(std::string_view bytes, Header& out);  // `bytes` >= kHeaderSize

CipherKey blob_key(const CipherKey& data_key, const Header& header);
std::string chunk_nonce(uint64_t index, bool last);
std::string chunk_context(const Header& header, const BlobId* address);  // address in the last chunk only

inline uint64_t chunk_offset(uint64_t index) { return kHeaderSize + index * (kChunk + kTagSize); }
// Of a blob of `size` bytes. A blob of whole chunks ends with a full one; an empty blob has one empty chunk.
inline uint64_t last_chunk(uint64_t size) { return size == 0 ? 0 : (size - 1) / kChunk; }
// Bytes of content in a file of `file_size` bytes; none when no blob has that size.
std::optional<uint64_t> content_size(uint64_t file_size);

// The address of the content with this SHA-256: HMAC-SHA-256 under the address key. The content is read once for both.
BlobId address_of(const CipherKey& address_key, const Sha256& content);

}  // namespace lt::blob
