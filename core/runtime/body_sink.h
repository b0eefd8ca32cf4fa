// Bytes that come piece by piece into safe keeping: in memory while they are few, then in the blob store.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/blob/blob_store.h"
#include "core/runtime/disk_space.h"

namespace lt::runtime {

// Used by one thread at a time. Destroyed without `commit`, it leaves nothing behind. `blobs` and `disk` outlive it;
// `disk` may be null.
class BodySink {
 public:
  BodySink(blob::BlobStore& blobs, const DiskSpace* disk, uint64_t limit, journal::KeyClass key_class)
      : blobs_(blobs), disk_(disk), limit_(limit), key_class_(key_class) {}

  // Errors too_large, disk_full.
  Result<void> write(std::string_view bytes);
  // Waits for the disk when it is large.
  Result<Body> commit();
  // Removes what is not committed, which may take a while. The end of it.
  void drop() { upload_.reset(); }
  uint64_t size() const { return size_; }

 private:
  Result<void> room();

  blob::BlobStore& blobs_;
  const DiskSpace* disk_;
  const uint64_t limit_;
  const journal::KeyClass key_class_;
  std::string begun_;
  std::unique_ptr<blob::Upload> upload_;
  uint64_t size_ = 0, room_seen_ = 0;
};

}  // namespace lt::runtime
