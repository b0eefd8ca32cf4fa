// Data keys: one per (day, class), wrapped by the master key. Destroying one erases every body sealed under it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/cipher.h"
#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/journal/journal.h"

namespace lt::journal {

// Identifies a data key in record headers: days since 1970-01-01 (Vietnam time) and the class.
struct KeyId {
  uint32_t day = 0;
  KeyClass key_class = KeyClass::none;
  auto operator<=>(const KeyId&) const = default;
};

// Keys live in `<directory>/keys/<day>-<class>.key`, each sealed by the master key. Thread-safe.
class KeyStore {
 public:
  // `master` comes from a file of 32 raw bytes or 64 hex digits (config `encryption.master_key`, `${file:...}`).
  static Result<std::unique_ptr<KeyStore>> open(Env& env, std::string directory, CipherKey master);
  virtual ~KeyStore() = default;
  // The key to seal with now; made durable before it is first returned.
  virtual Result<CipherKey> for_sealing(KeyId id) = 0;
  // The key to unseal with. Error key_destroyed.
  virtual Result<CipherKey> for_unsealing(KeyId id) = 0;
  // A secret for keyed hashes (blob addresses), made once per store.
  virtual const CipherKey& address_key() const = 0;
};

Result<CipherKey> parse_master_key(std::string_view text);

}  // namespace lt::journal
