// Data keys: one per (day, class), wrapped by the master key. Destroying one erases every body sealed under it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// The day a body is sealed under that is written now.
uint32_t key_day(Wall now);
// When that day is over.
Wall end_of_key_day(uint32_t day);
std::string_view key_class_name(KeyClass key_class);  // "personal", "document", "none"
std::optional<KeyClass> parse_key_class(std::string_view name);

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
  // Destroys the key for good: its bytes are overwritten, its file removed, durably. What was sealed under it is
  // erased. True: there was one. Never of a day that is not over: its writer would go on under another key.
  virtual Result<bool> destroy(KeyId id) = 0;
  virtual Result<std::vector<KeyId>> kept() const = 0;  // ascending by day
  // A secret for keyed hashes (blob addresses), made once per store.
  virtual const CipherKey& address_key() const = 0;
};

Result<CipherKey> parse_master_key(std::string_view text);

}  // namespace lt::journal
