// Starting, crashing, and a disk that misbehaves.
#include "test/sim/bookshelf.h"
#include "test/sim/world.h"

namespace lt::sim {

using namespace engine;
using std::chrono::microseconds;

World::Facts World::read_journal() {
  Facts facts;
  const auto read = journal_->read({}, [&](const journal::RecordView& view) {
    auto fact = decode_fact(static_cast<uint8_t>(view.type), view.header, view.body);
    if (!fact) {
      violate("a record cannot be decoded: " + fact.error().text());
      return false;
    }
    facts.emplace_back(view.position, std::move(*fact));
    return true;
  });
  if (!read) violate("the journal cannot be read: " + read.error().text());
  return facts;
}

void World::open() {
  journal::FileJournalOptions options;
  options.directory = "j";
  options.segment_bytes = 32 << 10;
  options.reserve_bytes = 8 << 10;
  auto journal = journal::SteppedJournal::open(env_, clock_, nullptr, metrics_, options, [this] { return ++salts_; });
  if (!journal) return violate("the journal does not open: " + journal.error().text());
  journal_ = std::move(*journal);
  const Facts facts = read_journal();
  learn(facts);
  cell_ = std::make_unique<Cell>(policy_, fate_.bits(Kind::seed, life_));
  if (!facts.empty() && fate_.strikes(0.5, Kind::checkpoint, life_)) {
    const size_t prefix = fate_.roll(facts.size() + 1, Kind::checkpoint, life_);
    tell("this life starts from a checkpoint after {} of {} facts", prefix, facts.size());
    ++tally_.checkpoints;
    Cell before(policy_, 1);
    for (size_t i = 0; i < prefix; ++i) before.fold(facts[i].first, facts[i].second);
    if (const auto loaded = cell_->load(before.save()); !loaded) violate("checkpoint: " + loaded.error().text());
    for (size_t i = prefix; i < facts.size(); ++i) cell_->fold(facts[i].first, facts[i].second);
    compare_with_checkpoint(facts);
  } else {
    for (const auto& [position, fact] : facts) cell_->fold(position, fact);
  }
  if (books_) books_->open(*journal_);
  Actions actions;
  cell_->start(now(), actions);
  act(actions);
}

// cell_ stands before start(), loaded from a prefix: it must be as if it had folded everything.
void World::compare_with_checkpoint(const Facts& facts) {
  Cell whole(policy_, 1), loaded(policy_, 1);
  for (const auto& [position, fact] : facts) whole.fold(position, fact);
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
  const auto la = whole.lanes(), lb = loaded.lanes();
  same = same && la.size() == lb.size();
  for (size_t i = 0; same && i < la.size(); ++i) {
    const auto &x = la[i], &y = lb[i];
    same = x.destination == y.destination && x.queued == y.queued && x.in_flight == y.in_flight && x.retry == y.retry &&
           x.held == y.held && x.unknown == y.unknown && x.behind == y.behind && x.dead == y.dead &&
           x.paused == y.paused && x.oldest == y.oldest;
  }
  if (!same) violate("a loaded cell shows other deliveries than one that folded everything");
}

void World::crash(const char* why) {
  tell("CRASH: {}", why);
  ++tally_.crashes;
  ++life_;
  if (books_) books_->close();
  cell_.reset();
  journal_.reset();
  inbox_.clear();
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
