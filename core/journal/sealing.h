// Record bodies under AES-256-GCM.
//
// The key is HMAC-SHA-256(data key, "lienthong record" | partition | epoch), the nonce the record's logical offset.
// Within an epoch an offset is written once; an epoch is one life of one writer, with a random half, so a (key, nonce)
// pair never comes twice - not after a cut tail, not after a restored backup, not between partitions. The record's
// header fields and clear text are authenticated with the body.
#pragma once

#include <optional>
#include <vector>

#include "core/journal/format.h"
#include "core/journal/keys.h"

namespace lt::journal {

class Sealing {
 public:
  Sealing(KeyStore* keys, uint32_t partition) : keys_(keys), partition_(partition) {}

  // Forgets derived keys when many have gathered; those prepared since are then needed by nobody.
  void begin();
  // Makes the key ready that `append_body` will use, until `begin`. No keys, or class none: bodies stay clear.
  Result<void> prepare(KeyId id, format::Epoch epoch);
  bool seals(KeyClass key_class) const { return keys_ != nullptr && key_class != KeyClass::none; }
  // Appends the sealed body. `out` ends with the record (header and clear text) that starts at `record`, and has room.
  void append_body(const format::RecordHeader& header, std::string_view body, std::string& out, size_t record);
  // `authenticated` = the record's bytes after its CRC up to the body.
  Result<std::string> open_body(const format::RecordHeader& header, std::string_view authenticated,
                                std::string_view stored);

 private:
  struct Derived {
    KeyId id;
    format::Epoch epoch;
    CipherKey key;
  };
  const CipherKey& derived(KeyId id, format::Epoch epoch, const CipherKey& from);
  const Derived* cached(KeyId id, format::Epoch epoch) const;

  KeyStore* keys_;
  uint32_t partition_;
  std::vector<Derived> cache_;
};

}  // namespace lt::journal
