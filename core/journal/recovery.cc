#include "core/journal/recovery.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace lt::journal {
namespace {

constexpr uint64_t kMarkSpacing = 64 << 10;

struct Walk {
  Env& env;
  const std::string& directory;
  const std::function<bool(const Error&)>& problem;
  uint64_t trusted;
  FoundLog log{};
  bool joined = false;  // the trail leads into the segment at hand

  // What the segment after says about where this one ended; none for the last.
  using Next = std::optional<format::SegmentHeader>;

  Result<void> report(Error error) {
    if (problem(error)) return {};
    return fail(std::move(error));
  }

  // The batches of one segment, to its end as told by `next`, or to the torn tail.
  Result<void> batches(const File& file, FoundSegment& segment, const Next& next) {
    SegmentBytes bytes(file, segment.header.capacity);
    const uint64_t base = segment.header.base;
    std::string why;
    const auto seen = [&](uint64_t position) { add_mark(segment.marks, position); };
    log.trail.position = base + format::kSector;
    log.trail.first_record = 0;
    log.trail.first_wall_ms = 0;
    for (;;) {
      LT_TRY(follow(bytes, segment.header, log.trail, why, seen));
      segment.end = log.trail.position;
      segment.first_record = log.trail.first_record;
      segment.begun_ms = log.trail.first_wall_ms;
      if (next && next->previous_end == segment.end && next->previous_chain == log.trail.chain) return {};
      LT_ASSIGN(const auto later, find_batch(bytes, segment.header, segment.end, log.trail.epoch));
      if (!later && !next) return {};  // nothing whole follows: a torn tail, or none
      LT_TRY(
          report(corrupt(segment.path, segment.end - base,
                         later ? fmt::format("{}; a whole batch follows at byte {}", why, later->header.position - base)
                               : fmt::format("{}; the next segment says that batches go on to byte {}", why,
                                             next->previous_end - base))));
      if (!later) {
        log.trail.chain = next->previous_chain;
        return {};
      }
      log.trail.position = later->header.position;
      log.trail.chain = later->header.previous_chain;
    }
  }

  Result<void> segment(const std::string& path, uint64_t base, Next next) {
    const bool follows = std::exchange(joined, false);
    LT_ASSIGN(const auto file, env.open(path, OpenMode::read));
    const auto header = open_segment_header(*file, path, base, follows ? &log.trail : nullptr);
    if (!header) return report(header.error());
    FoundSegment found;
    found.header = *header;
    found.path = path;
    if (!follows) log.trail.chain = header->previous_chain;
    log.trail.epoch = std::max(log.trail.epoch, header->epoch);
    const uint64_t next_base = base + header->capacity;
    joined = next && next->base == next_base;
    if (next && !joined) {
      LT_TRY(report(corrupt(directory + "/" + format::segment_name(next_base), 0, "segment missing")));
      next.reset();
    }
    if (next && next_base <= trusted) {
      LT_TRY(pass_by(*file, found, *next));
    } else {
      LT_TRY(batches(*file, found, next));
    }
    log.segments.push_back(std::move(found));
    return {};
  }

  // Takes the word of the header after it for where it ends; looks only for its first record.
  Result<void> pass_by(const File& file, FoundSegment& segment, const format::SegmentHeader& next) {
    const uint64_t begin = segment.header.base + format::kSector;
    if (next.previous_end < begin || next.previous_end > segment.header.base + segment.header.capacity)
      return report(corrupt(segment.path, 0, "the next segment says that it ends outside of itself"));
    SegmentBytes bytes(file, segment.header.capacity);
    std::string why;
    for (uint64_t position = begin; position < next.previous_end && segment.first_record == 0;) {
      LT_ASSIGN(const auto batch, batch_at(bytes, segment.header, position, 0, why));
      if (!batch) return report(corrupt(segment.path, position - segment.header.base, why));
      if (segment.begun_ms == 0) segment.begun_ms = batch->header.wall_ms;
      if (batch->header.count > 0) segment.first_record = position + format::kBatchHeader;
      position += batch->header.length;
    }
    segment.end = log.trail.position = next.previous_end;
    log.trail.chain = next.previous_chain;
    log.trail.last_batch = 0;
    return {};
  }

  // The header of the segment after, when it can be read; its own turn reports what is wrong with it.
  Result<Next> peek(const std::string& path, uint64_t base) {
    LT_ASSIGN(const auto file, env.open(path, OpenMode::read));
    auto header = open_segment_header(*file, path, base, nullptr);
    if (header) return Next(*header);
    if (header.error().code == Code::journal_corrupt) return Next();
    return fail(std::move(header).error());
  }

  Result<void> run() {
    LT_ASSIGN(const auto names, env.list(directory));
    std::vector<uint64_t> bases;
    for (const auto& name : names) {
      uint64_t base = 0;
      if (format::parse_segment_name(name, base)) bases.push_back(base);
      if (name.ends_with(".free")) log.free_files.push_back(name);
    }
    const auto path_of_base = [&](uint64_t base) { return directory + "/" + format::segment_name(base); };
    for (size_t i = 0; i < bases.size(); ++i) {
      Next next;
      if (i + 1 < bases.size()) {
        LT_ASSIGN(next, peek(path_of_base(bases[i + 1]), bases[i + 1]));
      }
      LT_TRY(segment(path_of_base(bases[i]), bases[i], next));
    }
    return {};
  }
};

}  // namespace

void add_mark(std::vector<uint64_t>& marks, uint64_t position) {
  if (marks.empty() || position - marks.back() >= kMarkSpacing) marks.push_back(position);
}

Result<FoundLog> walk_log(Env& env, const std::string& directory, const std::function<bool(const Error&)>& problem,
                          uint64_t trusted) {
  Walk walk{env, directory, problem, trusted};
  LT_TRY(walk.run());
  return std::move(walk.log);
}

}  // namespace lt::journal
