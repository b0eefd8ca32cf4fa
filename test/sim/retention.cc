// Rounds of retention amid work: carry what is unfinished, checkpoint, history, trim - by the product's own plans and
// in its order (core/runtime/upkeep.h), but step by step in simulated time, so that everything may come in between.
#include "core/runtime/retention_plan.h"
#include "test/sim/world.h"

namespace lt::sim {

using namespace engine;

namespace {

constexpr size_t kCarriedAtOnce = 6;

}  // namespace

void World::retain(uint64_t number) {
  if (!cell_ || round_) return;
  const auto segments = journal_->segments();
  const auto kept = milliseconds(fate_.roll(8'000, Kind::retention, number));
  const uint64_t to = runtime::old_enough(segments, clock_.wall(), kept);
  if (segments.empty() || to == segments.front().base) return;
  tell("a round of retention: the journal is to begin at {}", to);
  round_ = Round{to, {}, 0};
  carry_some();
}

void World::carry_some() {
  const auto batch = runtime::to_carry(*cell_, round_->to, round_->after, kCarriedAtOnce);
  if (batch.empty()) return trim();
  round_->after = batch.back().message;
  for (const Unfinished& one : batch) {
    auto copy = runtime::carried_copy(*journal_, one);
    if (!copy && copy.error().code == Code::io_error) {  // the disk is not well: another round will do it
      round_->failed = true;
      continue;
    }
    if (!copy) {
      violate("P2: an unfinished message cannot be carried: " + copy.error().text());
      return;
    }
    ++round_->waiting;
    journal_->append(std::move(copy->first), [this, one, deliveries = copy->second](Result<Position> position) {
      inbox_.push_back(Carried{position ? *position : Position{}, one.message, deliveries});
    });
  }
  if (round_->waiting == 0) return round_.reset();
  kick_journal();
}

// In position order with the facts.
void World::take(const Carried& carried) {
  const bool durable = carried.position.offset > 0;
  if (durable) {
    tell("{} is carried forward to {}", called({carried.message, 0}), carried.position.text());
    cell_->carried(carried.position, carried.message, carried.deliveries);
  }
  if (!round_) return;
  round_->failed = round_->failed || !durable;
  if (--round_->waiting > 0) return;
  if (round_->failed) {
    round_.reset();  // the next round does again what is left
  } else {
    carry_some();
  }
}

void World::trim() {
  const uint64_t wanted = round_->to;
  round_.reset();
  const auto done = [&]() -> Result<uint64_t> {
    const auto segments = journal_->segments();
    const journal::Checkpoint checkpoint{cell_->folded(), cell_->save()};
    LT_TRY(journal::write_checkpoint(env_, kJournal, checkpoint));
    LT_ASSIGN(const auto intact, journal::intact_checkpoints(env_, kJournal, 0));
    const uint64_t to = runtime::trimmable(segments, wanted, intact);
    for (const auto& segment : segments) {
      if (segment.next > to) break;
      LT_TRY(history_->keep(*journal_, segment));
      ++tally_.segments_freed;
    }
    LT_TRY(journal_->trim({0, to}));
    return to;
  }();
  if (done) {
    tell("the journal begins at {}", *done);
    ++tally_.trims;
  } else {
    tell("trimming stopped half way: {}", done.error().text());
  }
  const Position begin{0, journal_->segments().front().base};
  cell_->each_unfinished([&](const Unfinished& one) {
    if (one.stored < begin) violate("P2: " + called({one.message, 0}) + " is unfinished, and its record was trimmed");
    return violation_.empty();
  });
  if (journal_->figures().failed || env_.powered_off()) {
    in_this_life(std::chrono::microseconds(pause(3'000)), [this] { crash("the journal failed"); });
  }
}

}  // namespace lt::sim
