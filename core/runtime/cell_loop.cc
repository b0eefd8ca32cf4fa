#include "core/runtime/cell_loop.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/net/shard.h"

namespace lt::runtime {
namespace {

// A record to be copied forward.
struct Carry {
  Position message;
  uint16_t deliveries = 0;
  journal::Record record;
  std::function<void(Result<Position>)> done;
};

struct Item {
  engine::Event event = engine::Tick{};  // unless it is one of `look`, `carry`, `policy`
  std::function<void(engine::AdmitAnswer)> admit;
  std::function<void(std::optional<Error>)> operate;
  std::function<void(const engine::Cell&)> look;
  std::optional<Carry> carry;
  std::unique_ptr<engine::CellPolicy> policy;
};

// What was handed to the journal and has no position yet: a fact of the cell, or a carried record.
struct Handed {
  engine::Append wanted;
  std::optional<Carry> carry;
};

// So many events of a shard wake the engine at once; fewer wait until the shard has done what it has in hand.
constexpr size_t kGathered = 32;

// A state of many million deliveries takes seconds to save: so much is journalled for each byte of it
// beyond what is cheap, and folded at a start at worst.
constexpr uint64_t kCheckpointShare = 32;

Error stopping_error() { return Error(Code::unavailable, "the bus is stopping"); }

void refuse(Item& item) {
  if (item.admit) {
    engine::AdmitAnswer answer;
    answer.kind = engine::AdmitAnswer::Kind::failed;
    answer.error = stopping_error();
    item.admit(std::move(answer));
  }
  if (item.operate) item.operate(stopping_error());
  if (item.carry) item.carry->done(fail(stopping_error()));
}

journal::Record record_of(const Fact& fact) {
  journal::Record record;
  record.type = static_cast<journal::RecordType>(fact_record_type(fact));
  record.header = encode_fact_header(fact);
  if (const Message* message = message_of(fact); message && message->body.inline_bytes) {
    record.key_class = static_cast<journal::KeyClass>(message->envelope.key_class);
    record.body = *message->body.inline_bytes;
  }
  return record;
}

}  // namespace

struct CellLoop::Impl {
  Impl(engine::CellPolicy policy, journal::Journal& j, const Clock& c, Metrics& m, uint64_t seed, CellLoopHooks h)
      : cell(std::move(policy), seed),
        journal(j),
        clock(c),
        hooks(std::move(h)),
        steps(m.counter("lienthong_engine_steps_total", "Events the engine handled")),
        pending(m.gauge("lienthong_pending_messages", "Accepted messages with a delivery that is not final")) {}

  engine::Cell cell;
  journal::Journal& journal;
  const Clock& clock;
  CellLoopHooks hooks;
  Counter& steps;
  Gauge& pending;

  std::mutex mutex;
  std::condition_variable wake;
  std::vector<Item> inbox;                // guarded
  std::vector<Result<Position>> durable;  // guarded; one per append, in order
  bool stopping = false;                  // guarded
  bool asleep = false;                    // guarded
  uint64_t announced = 0;                 // guarded; a bit for each shard that will wake the engine
  bool moved = false;                     // guarded

  // Of the engine thread only.
  std::deque<Handed> appending;          // oldest first
  std::vector<journal::Record> handing;  // the youngest of them, given to the journal at the end of the turn
  std::unordered_map<engine::Ticket, std::function<void(engine::AdmitAnswer)>> admits;
  std::unordered_map<engine::Ticket, std::function<void(std::optional<Error>)>> operations;
  engine::Ticket next_ticket = 1;
  std::optional<Mono> wake_at;
  std::vector<catalog::Entry> committed;  // settled in this turn, not yet handed on
  uint64_t checkpointed = 0;              // offset up to which a checkpoint was handed out or loaded
  uint64_t checkpoint_bytes = 0;          // how large it was
  std::thread thread;

  engine::Now now() const { return {clock.wall(), clock.mono()}; }

