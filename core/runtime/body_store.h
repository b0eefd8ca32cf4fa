// Received bodies into safe keeping, and out again: inline when small, the blob store when not.
#pragma once

#include <memory>

#include "core/adapter/services.h"
#include "core/blob/blob_store.h"
#include "core/net/http.h"
#include "core/net/shard.h"

namespace lt::runtime {

// Thread-safe. `blobs` and `pool` outlive it.
class BodyStore final : public adapter::Bodies {
 public:
  BodyStore(blob::BlobStore& blobs, net::ShardPool& pool) : blobs_(blobs), pool_(pool) {}

  // Reads a body to its end; SHA-256 on the way. Past limits::kInlineBody the disk work runs on the offload pool.
  net::Task<Result<Body>> receive(net::BodyReader* body, uint64_t limit, journal::KeyClass key_class);
  Result<Body> keep(ByteSource& bytes, uint64_t limit, journal::KeyClass key_class);

  Result<std::unique_ptr<ByteSource>> open(const Body& body, uint64_t offset = 0,
                                           uint64_t length = UINT64_MAX) override;

 private:
  net::Task<Result<Body>> receive_stored(net::BodyReader* body, uint64_t limit, journal::KeyClass key_class,
                                         std::string begun);
  blob::BlobStore& blobs_;
  net::ShardPool& pool_;
};

}  // namespace lt::runtime
