#include "core/journal/writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "core/base/limits.h"
#include "core/base/log.h"

namespace lt::journal {
namespace {

constexpr size_t kKeptBuffer = 16 << 20;

uint32_t system_salt() {
  uint32_t salt = 0;
  std::memcpy(&salt, random_bytes(sizeof salt).data(), sizeof salt);
  return salt;
}

uint32_t day_of(const Record& record, uint32_t today) { return record.key_day == 0 ? today : record.key_day; }

Error writer_failed(std::string why) { return Error(Code::journal_failed, std::move(why)); }

}  // namespace

Writer::Writer(Env& env, const Clock& clock, KeyStore* keys, Metrics& metrics, WriterOptions options, Spares spares)
    : env_(env),
      clock_(clock),
      options_(std::move(options)),
      segments_(env, options_.partition),
      reader_(segments_, keys),
      sealing_(keys, options_.partition),
      spares_(std::move(spares)),
      syncs_(metrics.counter("lienthong_journal_syncs_total", "Syncs of the journal")),
      batches_(metrics.counter("lienthong_journal_batches_total", "Batches made durable")),
      records_(metrics.counter("lienthong_journal_records_total", "Records made durable")),
      bytes_(metrics.counter("lienthong_journal_bytes_total", "Bytes of durable batches")),
      sync_time_(metrics.histogram("lienthong_journal_sync_seconds", "Time of one journal sync")) {}

Result<std::unique_ptr<Writer>> Writer::open(Env& env, const Clock& clock, KeyStore* keys, Metrics& metrics,
                                             WriterOptions options) {
  if (!options.salt) options.salt = system_salt;
  options.segment_bytes = std::max<uint64_t>(format::round_up(options.segment_bytes, format::kSector), 4096);
  LT_TRY(env.make_directories(options.directory));
  if (const size_t slash = options.directory.rfind('/'); slash != std::string::npos && slash > 0)
    LT_TRY(env.sync_directory(options.directory.substr(0, slash)));
  LT_ASSIGN(const FoundLog log, walk_log(
                                    env, options.directory, [](const Error&) { return false; }, options.trusted));
  if (!log.segments.empty() && log.segments.front().header.partition != options.partition)
    return fail(corrupt(log.segments.front().path, 0,
                        fmt::format("journal of partition {}, opened as partition {}",
                                    log.segments.front().header.partition, options.partition)));
  LT_ASSIGN(Spares spares, Spares::open(env, options.directory, options.segment_bytes, log.free_files));
  auto writer = std::unique_ptr<Writer>(new Writer(env, clock, keys, metrics, std::move(options), std::move(spares)));
  LT_TRY(writer->start(log));
  return writer;
}

Result<void> Writer::start(const FoundLog& log) {
  segments_.load(log);
  chain_ = log.trail.chain;
  epoch_ = log.trail.epoch;
  next_epoch();
  if (!log.segments.empty()) {
    const FoundSegment& last = log.segments.back();
    segment_ = last.header;
    position_ = last.end;
    LT_ASSIGN(file_, env_.open(last.path, OpenMode::read_write));
    LT_TRY(rewrite(last, log.trail));
  }
  std::vector<uint64_t> none;
  return put_batch({}, {}, clock_.wall(), none);
}

// After a failed sync the kernel may show bytes that never reached the disk and count them as clean. Writing the same
// bytes once more and syncing makes what was just read true; torn, it changes nothing.
Result<void> Writer::rewrite(const FoundSegment& last, const Trail& trail) {
  if (trail.last_batch < last.header.base || trail.batches == 0) return {};
  std::string bytes(trail.position - trail.last_batch, '\0');
  LT_ASSIGN(const size_t got, file_->read_at(trail.last_batch - last.header.base, bytes.data(), bytes.size()));
  if (got < bytes.size())
    return fail(corrupt(last.path, trail.last_batch - last.header.base, "the file became shorter"));
  LT_TRY(file_->write_at(trail.last_batch - last.header.base, bytes));
  return file_->sync();
}

void Writer::next_epoch() { epoch_ = format::make_epoch(format::epoch_counter(epoch_) + 1, options_.salt()); }

bool Writer::failed() const {
  const std::lock_guard lock(figures_mutex_);
  return figures_.failed;
}

Journal::Figures Writer::figures() const {
  const std::lock_guard lock(figures_mutex_);
  return figures_;
}

uint64_t Writer::stored_size(const Record& record) const {
  const bool sealed = !record.body.empty() && sealing_.seals(record.key_class);
  return record.body.size() + (sealed ? kTagSize : 0);
}

size_t Writer::batch_of(std::span<const Record> records) {
  uint64_t size = 0;
  size_t count = 0;
  for (const auto& record : records) {
    size += format::kRecordHeader + record.header.size() + record.body.size() + kTagSize + format::kRecordAlign;
    if (count > 0 && size > limits::kJournalBatch) break;
    ++count;
  }
  return count;
}

// `full`: free space is below the reserve.
Result<void> Writer::admit(const Record& record, KeyId key, bool& full) {
  if (record.header.size() + record.body.size() > limits::kJournalRecord)
    return fail(Code::too_large, fmt::format("a record of {} bytes", record.header.size() + record.body.size()));
  if (full && (record.type == RecordType::accepted || record.type == RecordType::asked))
    return fail(Code::disk_full, "free space is below the reserve kept for outcomes",
                Place{options_.directory, 0, 0, {}},
                "administrator: free space on the volume of the data (`lienthong status`); sender: send again later");
  if (record.body.empty()) return {};
  return sealing_.prepare(key, epoch_);
}

std::vector<Result<Position>> Writer::write(std::span<const Record> records) {
  std::vector<Result<Position>> out(records.size(), Position{});
  if (failed()) {
    for (auto& result : out) result = fail(writer_failed("an earlier sync failed"));
    return out;
  }
  bool full = false;
  if (options_.reserve_bytes > 0) {
    const auto free = env_.free_bytes(options_.directory);
    full = free && *free < options_.reserve_bytes;
  }
  const Wall now = clock_.wall();
  const uint32_t today = key_day(now);
  sealing_.begin();
  std::vector<size_t> chosen;
  chosen.reserve(records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    if (auto admitted = admit(records[i], {day_of(records[i], today), records[i].key_class}, full); admitted)
      chosen.push_back(i);
    else
      out[i] = fail(std::move(admitted).error());
  }
  if (chosen.empty()) return out;
  std::vector<uint64_t> offsets;
  const auto written = put_batch(records, chosen, now, offsets);
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (written)
      out[chosen[i]] = Position{options_.partition, offsets[i]};
    else
      out[chosen[i]] = fail(written.error());
  }
  return out;
}