  void push(Item item) {
    std::unique_lock lock(mutex);
    if (stopping) {
      lock.unlock();
      return refuse(item);
    }
    inbox.push_back(std::move(item));
    if (!asleep) return;
    // A switch to the engine and back costs as much as a step. So a shard that has more in hand does that first; in the
    // end it wakes the engine for all.
    if (net::Shard* shard = net::Shard::current(); shard && inbox.size() < kGathered) {
      const uint64_t mine = uint64_t{1} << (shard->index() % 64);
      if (announced & mine) return;
      announced |= mine;
      lock.unlock();
      // The shards end before the loop does: see Bus::stop.
      shard->post([this] { rouse(std::unique_lock(mutex)); });
      return;
    }
    rouse(std::move(lock));
  }

  void rouse(std::unique_lock<std::mutex> lock) {
    announced = 0;
    const bool sleeper = std::exchange(asleep, false);
    // After the unlock and once per sleep: who is woken needs the mutex at once.
    lock.unlock();
    if (sleeper) wake.notify_one();
  }

  // False when it is time to end. Waits for work, a due timer, or a moved clock.
  bool gather(std::vector<Item>& items, std::vector<Result<Position>>& positions) {
    std::unique_lock lock(mutex);
    while (inbox.empty() && durable.empty() && !moved) {
      if (stopping && appending.empty()) return false;
      if (wake_at && clock.mono() >= *wake_at) break;
      asleep = true;
      // The upper bound keeps a clock that jumps from being slept through; clock_moved wakes at once.
      auto wait = std::chrono::microseconds(1'000'000);
      if (wake_at) wait = std::min(wait, *wake_at - clock.mono());
      wake.wait_for(lock, wait);
      asleep = false;
    }
    items.swap(inbox);
    positions.swap(durable);
    moved = false;
    announced = 0;
    return true;
  }

  void append(engine::Append wanted) {
    handing.push_back(record_of(wanted.fact));
    appending.push_back({std::move(wanted), std::nullopt});
  }

  // All of a turn in a row, so that they share a sync; the last one's position wakes the engine.
  void hand_over() {
    for (size_t i = 0; i < handing.size(); ++i) {
      journal.append(std::move(handing[i]), [this, last = i + 1 == handing.size()](Result<Position> position) {
        // Under the lock: once the last position is taken the engine may end, and this object with it.
        std::lock_guard lock(mutex);
        durable.push_back(std::move(position));
        if (last && std::exchange(asleep, false)) wake.notify_one();
      });
    }
    handing.clear();
  }

  void settle(Result<Position> position, engine::Actions& out) {
    Handed handed = std::move(appending.front());
    appending.pop_front();
    if (handed.carry) {
      if (position) cell.carried(*position, handed.carry->message, handed.carry->deliveries);
      return handed.carry->done(std::move(position));
    }
    engine::Append done = std::move(handed.wanted);
    steps.add();
    if (!position) {
      cell.step(engine::AppendFailed{std::move(done.fact), done.ticket, position.error()}, now(), out);
      return;
    }
    if (hooks.committed) committed.push_back({*position, clock.wall(), std::make_shared<const Fact>(done.fact)});
    cell.step(engine::Committed{*position, std::move(done.fact), done.ticket}, now(), out);
  }

  void take(Item item, engine::Actions& out) {
    if (item.look) {
      item.look(cell);
      return;
    }
    if (item.policy) {
      cell.reconfigure(std::move(*item.policy), now(), out);
      return;
    }
    if (item.carry) {
      handing.push_back(std::move(item.carry->record));
      appending.push_back({{}, std::move(item.carry)});
      return;
    }
    if (auto* admit = std::get_if<engine::Admit>(&item.event)) {
      admit->ticket = next_ticket++;
      admits.emplace(admit->ticket, std::move(item.admit));
    } else if (auto* ask = std::get_if<engine::AskNow>(&item.event)) {
      ask->ticket = next_ticket++;
      admits.emplace(ask->ticket, std::move(item.admit));
    } else if (auto* operate = std::get_if<engine::Operate>(&item.event)) {
      operate->ticket = next_ticket++;
      operations.emplace(operate->ticket, std::move(item.operate));
    }
    steps.add();
    cell.step(std::move(item.event), now(), out);
  }

