// The journal in segment files of one directory. See format.md for the bytes.
#pragma once

#include <memory>
#include <string>

#include "core/base/env.h"
#include "core/base/metrics.h"
#include "core/journal/journal.h"
#include "core/journal/keys.h"

namespace lt::journal {

struct FileJournalOptions {
  std::string directory;
  uint32_t partition = 0;
  uint64_t segment_bytes = uint64_t{64} << 20;
  std::chrono::microseconds gather{0};  // wait this long for more records when the last batch held several
  uint64_t reserve_bytes =
      uint64_t{64} << 20;  // refuse accepted records (disk_full) when less is free; others still pass
  uint64_t trusted = 0;    // segments that end before this offset are covered by a checkpoint: not walked at open
};

// Opens and recovers: cuts a torn tail, refuses corruption (Error journal_corrupt: where, and what to do).
// Starts the writer thread. `env`, `clock`, `keys`, `metrics` outlive the journal.
Result<std::unique_ptr<Journal>> open_file_journal(Env& env, const Clock& clock, KeyStore* keys, Metrics& metrics,
                                                   FileJournalOptions options);

// Walks every byte: frame, CRC, chain. For `lienthong journal verify`; does not repair. Reports through `problem` and
// goes on.
struct VerifyReport {
  uint64_t segments = 0, batches = 0, records = 0, problems = 0;
  Position first, end;
  std::string chain_head;    // hex SHA-256 after the last good batch
  uint64_t begins_at = 0;    // logical offset of the first segment kept; above 0: older ones were freed
  std::string chain_before;  // hex, of the chain where it begins
};
Result<VerifyReport> verify_file_journal(Env& env, const std::string& directory,
                                         const std::function<void(const Error&)>& problem);

}  // namespace lt::journal
