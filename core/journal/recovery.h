// Walking a whole journal directory: for opening it, and for verify. See "Recovery" in format.md.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/journal/scan.h"

namespace lt::journal {

struct FoundSegment {
  format::SegmentHeader header;
  std::string path;
  uint64_t end = 0;             // logical offset after its last good batch
  std::vector<uint64_t> marks;  // where some of its batches begin, about one per 64 KiB
};

struct FoundLog {
  std::vector<FoundSegment> segments;   // oldest first
  std::vector<std::string> free_files;  // names of files waiting to become segments
  Trail trail;                          // at the end of the log
};

// `problem` is told each damage found and says whether to go on behind it; if not, its error is returned. A torn tail
// that may be cut is no damage: the trail just ends before it.
Result<FoundLog> walk_log(Env& env, const std::string& directory, const std::function<bool(const Error&)>& problem);

// Notes where batches begin, sparsely.
void add_mark(std::vector<uint64_t>& marks, uint64_t position);

}  // namespace lt::journal
