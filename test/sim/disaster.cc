// Starting, crashing, and a disk that misbehaves.
#include "core/message/carried.h"
#include "test/sim/bookshelf.h"
#include "test/sim/world.h"

namespace lt::sim {

using namespace engine;
using std::chrono::microseconds;

// Everything there ever was: history, then the journal.
World::Log World::read_log() {
  Log log;
  const auto visit = [&](const journal::RecordView& view) {
    if (view.type == journal::RecordType::carried) {
      const auto carried = decode_carried(view.header);
      if (!carried) violate("a carried record cannot be decoded: " + carried.error().text());
      if (carried) log.push_back({view.position, Carried{view.position, carried->message, carried->deliveries}});
      return carried.has_value();
    }
    auto fact = decode_fact_header(static_cast<uint8_t>(view.type), view.header);
    if (!fact) {
      violate("a record cannot be decoded: " + fact.error().text());
      return false;
    }
    log.push_back({view.position, std::move(*fact)});
    return true;
  };
  const auto read = journal::WholeLog(*journal_, history_.get()).read({}, visit);
  if (!read) violate("the journal cannot be read: " + read.error().text());
  return log;
}

void World::fold(Cell& cell, const Log& log, size_t from, size_t to) {
  for (size_t i = from; i < to; ++i) {
    if (const auto* fact = std::get_if<Fact>(&log[i].what)) {
      cell.fold(log[i].position, *fact);
    } else {
      const auto& carried = std::get<Carried>(log[i].what);
      cell.carried(carried.position, carried.message, carried.deliveries);
    }
  }
}

void World::open() {
  journal::FileJournalOptions options;
  options.directory = kJournal;
  options.segment_bytes = fate_.strikes(0.6, Kind::large_segments) ? 32 << 10 : 6 << 10;
  options.reserve_bytes = 8 << 10;
  auto journal = journal::SteppedJournal::open(env_, clock_, nullptr, metrics_, options, [this] { return ++salts_; });
  if (!journal) return violate("the journal does not open: " + journal.error().text());
  journal_ = std::move(*journal);
  auto history = journal::History::open(env_, "h", 0);
  if (!history) return violate("history does not open: " + history.error().text());
  history_ = std::move(*history);
  const Log log = read_log();
  learn(log);
  recover(log);
  if (!violation_.empty()) return;
  if (books_) books_->open(*journal_, history_.get());
  Actions actions;
  cell_->start(now(), actions);
  act(actions);
}

// A trimmed journal needs the checkpoint on the disk; else a life may start from any, or from none.
void World::recover(const Log& log) {
  cell_ = std::make_unique<Cell>(policy_, fate_.bits(Kind::seed, life_));
  const Position begin{0, journal_->segments().front().base};
  auto found = journal::newest_checkpoint(env_, kJournal, begin, journal_->end());
  if (!found) return violate("checkpoints cannot be read: " + found.error().text());
  size_t from = 0;
  if (*found && (begin.offset > 0 || fate_.strikes(0.5, Kind::checkpoint, life_, 1))) {
    tell("this life starts from the checkpoint at {}", (*found)->position.text());
    if (const auto loaded = cell_->load((*found)->state); !loaded)
      return violate("checkpoint: " + loaded.error().text());
    while (from < log.size() && log[from].position <= (*found)->position) ++from;
  } else if (begin.offset > 0) {
    return violate("P2: the journal was trimmed and there is no checkpoint");
  } else if (!log.empty() && fate_.strikes(0.5, Kind::checkpoint, life_)) {
    from = fate_.roll(log.size() + 1, Kind::checkpoint, life_);
    tell("this life starts from a checkpoint after {} of {} facts", from, log.size());
    Cell before(policy_, 1);
    fold(before, log, 0, from);
    if (const auto loaded = cell_->load(before.save()); !loaded) return violate("checkpoint: " + loaded.error().text());
  }
  fold(*cell_, log, from, log.size());
  if (from == 0) return;
  ++tally_.checkpoints;
  compare_with_checkpoint(log);
}

// cell_ stands before start(), loaded from a prefix: it must be as if it had folded everything.
void World::compare_with_checkpoint(const Log& log) {
  Cell whole(policy_, 1), loaded(policy_, 1);
  fold(whole, log, 0, log.size());
  whole.sealed(cell_->sealed_to());
  const std::string saved = cell_->save();
  if (saved != whole.save()) return violate("load(save(prefix)) + tail differs from the whole");
  if (!loaded.load(saved)) return violate("what was saved does not load");
  Actions ignored;
  whole.start(now(), ignored);
  loaded.start(now(), ignored);
  const auto a = whole.pending(SIZE_MAX), b = loaded.pending(SIZE_MAX);
  bool same = a.size() == b.size() && whole.pending_messages() == loaded.pending_messages();
  for (size_t i = 0; same && i < a.size(); ++i) {
    same = a[i].id == b[i].id && a[i].state == b[i].state && a[i].behind == b[i].behind && a[i].code == b[i].code &&
           a[i].detail == b[i].detail && a[i].next_at == b[i].next_at && a[i].attempts == b[i].attempts;
  }
  const auto la = whole.lanes(clock_.wall()), lb = loaded.lanes(clock_.wall());
  same = same && la.size() == lb.size();
  for (size_t i = 0; same && i < la.size(); ++i) {
    const auto &x = la[i], &y = lb[i];
    same = x.destination == y.destination && x.queued == y.queued && x.in_flight == y.in_flight && x.retry == y.retry &&
           x.held == y.held && x.unknown == y.unknown && x.behind == y.behind && x.dead == y.dead &&
           x.paused == y.paused && x.draining == y.draining && x.oldest == y.oldest;
  }
  if (!same) violate("a loaded cell shows other deliveries than one that folded everything");
}

void World::crash(const char* why) {
  tell("CRASH: {}", why);
  ++tally_.crashes;
  ++life_;
  if (books_) books_->close();
  cell_.reset();
  round_.reset();
  history_.reset();
  journal_.reset();
  inbox_.clear();
  outstanding_.clear();
  sent_.clear();
  journal_stepping_ = inbox_due_ = false;
  env_.crash(fate_.bits(Kind::seed, life_, 1));
  env_.limit_space(64 << 20);
  // Those who were not answered ask again once we are back; requests on the wire have arrived by then.
  auto waiting = std::move(asked_);
  asked_.clear();
  clock_.advance(std::chrono::milliseconds(1));
  const auto back = microseconds(50'000 + fate_.roll(2'000'000, Kind::seed, life_, 2));
  in(back, [this, waiting = std::move(waiting)] {
    open();
    if (!violation_.empty()) return;
    tell("up again");
    for (const auto& [ticket, asked] : waiting) ask_again(asked.client);
    if (calm_) resume_all();  // what an operator asked for may have gone down with the process
  });
}

void World::disk_trouble(uint64_t number) {
  if (!cell_ || calm_) return;
  ++tally_.faults;
  const auto roll = [&](uint64_t below, uint64_t what) { return fate_.roll(below, Kind::disk, number, what); };
  const uint64_t nth = 1 + roll(3, 1);
  switch (roll(8, 2)) {
    case 0:
    case 1:
      tell("disk: sync number {} from here will fail", nth);
      return env_.fail(test::Operation::sync, nth);
    case 2:
    case 3:
      tell("disk: write number {} from here will fail", nth);
      return env_.fail(test::Operation::write, nth, Code::io_error, roll(500, 3));
    case 4:
      tell("disk: the next segment will not be put in place");
      env_.fail(test::Operation::rename, 1);
      return env_.fail(roll(2, 3) ? test::Operation::open : test::Operation::sync_directory, 1 + roll(2, 4));
    case 5:
      tell("disk: power will go after {} operations", 1 + roll(20, 3));
      return env_.power_off_after(1 + roll(20, 3));
    default: {
      tell("disk: full");
      uint64_t used = 0;
      for (const auto& path : env_.files()) used += env_.contents(path).size();
      env_.limit_space(used + roll(12'000, 3));
      in_this_life(std::chrono::milliseconds(200 + roll(4'000, 4)), [this] {
        tell("disk: room again");
        env_.limit_space(64 << 20);
      });
    }
  }
}

}  // namespace lt::sim
