#include "core/journal/scan.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/limits.h"

namespace lt::journal {
namespace {
constexpr uint64_t kAhead = uint64_t{1} << 20;
}

Result<std::string_view> SegmentBytes::at(uint64_t offset, uint64_t size) {
  if (offset >= limit_) return std::string_view();
  size = std::min(size, limit_ - offset);
  if (offset < start_ || offset + size > start_ + buffer_.size()) {
    buffer_.resize(std::min(std::max(size, kAhead), limit_ - offset));
    start_ = offset;
    LT_ASSIGN(const size_t got, file_.read_at(offset, buffer_.data(), buffer_.size()));
    buffer_.resize(got);
  }
  return std::string_view(buffer_).substr(offset - start_, size);
}

Result<std::optional<BatchBytes>> batch_at(SegmentBytes& bytes, const format::SegmentHeader& segment, uint64_t position,
                                           format::Epoch lowest, std::string& why) {
  const auto none = [&](std::string reason) {
    why = std::move(reason);
    return std::optional<BatchBytes>();
  };
  const uint64_t offset = position - segment.base;
  BatchBytes batch;
  LT_ASSIGN(std::string_view head, bytes.at(offset, format::kSector));
  if (head.size() < format::kSector) return none("end of the file");
  if (head.find_first_not_of('\0') == std::string_view::npos) return none("zeros");
  if (!format::decode_batch(head, batch.header)) return none("no batch header");
  if (batch.header.position != position) return none(fmt::format("batch of another place ({})", batch.header.position));
  if (batch.header.synced > position) return none("claims bytes after itself to be synced");
  if (batch.header.epoch < lowest) return none("batch of an earlier epoch");
  if (batch.header.length > limits::kJournalRecord + limits::kJournalBatch)
    return none("batch length beyond the limit");
  LT_ASSIGN(batch.bytes, bytes.at(offset, batch.header.length));
  if (batch.bytes.size() < batch.header.length) return none("batch longer than the file");
  if (!format::batch_intact(batch.bytes)) return none("CRC mismatch");
  if (!each_record(batch, [](const auto&, auto, auto) { return true; }))
    return none("records do not match their batch");
  return batch;
}

bool each_record(const BatchBytes& batch,
                 const std::function<bool(const format::RecordHeader&, std::string_view, std::string_view)>& visit) {
  std::string_view rest = batch.bytes.substr(format::kBatchHeader);
  uint64_t position = batch.header.position + format::kBatchHeader;
  for (uint32_t i = 0; i < batch.header.count; ++i) {
    format::RecordHeader record;
    if (rest.size() < format::kRecordHeader) return false;
    format::decode_record(rest, record);
    if (record.position != position || record.size() > rest.size() || !format::record_intact(rest, record))
      return false;
    if (!visit(record, rest.substr(format::kRecordHeader, record.header_size),
               rest.substr(format::kRecordHeader + record.header_size, record.body_size)))
      return true;
    rest.remove_prefix(record.size());
    position += record.size();
  }
  return true;
}

Result<void> follow(SegmentBytes& bytes, const format::SegmentHeader& segment, Trail& trail, std::string& why,
                    const std::function<void(uint64_t)>& seen) {
  for (;;) {
    LT_ASSIGN(const auto batch, batch_at(bytes, segment, trail.position, trail.epoch, why));
    if (!batch) return {};
    if (batch->header.previous_chain != trail.chain) {
      why = "hash chain broken";
      return {};
    }
    if (seen) seen(trail.position);
    if (trail.first_wall_ms == 0) trail.first_wall_ms = batch->header.wall_ms;
    if (batch->header.count > 0 && trail.first_record == 0) trail.first_record = trail.position + format::kBatchHeader;
    trail.last_batch = trail.position;
    trail.position += batch->header.length;
    trail.epoch = batch->header.epoch;
    trail.chain = sha256(batch->bytes);
    ++trail.batches;
    trail.records += batch->header.count;
  }
}

Result<std::optional<BatchBytes>> find_batch(SegmentBytes& bytes, const format::SegmentHeader& segment,
                                             uint64_t position, format::Epoch lowest) {
  std::string why;
  for (; position + format::kSector <= segment.base + segment.capacity; position += format::kSector) {
    // The cheap test first: a batch carries its own position, which nothing stale in this file can.
    LT_ASSIGN(const std::string_view head, bytes.at(position - segment.base, format::kBatchHeader));
    format::BatchHeader header;
    if (head.size() < format::kBatchHeader || !format::decode_batch(head, header) || header.position != position)
      continue;
    LT_ASSIGN(auto batch, batch_at(bytes, segment, position, lowest, why));
    if (batch) return batch;
  }
  return std::optional<BatchBytes>();
}

Result<format::SegmentHeader> open_segment_header(const File& file, const std::string& path, uint64_t base,
                                                  const Trail* before) {
  std::string sector(format::kSector, '\0');
  LT_ASSIGN(const size_t got, file.read_at(0, sector.data(), sector.size()));
  format::SegmentHeader header;
  if (got < sector.size() || !format::decode_segment(sector, header))
    return fail(corrupt(path, 0, "segment header damaged"));
  if (header.base != base) return fail(corrupt(path, 0, "the header belongs to another segment than the name says"));
  LT_ASSIGN(const uint64_t size, file.size());
  if (size < header.capacity)
    return fail(corrupt(path, size, fmt::format("file of {} bytes cut to {}", header.capacity, size)));
  if (before && (header.previous_chain != before->chain || header.epoch < before->epoch))
    return fail(corrupt(path, 0, "does not continue the segment before it"));
  return header;
}

Error corrupt(const std::string& path, uint64_t offset_in_file, std::string what) {
  Place place;
  place.file = path;
  place.path = fmt::format("byte {}", offset_in_file);
  return Error(Code::journal_corrupt, std::move(what), std::move(place));
}

}  // namespace lt::journal
