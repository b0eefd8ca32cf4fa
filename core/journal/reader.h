// Reads durable records of an open journal while the writer goes on. Thread-safe.
#pragma once

#include <functional>

#include "core/journal/sealing.h"
#include "core/journal/segments.h"

namespace lt::journal {

class Reader {
 public:
  // `segments` and `keys` (may be null) outlive it.
  Reader(const Segments& segments, KeyStore* keys) : segments_(segments), keys_(keys) {}
  // `bodies` false: nothing is unsealed.
  Result<void> read(Position from, bool bodies, const std::function<bool(const RecordView&)>& visit) const;
  // One pread for a record under 8 KiB, two for a larger one.
  Result<void> read_at(Position position, bool bodies, const std::function<void(const RecordView&)>& visit) const;

 private:
  Result<bool> read_segment(const Segment& segment, uint64_t from, uint64_t end, Sealing* sealing,
                            const std::function<bool(const RecordView&)>& visit) const;
  const Segments& segments_;
  KeyStore* keys_;
};

}  // namespace lt::journal
