// SHA-256, HMAC-SHA-256, CRC32C, hex. OpenSSL EVP underneath.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lt {

using Sha256 = std::array<uint8_t, 32>;

Sha256 sha256(std::string_view data);
Sha256 hmac_sha256(std::string_view key, std::string_view data);

// SHA-256 of a stream.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  void update(std::string_view data);
  Sha256 finish();  // once

 private:
  void* context_;  // EVP_MD_CTX
};

// CRC-32C (Castagnoli), as in RFC 3720; `crc` continues an earlier result, 0 to start.
uint32_t crc32c(uint32_t crc, std::string_view data);

std::string hex(std::string_view bytes);  // lower case
inline std::string hex(const Sha256& digest) {
  return hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}
bool parse_hex(std::string_view text, std::string& out);  // false: odd length or not hex
// Equality whose time does not depend on where the texts differ.
bool equal_secret(std::string_view a, std::string_view b);
// `size` random bytes from the operating system.
std::string random_bytes(size_t size);

}  // namespace lt
