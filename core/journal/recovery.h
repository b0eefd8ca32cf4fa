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
  uint64_t first_record = 0;    // logical offset of its first record; 0 = none
  int64_t begun_ms = 0;         // wall time of its first batch; 0 = none
  std::vector<uint64_t> marks;  // where some of its batches begin, about one per 64 KiB
};

struct FoundLog {
  std::vector<FoundSegment> segments;   // oldest first
  std::vector<std::string> free_files;  // names of files waiting to become segments
  Trail trail;                          // at the end of the log
};

// Segments that end at or before `trusted` are not walked: only their headers are read, and that they join. A
// checkpoint covers what is in them, and only the end of a log can be torn by a crash; `verify` walks everything.
//
// `problem` is told each damage found and says whether to go on behind it; if not, its error is returned. A torn tail
// that may be cut is no damage: the trail just ends before it.
Result<FoundLog> walk_log(Env& env, const std::string& directory, const std::function<bool(const Error&)>& problem,
                          uint64_t trusted = 0);

// Notes where batches begin, sparsely.
void add_mark(std::vector<uint64_t>& marks, uint64_t position);

}  // namespace lt::journal
