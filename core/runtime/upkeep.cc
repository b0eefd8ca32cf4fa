#include "core/runtime/upkeep.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <future>

#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/message/carried.h"

namespace lt::runtime {
namespace {

constexpr size_t kCarryBytes = 4 << 20;  // on their way to the journal at once
constexpr std::chrono::hours kSweepEvery{24};
constexpr std::chrono::seconds kLookAround{1};  // real time between two looks at an injected clock

// A wrong match keeps a blob too long and does no other harm, so eight bytes of its address do.
uint64_t short_of(const BlobId& id) {
  uint64_t out = 0;
  std::memcpy(&out, id.bytes.data(), sizeof out);
  return out;
}

}  // namespace

Upkeep::Upkeep(UpkeepParts parts, RetentionRules rules)
    : parts_(std::move(parts)),
      rules_(rules),
      next_(parts_.clock->mono() + rules.every),
      carried_(parts_.metrics->counter("lienthong_retention_carried_total", "Unfinished messages copied forward")),
      segments_(parts_.metrics->counter("lienthong_retention_segments_total", "Journal segments freed")),
      keys_(parts_.metrics->counter("lienthong_retention_keys_total", "Data keys destroyed because their time was up")),
      blobs_(parts_.metrics->counter("lienthong_retention_blobs_total", "Blobs freed")),
      checkpoint_time_(parts_.metrics->histogram("lienthong_checkpoint_seconds", "Time to write one checkpoint")) {}

Upkeep::~Upkeep() { stop(); }

void Upkeep::start() {
  thread_ = std::thread([this] { run(); });
}

void Upkeep::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Upkeep::offer(journal::Checkpoint checkpoint) {
  const std::lock_guard lock(mutex_);
  offered_ = std::move(checkpoint);
  wake_.notify_all();
}

void Upkeep::clock_moved() {
  const std::lock_guard lock(mutex_);
  moved_ = true;
  wake_.notify_all();
}

void Upkeep::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    moved_ = false;
    if (offered_) {
      lock.unlock();
      write_offered();
      lock.lock();
    } else if (stopping_) {
      return;
    } else if (parts_.clock->mono() >= next_) {
      next_ = parts_.clock->mono() + rules_.every;
      lock.unlock();
      if (const auto done = retain(); !done)
        log::warn("retention", "a round was not finished; it is tried again", {{"error", done.error()}});
      lock.lock();
    } else {
      wake_.wait_for(lock, kLookAround, [this] { return stopping_ || offered_ || moved_; });
    }
  }
}

Result<void> Upkeep::go_on() {
  const std::lock_guard lock(mutex_);
  return stopping_ ? Result<void>(fail(Code::unavailable, "the bus is stopping")) : Result<void>();
}

// One at a time: only the newest two files stay, and what another left half written is cleared away.
Result<void> Upkeep::write(const journal::Checkpoint& checkpoint) {
  const Mono began = parts_.clock->mono();
  auto written = journal::write_checkpoint(*parts_.env, parts_.directory, checkpoint);
  checkpoint_time_.observe_us(static_cast<uint64_t>((parts_.clock->mono() - began).count()));
  return written;
}

void Upkeep::write_offered() {
  const std::lock_guard writing(writing_);
  std::unique_lock lock(mutex_);
  const auto offered = std::exchange(offered_, std::nullopt);
  lock.unlock();
  if (!offered) return;
  // Without it the next start takes longer and less can be trimmed; the bus itself needs none.
  if (const auto written = write(*offered); !written)
    log::warn("checkpoint", "not written; the next one is", {{"error", written.error()}});
}

Result<void> Upkeep::ask(const std::function<void(const engine::Cell&)>& look) const {
  auto done = std::make_shared<std::promise<void>>();
  auto future = done->get_future();
  parts_.cell->inspect([&look, done = std::move(done)](const engine::Cell& cell) {
    look(cell);
    done->set_value();
  });
  try {
    future.get();
  } catch (const std::future_error&) {  // dropped unasked: the engine has stopped
    return fail(Code::unavailable, "the engine has stopped");
  }
  return {};
}

Result<Retained> Upkeep::retain() {
  const std::lock_guard lock(round_);
  Retained done;
  LT_TRY(trim(done));
  LT_TRY(expire(done));
  LT_ASSIGN(done.history_freed, parts_.history->forget(parts_.clock->wall() - rules_.history));
  if (done.segments_freed + done.keys_destroyed > 0 || parts_.clock->wall() - swept_ >= kSweepEvery)
    LT_TRY(sweep(done));
  const bool nothing = done.carried + done.segments_freed + done.keys_destroyed + done.keys_in_use + done.blobs_freed +
                           done.history_freed ==
                       0;
  if (!nothing)
    log::info("retention", "round",
              {{"carried", done.carried},
               {"segments_freed", done.segments_freed},
               {"keys_destroyed", done.keys_destroyed},
               {"keys_in_use", done.keys_in_use},
               {"blobs_freed", done.blobs_freed},
               {"history_freed", done.history_freed}});
  return done;
}