Result<void> Writer::ensure_room(uint64_t length) {
  if (file_ && position_ + length <= segment_.base + segment_.capacity) return {};
  format::SegmentHeader next;
  next.partition = options_.partition;
  next.epoch = epoch_;
  next.base = file_ ? segment_.base + segment_.capacity : 0;
  next.capacity = std::max(options_.segment_bytes, format::kSector + length);
  next.previous_end = position_;
  next.previous_chain = chain_;
  const std::string path = options_.directory + "/" + format::segment_name(next.base);
  auto taken = spares_.take(next, path);
  if (!taken) {
    if (!spares_.poisoned()) return fail(std::move(taken).error());
    const std::lock_guard lock(figures_mutex_);
    figures_.failed = true;
    return fail(writer_failed("the directory could not be synced").because(std::move(taken).error()));
  }
  file_ = std::move(*taken);
  segment_ = next;
  position_ = next.base + format::kSector;
  segments_.begin_segment(next, path, file_);
  return {};
}

Result<void> Writer::put_batch(std::span<const Record> records, const std::vector<size_t>& chosen, Wall now,
                               std::vector<uint64_t>& offsets) {
  uint64_t size = format::kBatchHeader;
  for (const size_t i : chosen)
    size += format::round_up(format::kRecordHeader + records[i].header.size() + stored_size(records[i]),
                             format::kRecordAlign);
  size = format::round_up(size, format::kSector);
  LT_TRY(ensure_room(size));

  format::BatchHeader header;
  header.epoch = epoch_;
  header.position = position_;
  header.length = static_cast<uint32_t>(size);
  header.count = static_cast<uint32_t>(chosen.size());
  header.wall_ms = now.time_since_epoch().count();
  header.synced = position_;
  header.previous_chain = chain_;
  if (batch_.capacity() > kKeptBuffer) std::string().swap(batch_);
  batch_.clear();
  batch_.reserve(size);
  format::append_batch(batch_, header);

  const uint32_t today = key_day(now);
  for (const size_t i : chosen) {
    const Record& record = records[i];
    const size_t at = batch_.size();
    format::RecordHeader item;
    item.type = record.type;
    item.key_class = record.key_class;
    item.sealed = !record.body.empty() && sealing_.seals(record.key_class);
    item.epoch = epoch_;
    item.position = position_ + at;
    item.wall_ms = header.wall_ms;
    item.key_day = day_of(record, today);
    item.header_size = static_cast<uint32_t>(record.header.size());
    item.body_size = static_cast<uint32_t>(stored_size(record));
    format::append_record(batch_, item);
    batch_.append(record.header);
    if (item.sealed)
      sealing_.append_body(item, record.body, batch_, at);
    else
      batch_.append(record.body);
    format::finish_record(batch_, at);
    offsets.push_back(item.position);
  }
  format::finish_batch(batch_);
  return commit(header.count, header.wall_ms);
}

