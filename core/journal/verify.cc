#include "core/base/hash.h"
#include "core/journal/file_journal.h"
#include "core/journal/recovery.h"

namespace lt::journal {

Result<VerifyReport> verify_file_journal(Env& env, const std::string& directory,
                                         const std::function<void(const Error&)>& problem) {
  VerifyReport report;
  LT_ASSIGN(const FoundLog log, walk_log(env, directory, [&](const Error& error) {
              ++report.problems;
              problem(error);
              return true;
            }));
  const uint32_t partition = log.segments.empty() ? 0 : log.segments.front().header.partition;
  report.segments = log.segments.size();
  report.batches = log.trail.batches;
  report.records = log.trail.records;
  report.end = {partition, log.segments.empty() ? 0 : log.segments.back().end + format::kBatchHeader};
  report.first = report.end;
  for (const FoundSegment& segment : log.segments) {
    if (segment.first_record == 0) continue;
    report.first = {partition, segment.first_record};
    break;
  }
  if (!log.segments.empty()) {
    report.begins_at = log.segments.front().header.base;
    report.chain_before = hex(log.segments.front().header.previous_chain);
  }
  report.chain_head = hex(log.trail.chain);
  return report;
}

}  // namespace lt::journal
