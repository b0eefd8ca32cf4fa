#include "core/journal/offline.h"

#include <algorithm>

#include "core/journal/recovery.h"
#include "core/journal/sealing.h"

namespace lt::journal {
namespace {

struct Pass {
  KeyStore* keys;
  Sealing sealing;
  Position from;
  const std::function<bool(const OfflineRecord&)>& visit;
  std::string plain{};

  // False: enough.
  Result<bool> show(const format::RecordHeader& header, uint32_t partition, std::string_view text,
                    std::string_view stored) {
    OfflineRecord record{{partition, header.position},
                         header.type,
                         header.key_class,
                         Wall(std::chrono::milliseconds(header.wall_ms)),
                         text,
                         stored.size(),
                         header.sealed,
                         stored};
    if (header.sealed) {
      record.body_size = stored.size() - std::min(stored.size(), kTagSize);
      record.body.reset();
      LT_TRY(unseal(header, text, stored, record));
    }
    return visit(record);
  }

  Result<void> unseal(const format::RecordHeader& header, std::string_view text, std::string_view stored,
                      OfflineRecord& record) {
    if (!keys) return {};
    const std::string_view authenticated(text.data() - format::kRecordHeader + 4,
                                         format::kRecordHeader - 4 + text.size());
    auto opened = sealing.open_body(header, authenticated, stored);
    if (!opened && opened.error().code == Code::key_destroyed) return {};
    if (!opened) return fail(std::move(opened.error()).at("journal " + record.position.text()));
    plain = std::move(*opened);
    record.body = plain;
    return {};
  }

  Result<bool> segment(Env& env, const FoundSegment& found) {
    LT_ASSIGN(const auto file, env.open(found.path, OpenMode::read));
    SegmentBytes bytes(*file, found.header.capacity);
    std::string why;
    for (uint64_t position = found.header.base + format::kSector; position < found.end;) {
      LT_ASSIGN(const auto batch, batch_at(bytes, found.header, position, 0, why));
      if (!batch) return fail(corrupt(found.path, position - found.header.base, why));
      Result<bool> more = true;
      each_record(*batch, [&](const format::RecordHeader& header, std::string_view text, std::string_view stored) {
        if (header.position >= from.offset) more = show(header, found.header.partition, text, stored);
        return more && *more;
      });
      if (!more || !*more) return more;
      position += batch->header.length;
    }
    return true;
  }
};

}  // namespace

Result<void> read_journal_files(Env& env, const std::string& directory, KeyStore* keys, Position from,
                                const std::function<bool(const OfflineRecord&)>& visit) {
  LT_ASSIGN(const FoundLog log, walk_log(env, directory, [](const Error&) { return false; }));
  const uint32_t partition = log.segments.empty() ? 0 : log.segments.front().header.partition;
  Pass pass{keys, Sealing(keys, partition), from, visit};
  for (const FoundSegment& found : log.segments) {
    if (found.end <= from.offset) continue;
    LT_ASSIGN(const bool more, pass.segment(env, found));
    if (!more) break;
  }
  return {};
}

}  // namespace lt::journal