Result<void> Writer::commit(uint32_t count, int64_t wall_ms) {
  if (auto written = file_->write_at(position_ - segment_.base, batch_); !written)
    return fail(withdraw(std::move(written).error()));
  const Mono start = clock_.mono();
  auto synced = file_->sync();
  sync_time_.observe_us(static_cast<uint64_t>((clock_.mono() - start).count()));
  syncs_.add();
  if (!synced) {
    const std::lock_guard lock(figures_mutex_);
    figures_.failed = true;
    return fail(writer_failed("sync of " + format::segment_name(segment_.base)).because(std::move(synced).error()));
  }
  segments_.publish(position_, position_ + batch_.size(), count > 0 ? position_ + format::kBatchHeader : 0, wall_ms);
  chain_ = sha256(batch_);
  position_ += batch_.size();
  batches_.add();
  records_.add(count);
  bytes_.add(batch_.size());
  const std::lock_guard lock(figures_mutex_);
  ++figures_.batches;
  ++figures_.syncs;
  figures_.records += count;
  figures_.bytes += batch_.size();
  return {};
}

// Half a batch, or even a whole one, may be in the file although its records are about to be refused. It must not be
// found by a later recovery; and its offsets come again, so the epoch (which keys and nonces hang on) may not.
Error Writer::withdraw(Error error) {
  Result<void> gone = file_->write_at(position_ - segment_.base, std::string(format::kSector, '\0'));
  if (gone) gone = file_->sync();
  next_epoch();
  if (gone) return error;
  const std::lock_guard lock(figures_mutex_);
  figures_.failed = true;
  return writer_failed("a failed batch could not be withdrawn").because(std::move(error));
}

bool Writer::prepare(uint64_t bytes) {
  const bool wanted = file_ && position_ - segment_.base > segment_.capacity / 2 && !spares_.ready() && !failed();
  if (!wanted) return false;
  if (auto prepared = spares_.prepare(bytes); !prepared) {
    log::warn("journal", "no spare segment yet", {{"error", prepared.error()}});
    return false;
  }
  return !spares_.ready();
}

// One at a time, the directory synced after each: neither a power cut nor an error may keep an older segment and lose a
// younger one.
Result<void> Writer::trim(uint64_t to) {
  const std::lock_guard lock(trim_mutex_);
  while (leaving_ || (leaving_ = segments_.take_oldest(to))) {
    // A reader that still holds it may read it later: then its bytes must stay as they are.
    const bool again = !std::exchange(leaving_failed_, true) && leaving_.use_count() == 1 &&
                       leaving_->header.capacity == options_.segment_bytes && spares_.wants_more() && !failed();
    const std::string name = fmt::format("{:016x}.free", leaving_->header.base);
    if (again) {
      LT_TRY(env_.rename(leaving_->path, options_.directory + "/" + name));
    } else {
      LT_TRY(env_.remove(leaving_->path));
    }
    LT_TRY(env_.sync_directory(options_.directory));
    if (again) spares_.offer(name);
    leaving_.reset();
    leaving_failed_ = false;
  }
  return {};
}

void Writer::close() {
  if (failed()) return;
  std::vector<uint64_t> none;
  if (auto closed = put_batch({}, {}, clock_.wall(), none); !closed)
    log::warn("journal", "closing mark not written", {{"error", closed.error()}});
}

}  // namespace lt::journal
