// Received bodies into safe keeping, and out again: inline when small, the blob store when not.
//
// A large body passes through two buffers of 256 KiB: while one is filled from the socket, the other is hashed, sealed
// and written on one thread of the pool and understood (body_scan.h) on another. Nothing of it stays when it breaks
// off.
#pragma once

#include <memory>

#include "core/adapter/services.h"
#include "core/blob/blob_store.h"
#include "core/net/http.h"
#include "core/net/shard.h"
#include "core/runtime/body_sink.h"
#include "core/schema/schema_store.h"

namespace lt::runtime {

// Thread-safe. `blobs`, `pool` and `disk` outlive it; `disk` may be null.
class BodyStore final : public adapter::Bodies {
 public:
  BodyStore(blob::BlobStore& blobs, net::ShardPool& pool, const DiskSpace* disk = nullptr)
      : blobs_(blobs), pool_(pool), disk_(disk) {}

  // Reads a body to its end; SHA-256 on the way. `type`: what it should be, to be understood on the way when it is
  // large; null = nobody will ask. Error disk_full, before a large body is read or in the midst of it.
  net::Task<Result<Body>> receive(net::BodyReader* body, uint64_t limit, journal::KeyClass key_class,
                                  std::shared_ptr<const schema::MessageType> type = nullptr);
  Result<Body> keep(ByteSource& bytes, uint64_t limit, journal::KeyClass key_class);
  // The same for bytes that somebody else brings.
  std::unique_ptr<BodySink> sink(uint64_t limit, journal::KeyClass key_class);

  Result<std::unique_ptr<ByteSource>> open(const Body& body, uint64_t offset = 0,
                                           uint64_t length = UINT64_MAX) override;

 private:
  struct Arriving;
  net::Task<Result<Body>> receive_stored(net::BodyReader* body, uint64_t limit, journal::KeyClass key_class,
                                         std::shared_ptr<const schema::MessageType> type, std::string begun);
  net::Task<Result<void>> pass_through(net::BodyReader* body, std::shared_ptr<Arriving> arriving, uint64_t limit);
  net::Task<Result<bool>> fill(net::BodyReader* body, Arriving* arriving, size_t which, uint64_t limit);
  net::Task<Result<void>> finish_work(Arriving* arriving);
  void start_work(const std::shared_ptr<Arriving>& arriving, size_t which, bool last);
  Result<void> room(uint64_t wanted) const;

  blob::BlobStore& blobs_;
  net::ShardPool& pool_;
  const DiskSpace* disk_;
};

}  // namespace lt::runtime