Result<void> Upkeep::trim(Retained& done) {
  const auto segments = parts_.journal->segments();
  if (segments.empty()) return {};
  uint64_t to = old_enough(segments, parts_.clock->wall(), rules_.segments());
  if (to == segments.front().base) return {};
  write_offered();  // the older of the two that stay; the carried records may bring an offer no older than our own
  LT_ASSIGN(done.carried, carry(to));
  carried_.add(done.carried);
  journal::Checkpoint checkpoint;
  LT_TRY(ask([&](const engine::Cell& cell) { checkpoint = {cell.folded(), cell.save()}; }));
  {
    const std::lock_guard writing(writing_);
    LT_TRY(write(checkpoint));
  }
  LT_ASSIGN(const auto intact,
            journal::intact_checkpoints(*parts_.env, parts_.directory, checkpoint.position.partition));
  to = trimmable(segments, to, intact);
  for (const auto& segment : segments) {
    if (segment.next > to) break;
    LT_TRY(go_on());
    LT_TRY(parts_.history->keep(*parts_.journal, segment));
    ++done.segments_freed;
  }
  if (done.segments_freed == 0) return {};
  LT_TRY(parts_.journal->trim({checkpoint.position.partition, to}));
  segments_.add(done.segments_freed);
  return {};
}

Result<uint64_t> Upkeep::carry(uint64_t to) {
  uint64_t count = 0;
  Position after;
  for (;;) {
    LT_TRY(go_on());
    std::vector<engine::Unfinished> batch;
    LT_TRY(ask([&](const engine::Cell& cell) { batch = to_carry(cell, to, after, limits::kCarriedAtOnce); }));
    if (batch.empty()) return count;
    LT_TRY(carry_some(batch));
    count += batch.size();
    after = batch.back().message;
  }
}

Result<void> Upkeep::carry_some(const std::vector<engine::Unfinished>& batch) {
  struct Under {
    std::mutex mutex;
    std::condition_variable moved;
    size_t bytes = 0, count = 0;
    std::optional<Error> error;
  };
  const auto under = std::make_shared<Under>();
  const auto wait_for = [&](size_t bytes) -> Result<void> {
    std::unique_lock lock(under->mutex);
    under->moved.wait(lock, [&] { return under->count == 0 || under->bytes <= bytes; });
    return under->error ? Result<void>(fail(*under->error)) : Result<void>();
  };
  Result<void> handed;
  for (const auto& one : batch) {
    auto copy = carried_copy(*parts_.journal, one);
    handed = copy ? wait_for(kCarryBytes) : Result<void>(fail(copy.error()));
    if (!handed) break;
    const size_t bytes = copy->first.header.size() + copy->first.body.size();
    {
      const std::lock_guard lock(under->mutex);
      under->bytes += bytes;
      ++under->count;
    }
    parts_.cell->carry(one.message, copy->second, std::move(copy->first), [under, bytes](Result<Position> position) {
      const std::lock_guard lock(under->mutex);
      under->bytes -= bytes;
      --under->count;
      if (!position) under->error = position.error();
      under->moved.notify_all();
    });
  }
  // Also after an error: what is on its way calls back.
  auto rest = wait_for(0);
  return handed ? rest : handed;
}

Result<void> Upkeep::expire(Retained& done) {
  LT_ASSIGN(const auto kept, parts_.keys->kept());
  const auto over = expired(kept, parts_.clock->wall(), rules_);
  if (over.empty()) return {};
  std::set<uint32_t> in_use;
  LT_TRY(ask([&](const engine::Cell& cell) { in_use = days_in_use(cell, over.back().day); }));
  for (const auto& key : over) {
    if (in_use.contains(key.day)) {
      ++done.keys_in_use;
      continue;
    }
    LT_ASSIGN(const bool was, parts_.keys->destroy(key));
    done.keys_destroyed += was;
  }
  keys_.add(done.keys_destroyed);
  return {};
}

Result<void> Upkeep::mark(const journal::SegmentSpan& segment, std::vector<uint64_t>& marks) const {
  Result<void> read;
  LT_TRY(parts_.journal->read_headers({0, segment.base}, [&](const journal::RecordView& record) {
    if (record.position.offset >= segment.next) return false;
    if (record.type != journal::RecordType::accepted && record.type != journal::RecordType::carried) return true;
    const auto message = decode_message_header(static_cast<uint8_t>(record.type), record.header);
    if (!message) {
      read = fail(message.error());
    } else if ((*message)->body.stored()) {
      marks.push_back(short_of((*message)->body.blob));
    }
    return read.has_value();
  }));
  LT_TRY(read);
  std::sort(marks.begin(), marks.end());
  marks.erase(std::unique(marks.begin(), marks.end()), marks.end());
  return {};
}

Result<void> Upkeep::sweep(Retained& done) {
  const Wall before = parts_.clock->wall() - rules_.blob_grace;
  const auto segments = parts_.journal->segments();
  if (segments.empty()) return {};
  marks_.erase(marks_.begin(), marks_.lower_bound(segments.front().base));
  std::vector<uint64_t> last;
  for (const auto& segment : segments) {
    const bool full = segment.next != segments.back().next;
    if (full && marks_.contains(segment.base)) continue;
    LT_TRY(go_on());
    std::vector<uint64_t> found;
    LT_TRY(mark(segment, found));
    (full ? marks_[segment.base] : last) = std::move(found);
  }
  const auto live = [&](const BlobId& id) {
    const uint64_t wanted = short_of(id);
    if (std::binary_search(last.begin(), last.end(), wanted)) return true;
    return std::any_of(marks_.begin(), marks_.end(), [&](const auto& marks) {
      return std::binary_search(marks.second.begin(), marks.second.end(), wanted);
    });
  };
  LT_ASSIGN(const auto swept, parts_.blobs->sweep(before, live));
  swept_ = parts_.clock->wall();
  done.blobs_freed = swept.freed;
  blobs_.add(swept.freed);
  return {};
}

}  // namespace lt::runtime
