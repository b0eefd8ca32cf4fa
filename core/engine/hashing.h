// The hash under which the cell remembers keys of strangers: SipHash-2-4. Two keys that share a chain only wait for one
// another, so 64 bits are enough; but they must not be cheap to forge, or a sender could park another sender's key.
#pragma once

#include <cstdint>
#include <string_view>

namespace lt::engine {

// Stable for ever: hashes are saved in checkpoints. `seed` keeps the uses apart.
uint64_t key_hash(uint64_t seed, std::string_view text);

}  // namespace lt::engine
