// AES-256-GCM (NIST SP 800-38D) through OpenSSL EVP.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lt {

inline constexpr size_t kKeySize = 32, kNonceSize = 12, kTagSize = 16;
using CipherKey = std::array<uint8_t, kKeySize>;

// `nonce` has kNonceSize bytes. `out` must not be what `plain` views.
// Appends ciphertext (as long as `plain`) and then the 16-byte tag to `out`. A nonce must never repeat under one key.
void seal(const CipherKey& key, std::string_view nonce, std::string_view associated, std::string_view plain,
          std::string& out);
// `sealed` = ciphertext + tag. Error decrypt_failed when anything was altered.
Result<std::string> unseal(const CipherKey& key, std::string_view nonce, std::string_view associated,
                           std::string_view sealed);

}  // namespace lt
