// Power cuts: whatever was acknowledged is there afterwards; the rest is whole or absent; order holds.
#include <algorithm>

#include "test/core/journal/journal_fixture.h"

namespace lt::journal {
namespace {

struct Dice {
  uint64_t state;
  uint64_t below(uint64_t n) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state >> 33) % n;
  }
};

std::string body_of(uint64_t number) { return std::string(number * 37 % 2500, static_cast<char>('a' + number % 26)); }

// What a journal was given over its lives, and what it acknowledged.
struct Ledger {
  uint64_t next = 0;
  std::map<uint64_t, Position> acknowledged;

  void append(Journal& journal) {
    const uint64_t number = next++;
    journal.append(record(std::to_string(number), body_of(number)), [this, number](Result<Position> result) {
      if (result) acknowledged[number] = *result;
    });
  }

  void check(const Journal& journal) const {
    std::map<uint64_t, Position> found;
    uint64_t last = 0;
    Position last_position;
    const auto read = journal.read({}, [&](const RecordView& view) {
      const uint64_t number = std::stoull(std::string(view.header));
      CHECK(number < next);
      CHECK((found.empty() || number > last));
      CHECK(view.position > last_position);
      CHECK(view.body == body_of(number));
      found[number] = last_position = view.position;
      last = number;
      return true;
    });
    if (!read) FAIL(read.error().text());
    for (const auto& [number, position] : acknowledged) {
      REQUIRE(found.contains(number));
      CHECK(found.at(number) == position);
      CHECK(journal.read_at(position, [](const RecordView&) {}));
    }
  }
};

// Some appends and steps; ends early once the power is gone.
void live(Disk& disk, SteppedJournal& journal, Ledger& ledger, Dice& dice, uint64_t rounds) {
  for (uint64_t round = 0; round < rounds && !disk.env.powered_off(); ++round) {
    for (uint64_t n = dice.below(5); n > 0; --n) ledger.append(journal);
    journal.step();
  }
}

}  // namespace

TEST_CASE("2000 random crashes: nothing acknowledged is lost, nothing is half there") {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    Disk disk;
    disk.options.segment_bytes = 8 << 10;
    Dice dice{seed};
    Ledger ledger;
    for (int life = 0; life < 3; ++life) {
      disk.env.power_off_after(dice.below(60));
      if (auto journal = disk.open()) live(disk, **journal, ledger, dice, 12);
      disk.env.crash(seed * 3 + static_cast<uint64_t>(life));
      const auto journal = disk.open_ok();
      ledger.check(*journal);
    }
    CHECK(verify_file_journal(disk.env, "j", [](const Error&) {})->problems == 0);
  }
}

TEST_CASE("a crash at every step of segment roll-over, and of opening, is recovered from") {
  for (uint64_t step = 0; step < 80; ++step) {
    for (uint64_t seed = 0; seed < 12; ++seed) {
      CAPTURE(step);
      CAPTURE(seed);
      Disk disk;
      disk.options.segment_bytes = 4 << 10;
      Ledger ledger;
      disk.env.power_off_after(step);
      if (auto journal = disk.open()) {
        // Each record takes most of a segment: every other batch rolls over.
        for (int i = 0; i < 8 && !disk.env.powered_off(); ++i) {
          const uint64_t number = ledger.next++;
          (*journal)->append(record(std::to_string(number), body_of(number)), [&](Result<Position> result) {
            if (result) ledger.acknowledged[number] = *result;
          });
          (*journal)->append(record(std::to_string(ledger.next), body_of(ledger.next)), [](Result<Position>) {});
          ++ledger.next;
          (*journal)->flush();
        }
      }
      disk.env.crash(seed);
      disk.env.power_off_after(seed);  // again, while it recovers
      const bool opened = disk.open().has_value();
      disk.env.crash(seed + 100);
      const auto journal = disk.open_ok();
      ledger.check(*journal);
      CHECK((opened || seed < 12));
    }
  }
}

TEST_CASE("the same seed gives the same disk") {
  const auto run = [](uint64_t seed) {
    Disk disk;
    disk.options.segment_bytes = 8 << 10;
    Dice dice{seed};
    Ledger ledger;
    auto journal = disk.open_ok();
    disk.env.power_off_after(20);
    live(disk, *journal, ledger, dice, 12);
    disk.env.crash(seed);
    std::string all;
    for (const auto& path : disk.env.files()) all += path + disk.env.contents(path);
    return sha256(all);
  };
  CHECK(run(5) == run(5));
  CHECK(run(5) != run(6));
}

}  // namespace lt::journal