  void act(engine::Actions& actions) {
    for (auto& action : actions) {
      if (auto* wanted = std::get_if<engine::Append>(&action)) {
        append(std::move(*wanted));
      } else if (auto* deliver = std::get_if<engine::Deliver>(&action)) {
        hooks.deliver(std::move(*deliver));
      } else if (auto* answer = std::get_if<engine::AdmitAnswer>(&action)) {
        if (auto waiter = admits.extract(answer->ticket)) waiter.mapped()(std::move(*answer));
      } else if (auto* done = std::get_if<engine::OperatorAnswer>(&action)) {
        if (auto waiter = operations.extract(done->ticket)) waiter.mapped()(std::move(done->error));
      } else if (auto* at = std::get_if<engine::WakeAt>(&action)) {
        wake_at = at->at;
      } else if (auto* seal = std::get_if<engine::SealRun>(&action)) {
        if (hooks.dedupe) hooks.dedupe->seal(std::move(seal->run), [this](uint64_t offset) { sealed(offset); });
      }
    }
    actions.clear();
  }

  void offer_checkpoint() {
    const Position folded = cell.folded();
    const uint64_t cheap = std::min(checkpoint_bytes, hooks.checkpoint_every / 8);
    const uint64_t every = std::max(hooks.checkpoint_every, kCheckpointShare * (checkpoint_bytes - cheap));
    if (hooks.checkpoint_every == 0 || folded.offset < checkpointed + every) return;
    checkpointed = folded.offset;
    std::string state = cell.save();
    checkpoint_bytes = state.size();
    hooks.checkpoint({folded, std::move(state)});
  }

  // One record of the journal, at recovery.
  Result<void> fold(const journal::RecordView& record, const std::function<void(const ErasureRecord&)>& erased) {
    if (record.type == journal::RecordType::carried) {
      LT_ASSIGN(const CarriedRecord carried, decode_carried(record.header));
      cell.carried(record.position, carried.message, carried.deliveries);
      return {};
    }
    if (record.type == journal::RecordType::erasure) {
      LT_ASSIGN(const ErasureRecord erasure, decode_erasure(record.header));
      if (erased) erased(erasure);
      return {};
    }
    LT_ASSIGN(const Fact fact, decode_fact_header(static_cast<uint8_t>(record.type), record.header));
    cell.fold(record.position, fact);
    return seal_closed();
  }

  void sealed(uint64_t offset) {
    Item item;
    item.event = engine::Sealed{offset};
    push(std::move(item));
  }

  // At recovery: what was closed goes to disk at once, or all keys of the journal would be in memory together.
  Result<void> seal_closed() {
    while (const auto run = hooks.dedupe ? cell.closed_run() : nullptr) {
      LT_TRY(hooks.dedupe->seal_now(*run));
      cell.sealed(run->last());
    }
    return {};
  }

