#include "core/journal/segments.h"

#include <algorithm>

#include "core/base/limits.h"

namespace lt::journal {

void Segments::load(const FoundLog& log) {
  const std::lock_guard lock(mutex_);
  for (const auto& found : log.segments) {
    auto segment = std::make_shared<Segment>();
    segment->header = found.header;
    segment->path = found.path;
    segment->end = found.end;
    segment->begun_ms = found.begun_ms;
    entries_.push_back({std::move(segment), found.marks, found.first_record});
  }
}

void Segments::begin_segment(const format::SegmentHeader& header, std::string path, std::shared_ptr<File> file) {
  const std::lock_guard lock(mutex_);
  auto segment = std::make_shared<Segment>();
  segment->header = header;
  segment->path = std::move(path);
  segment->end = header.base + format::kSector;
  entries_.push_back({std::move(segment), {}, 0});
  open_.emplace_back(header.base, std::move(file));
  if (open_.size() > limits::kJournalOpenFiles) open_.erase(open_.begin());
}

void Segments::publish(uint64_t batch, uint64_t end, uint64_t first_record, int64_t wall_ms) {
  const std::lock_guard lock(mutex_);
  auto& last = entries_.back();
  add_mark(last.marks, batch);
  last.segment->end = end;
  if (last.segment->begun_ms == 0) last.segment->begun_ms = wall_ms;
  if (last.first_record == 0) last.first_record = first_record;
}

std::shared_ptr<Segment> Segments::take_oldest(uint64_t to) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() < 2 || entries_[1].segment->header.base > to) return nullptr;
  auto segment = std::move(entries_.front().segment);
  entries_.erase(entries_.begin());
  std::erase_if(open_, [&](const auto& open) { return open.first == segment->header.base; });
  return segment;
}

std::vector<SegmentSpan> Segments::spans() const {
  const std::lock_guard lock(mutex_);
  std::vector<SegmentSpan> out;
  for (const auto& entry : entries_) {
    const format::SegmentHeader& header = entry.segment->header;
    if (!out.empty()) {
      out.back().chain_after = header.previous_chain;
      // A segment that was begun and has no batch yet: filled just now, so young.
      const int64_t begun = entry.segment->begun_ms;
      out.back().filled = begun == 0 ? Wall::max() : Wall(std::chrono::milliseconds(begun));
    }
    out.push_back({header.base, header.base + header.capacity, header.previous_chain, {}, {}});
  }
  return out;
}

Position Segments::oldest() const {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_)
      if (entry.first_record != 0) return {partition_, entry.first_record};
  }
  return end();
}

Position Segments::end() const {
  const std::lock_guard lock(mutex_);
  return {partition_, entries_.back().segment->end + format::kBatchHeader};
}

const Segments::Entry* Segments::entry_of(uint64_t offset) const {
  const auto after = std::upper_bound(entries_.begin(), entries_.end(), offset,
                                      [](uint64_t o, const Entry& e) { return o < e.segment->header.base; });
  return after == entries_.begin() ? nullptr : &*std::prev(after);
}

std::vector<std::shared_ptr<Segment>> Segments::from(uint64_t offset) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Segment>> out;
  for (const auto& entry : entries_)
    if (entry.segment->end > offset) out.push_back(entry.segment);
  return out;
}

std::shared_ptr<Segment> Segments::holding(uint64_t offset) const {
  const std::lock_guard lock(mutex_);
  const Entry* entry = entry_of(offset);
  return entry && offset < entry->segment->end ? entry->segment : nullptr;
}

uint64_t Segments::batch_before(const Segment& segment, uint64_t offset) const {
  const std::lock_guard lock(mutex_);
  const uint64_t start = segment.header.base + format::kSector;
  const Entry* entry = entry_of(segment.header.base);
  if (!entry || entry->segment.get() != &segment) return start;  // freed meanwhile
  const auto after = std::upper_bound(entry->marks.begin(), entry->marks.end(), offset);
  return after == entry->marks.begin() ? start : *std::prev(after);
}

Result<std::shared_ptr<File>> Segments::file(const Segment& segment) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(open_.begin(), open_.end(), [&](const auto& o) { return o.first == segment.header.base; });
  if (found != open_.end()) {
    std::rotate(found, found + 1, open_.end());
    return open_.back().second;
  }
  const Entry* entry = entry_of(segment.header.base);
  if (!entry || entry->segment.get() != &segment)
    return fail(Code::no_such_record, "segment " + format::segment_name(segment.header.base) + " was freed meanwhile");
  LT_ASSIGN(auto opened, env_.open(segment.path, OpenMode::read));
  if (open_.size() >= limits::kJournalOpenFiles) open_.erase(open_.begin());
  open_.emplace_back(segment.header.base, std::shared_ptr<File>(std::move(opened)));
  return open_.back().second;
}

}  // namespace lt::journal
