// The seam of large bodies: content-addressed, write once, streamed in and out.
//
// The address is HMAC-SHA-256(address key, SHA-256(content)): the same content has one blob, and an address tells
// nothing about the content to someone without the key. At rest a blob is sealed in chunks under a data key of its day
// and class, so any range can be read without the rest.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/base/result.h"
#include "core/journal/keys.h"
#include "core/message/body.h"

namespace lt::blob {

// A blob being received. Dropped without `commit`, it leaves nothing behind.
class Upload {
 public:
  virtual ~Upload() = default;
  virtual Result<void> write(std::string_view bytes) = 0;
  // Makes the blob durable under its address; a Body with size, SHA-256 and blob id.
  virtual Result<Body> commit() = 0;
};

// A stored blob being read. Not thread-safe; cheap to open.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual uint64_t size() const = 0;
  // Up to `size` bytes at `offset`; fewer only at the end. Error blob_corrupt when a chunk was altered.
  virtual Result<size_t> read_at(uint64_t offset, char* out, size_t size) = 0;
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;
  virtual Result<std::unique_ptr<Upload>> create(journal::KeyClass key_class) = 0;
  virtual Result<std::unique_ptr<Reader>> open(const BlobId& id) const = 0;  // Error no_such_blob
  virtual Result<void> free(const BlobId& id) = 0;
  // Frees every blob that was received before `before` and is not `live`. A blob received again counts as new, so with
  // `before` a day back, what is being accepted now is safe although no record names it yet.
  struct Swept {
    uint64_t kept = 0, freed = 0;
  };
  virtual Result<Swept> sweep(Wall before, const std::function<bool(const BlobId&)>& live) = 0;
};

// Files `<directory>/<first two hex digits>/<64 hex digits>`, uploads in `<directory>/incoming` (emptied at open).
// Thread-safe.
Result<std::unique_ptr<BlobStore>> open_file_store(Env& env, std::string directory, const Clock& clock,
                                                   journal::KeyStore& keys);

}  // namespace lt::blob
