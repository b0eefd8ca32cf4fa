#include "core/runtime/retention_plan.h"

#include <algorithm>
#include <map>

#include "core/base/canary.h"
#include "core/message/carried.h"

namespace lt::runtime {

uint64_t old_enough(std::span<const journal::SegmentSpan> segments, Wall now, std::chrono::milliseconds kept) {
  if (segments.empty()) return 0;
  uint64_t to = segments.front().base;
  for (const auto& segment : segments.first(segments.size() - 1)) {
    if (segment.filled > now - kept) break;
    to = segment.next;
  }
  return to;
}

uint64_t trimmable(std::span<const journal::SegmentSpan> segments, uint64_t to, std::span<const Position> checkpoints) {
  if (segments.empty()) return 0;
  const uint64_t begin = segments.front().base;
  if (checkpoints.size() < 2) return begin;
  const uint64_t most = std::min(to, checkpoints[1].offset);
  uint64_t out = begin;
  for (const auto& segment : segments)
    if (segment.next <= most) out = segment.next;
  return out;
}

std::vector<engine::Unfinished> to_carry(const engine::Cell& cell, uint64_t to, Position after, size_t most) {
  std::map<Position, engine::Unfinished> lowest;
  cell.each_unfinished([&](const engine::Unfinished& one) {
    // Its record can only stand at or after where it was accepted.
    if (one.message.offset >= to) return false;
    if (one.stored.offset >= to || one.message <= after) return true;
    if (LT_BUG(trimmed_pending) && one.stored != one.message) return true;
    if (lowest.size() == most && one.message > lowest.rbegin()->first) return false;
    lowest.emplace(one.message, one);
    if (lowest.size() > most) lowest.erase(std::prev(lowest.end()));
    return true;
  });
  std::vector<engine::Unfinished> out;
  out.reserve(lowest.size());
  for (auto& [message, one] : lowest) out.push_back(one);
  return out;
}

Result<std::pair<journal::Record, uint16_t>> carried_copy(const journal::Journal& journal,
                                                          const engine::Unfinished& one) {
  journal::Record record;
  record.type = journal::RecordType::carried;
  std::string header;
  bool again = false;  // it was carried before
  const auto take = [&](const journal::RecordView& view) {
    record.key_class = view.key_class;
    record.key_day = view.key_day;
    record.body = view.body;
    header = view.header;
    again = view.type == journal::RecordType::carried;
  };
  auto read = journal.read_at(one.stored, take);
  const bool gone = !read && read.error().code == Code::key_destroyed;
  if (gone) read = journal.read_header_at(one.stored, take);
  LT_TRY(read);
  CarriedRecord carried;
  if (again) {
    LT_ASSIGN(carried, decode_carried(header));
  } else {
    carried.header = header;
  }
  carried.message = one.message;
  carried.erased = carried.erased || gone;
  LT_ASSIGN(const auto message,
            decode_message_header(static_cast<uint8_t>(journal::RecordType::accepted), carried.header));
  // What was kept raw because it was not understood has one delivery that is in no envelope.
  carried.deliveries = static_cast<uint16_t>(std::clamp<size_t>(message->envelope.deliveries.size(), 1, UINT16_MAX));
  record.header = encode_carried(carried);
  return std::pair(std::move(record), carried.deliveries);
}

std::vector<journal::KeyId> expired(std::span<const journal::KeyId> keys, Wall now, const RetentionRules& rules) {
  std::vector<journal::KeyId> out;
  for (const auto& key : keys) {
    if (key.key_class == journal::KeyClass::none) continue;
    const auto kept = key.key_class == journal::KeyClass::personal ? rules.personal : rules.document;
    if (journal::end_of_key_day(key.day) + kept <= now) out.push_back(key);
  }
  return out;
}

std::set<uint32_t> days_in_use(const engine::Cell& cell, uint32_t last) {
  std::set<uint32_t> out;
  const Wall end = journal::end_of_key_day(last);
  cell.each_unfinished([&](const engine::Unfinished& one) {
    if (one.accepted >= end) return false;
    if (one.dead) return true;
    const uint32_t day = journal::key_day(one.accepted);
    out.insert(day);
    out.insert(day + 1);  // accepted before midnight, written after it
    return true;
  });
  return out;
}

}  // namespace lt::runtime
