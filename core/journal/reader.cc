#include "core/journal/reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/limits.h"

namespace lt::journal {
namespace {

constexpr uint64_t kFirstRead = 8 << 10;

// `record` = the bytes of a record, intact. Without `sealing` its body is left out.
Result<RecordView> view_of(const format::RecordHeader& header, std::string_view record, uint32_t partition,
                           Sealing* sealing, std::string& plain) {
  const std::string_view text = record.substr(format::kRecordHeader, header.header_size);
  const std::string_view stored = record.substr(format::kRecordHeader + header.header_size, header.body_size);
  RecordView view{{partition, header.position},
                  header.type,
                  header.key_class,
                  Wall(std::chrono::milliseconds(header.wall_ms)),
                  text,
                  {},
                  header.key_day,
                  stored.size() - (header.sealed ? std::min(stored.size(), kTagSize) : 0),
                  false};
  if (!sealing) return view;
  view.body = stored;
  if (header.sealed) {
    auto opened = sealing->open_body(header, record.substr(4, format::kRecordHeader - 4 + header.header_size), stored);
    view.gone = !opened && opened.error().code == Code::key_destroyed;
    if (!opened && !view.gone) return fail(std::move(opened.error()).at("journal " + view.position.text()));
    plain = opened ? std::move(*opened) : std::string();
    view.body = plain;
  }
  return view;
}

Error nothing_at(Position position) { return Error(Code::no_such_record, "position " + position.text()); }

}  // namespace

Result<bool> Reader::read_segment(const Segment& segment, uint64_t from, uint64_t end, Sealing* sealing,
                                  const std::function<bool(const RecordView&)>& visit) const {
  LT_ASSIGN(const auto file, segments_.file(segment));
  SegmentBytes bytes(*file, end - segment.header.base);
  std::string why, plain;
  for (uint64_t position = segments_.batch_before(segment, from); position < end;) {
    LT_ASSIGN(const auto batch, batch_at(bytes, segment.header, position, 0, why));
    if (!batch) return fail(corrupt(segment.path, position - segment.header.base, why));
    Result<bool> more = true;
    each_record(*batch, [&](const format::RecordHeader& header, std::string_view text, std::string_view) {
      if (header.position < from) return true;
      const std::string_view record(text.data() - format::kRecordHeader, header.size());
      auto view = view_of(header, record, segments_.partition(), sealing, plain);
      if (!view)
        more = fail(std::move(view).error());
      else if (!visit(*view))
        more = false;
      return more && *more;
    });
    if (!more || !*more) return more;
    position += batch->header.length;
  }
  return true;
}

Result<void> Reader::read(Position from, bool bodies, const std::function<bool(const RecordView&)>& visit) const {
  Sealing sealing(keys_, segments_.partition());
  struct Part {
    std::shared_ptr<Segment> segment;
    uint64_t end;
  };
  std::vector<Part> parts;  // the end as it is now
  for (auto& segment : segments_.from(from.offset)) {
    const uint64_t end = segment->end;
    parts.push_back({std::move(segment), end});
  }
  for (const auto& [segment, end] : parts) {
    LT_ASSIGN(const bool more, read_segment(*segment, from.offset, end, bodies ? &sealing : nullptr, visit));
    if (!more) break;
  }
  return {};
}

Result<void> Reader::read_at(Position position, bool bodies,
                             const std::function<void(const RecordView&)>& visit) const {
  const auto segment = segments_.holding(position.offset);
  if (position.partition != segments_.partition() || !segment) return fail(nothing_at(position));
  const uint64_t offset = position.offset - segment->header.base;
  const uint64_t available = segment->end - position.offset;
  if (offset < format::kSector || available < format::kRecordHeader) return fail(nothing_at(position));
  LT_ASSIGN(const auto file, segments_.file(*segment));
  std::string record(std::min(kFirstRead, available), '\0');
  LT_ASSIGN(const size_t got, file->read_at(offset, record.data(), record.size()));
  if (got < record.size()) return fail(corrupt(segment->path, offset, "the file ends before the journal does"));
  format::RecordHeader header;
  format::decode_record(record, header);
  if (header.position != position.offset || header.size() > available) return fail(nothing_at(position));
  if (header.size() > record.size()) {
    const size_t have = record.size();
    record.resize(header.size());
    LT_ASSIGN(const size_t rest, file->read_at(offset + have, record.data() + have, record.size() - have));
    if (rest < record.size() - have)
      return fail(corrupt(segment->path, offset, "the file ends before the journal does"));
  }
  if (!format::record_intact(record, header)) return fail(corrupt(segment->path, offset, "CRC mismatch in a record"));
  Sealing sealing(keys_, segments_.partition());
  std::string plain;
  LT_ASSIGN(const RecordView view, view_of(header, record, segments_.partition(), bodies ? &sealing : nullptr, plain));
  if (view.gone) return fail(Error(Code::key_destroyed, {}).at("journal " + position.text()));
  visit(view);
  return {};
}

}  // namespace lt::journal