  void run() {
    engine::Actions actions;
    std::vector<Item> items;
    std::vector<Result<Position>> positions;
    cell.start(now(), actions);
    act(actions);
    hand_over();
    while (gather(items, positions)) {
      for (auto& position : positions) {
        settle(std::move(position), actions);
        act(actions);
      }
      if (!committed.empty()) hooks.committed(std::exchange(committed, {}));
      for (auto& item : items) {
        take(std::move(item), actions);
        act(actions);
      }
      if (wake_at && clock.mono() >= *wake_at) {
        wake_at.reset();
        cell.step(engine::Tick{}, now(), actions);
        act(actions);
      }
      hand_over();
      items.clear();
      positions.clear();
      offer_checkpoint();
      pending.set(static_cast<int64_t>(cell.pending_messages()));
    }
    for (auto& [ticket, waiter] : admits) waiter({ticket, engine::AdmitAnswer::Kind::failed, {}, {}, stopping_error()});
    for (auto& [ticket, waiter] : operations) waiter(stopping_error());
  }
};

CellLoop::CellLoop(engine::CellPolicy policy, journal::Journal& journal, const Clock& clock, Metrics& metrics,
                   uint64_t seed, CellLoopHooks hooks)
    : impl_(std::make_unique<Impl>(std::move(policy), journal, clock, metrics, seed, std::move(hooks))) {}

CellLoop::~CellLoop() { stop(); }

Result<void> CellLoop::load(const journal::Checkpoint& checkpoint) {
  LT_TRY(impl_->cell.load(checkpoint.state));
  impl_->checkpointed = checkpoint.position.offset;
  impl_->checkpoint_bytes = checkpoint.state.size();
  return {};
}

Result<size_t> CellLoop::recover(const std::function<void(const ErasureRecord&)>& erased) {
  size_t records = 0;
  if (DedupeStore* dedupe = impl_->hooks.dedupe) {
    LT_TRY(dedupe->reach(impl_->cell.sealed_to(), engine::CellPolicy().dedupe_run));
    impl_->cell.sealed(dedupe->reaches());
  }
  Result<void> folded;
  Position from = impl_->cell.folded();
  if (from.offset > 0) ++from.offset;
  LT_TRY(impl_->journal.read_headers(from, [&](const journal::RecordView& record) {
    folded = impl_->fold(record, erased);
    if (!folded) folded.error().place.path = record.position.text();
    ++records;
    return folded.has_value();
  }));
  LT_TRY(folded);
  return records;
}

journal::Checkpoint CellLoop::checkpoint() const { return {impl_->cell.folded(), impl_->cell.save()}; }

void CellLoop::start() {
  impl_->thread = std::thread([this] { impl_->run(); });
}

void CellLoop::stop() {
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->stopping) return;
    impl_->stopping = true;
    impl_->wake.notify_one();
  }
  if (impl_->thread.joinable()) impl_->thread.join();
}

void CellLoop::admit(AcceptedFact fact, std::optional<Error> refuse, std::function<void(engine::AdmitAnswer)> answer,
                     DedupeStore::Looked looked) {
  Item item;
  item.event = engine::Admit{0, std::move(fact), std::move(refuse), looked.seen, looked.to};
  item.admit = std::move(answer);
  impl_->push(std::move(item));
}

void CellLoop::operate(ActionFact fact, std::function<void(std::optional<Error>)> answer) {
  Item item;
  item.event = engine::Operate{0, std::move(fact)};
  item.operate = std::move(answer);
  impl_->push(std::move(item));
}

void CellLoop::attempted(engine::Attempted attempted) {
  Item item;
  item.event = std::move(attempted);
  impl_->push(std::move(item));
}

void CellLoop::ask(AskedFact fact, std::function<void(engine::AdmitAnswer)> answer) {
  Item item;
  item.event = engine::AskNow{0, std::move(fact)};
  item.admit = std::move(answer);
  impl_->push(std::move(item));
}

void CellLoop::ask_ended(AnsweredFact fact) {
  Item item;
  item.event = engine::AskEnded{std::move(fact)};
  impl_->push(std::move(item));
}

void CellLoop::reconfigure(engine::CellPolicy policy) {
  Item item;
  item.policy = std::make_unique<engine::CellPolicy>(std::move(policy));
  impl_->push(std::move(item));
}

void CellLoop::carry(Position message, uint16_t deliveries, journal::Record record,
                     std::function<void(Result<Position>)> done) {
  Item item;
  item.carry = Carry{message, deliveries, std::move(record), std::move(done)};
  impl_->push(std::move(item));
}

void CellLoop::inspect(std::function<void(const engine::Cell&)> look) {
  Item item;
  item.look = std::move(look);
  impl_->push(std::move(item));
}

void CellLoop::clock_moved() {
  std::lock_guard lock(impl_->mutex);
  impl_->moved = true;
  if (impl_->asleep) impl_->wake.notify_one();
}

}  // namespace lt::runtime
