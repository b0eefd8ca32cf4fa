// The dedupe index on disk.
#include "core/runtime/dedupe_store.h"

#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "core/base/metrics.h"
#include "core/journal/stepped_journal.h"
#include "core/message/fact.h"
#include "core/runtime/dedupe_file.h"
#include "test/support/sim_env.h"

using namespace lt;
using namespace lt::runtime;
using engine::dedupe_key_of;
using engine::DedupeRun;

namespace {

const Sha256 kBody = sha256("body"), kOther = sha256("another body");
constexpr std::chrono::hours kWindow{24 * 7};

std::string key(uint64_t i) { return "client\n" + std::to_string(i); }

// The journal tells of messages with the keys 1, 2, 3 ... in order; a test takes runs from where they stand.
struct Disk {
  test::SimEnv env;
  ManualClock clock;
  Metrics metrics;
  uint32_t salts = 0;
  std::unique_ptr<journal::SteppedJournal> journal;
  std::optional<journal::WholeLog> log;
  std::vector<Position> positions;

  Disk() {
    journal::FileJournalOptions options;
    options.directory = "j";
    options.segment_bytes = 1 << 20;
    options.reserve_bytes = 8 << 10;
    journal = *journal::SteppedJournal::open(env, clock, nullptr, metrics, options, [this] { return ++salts; });
    log.emplace(*journal, nullptr);
  }
  void accept(uint64_t n) {
    for (uint64_t i = 0; i < n; ++i) {
      auto message = std::make_shared<Message>();
      message->envelope.dedupe_key = key(positions.size() + 1);
      message->envelope.accepted = clock.wall();
      message->body = Body::of("body");
      AcceptedFact fact;
      fact.message = message;
      journal::Record record;
      record.type = journal::RecordType::accepted;
      record.header = encode_fact_header(Fact(fact));
      record.body = "body";
      positions.push_back({});
      journal->append(std::move(record), [this, at = positions.size() - 1](Result<Position> p) { positions[at] = *p; });
      journal->step();
    }
  }
  // Of the keys from..to, counted from 1.
  DedupeRun run(size_t from, size_t to) const {
    DedupeRun out(0, engine::dedupe_day(clock.wall()), from == 1 ? 0 : positions[from - 2].offset);
    for (size_t i = from; i <= to; ++i) {
      out.add({dedupe_key_of(key(i)), engine::dedupe_body(sha256("body")), positions[i - 1].offset});
    }
    return out;
  }
  std::unique_ptr<DedupeStore> store() {
    auto opened = DedupeStore::open(env, "dedupe", *log, clock, kWindow);
    REQUIRE(opened);
    return std::move(*opened);
  }
  void check_known(const DedupeStore& store, size_t from, size_t to) const {
    for (size_t i = from; i <= to; ++i) {
      const auto looked = store.look(key(i), kBody);
      REQUIRE(looked);
      REQUIRE(looked->seen);
      REQUIRE(looked->seen->position == positions[i - 1]);
      REQUIRE(looked->seen->same_body);
    }
  }
};

}  // namespace

TEST_CASE("a sealed run answers for its keys, and for no other") {
  Disk p;
  p.accept(1'000);
  REQUIRE(p.env.make_directories("d"));
  REQUIRE(DedupeFile::write(p.env, "d/0.ddx", p.run(1, 1'000)));
  const auto file = DedupeFile::open(p.env, "d/0.ddx");
  REQUIRE(file);
  CHECK((*file)->entries() == 1'000);
  CHECK((*file)->last() == p.positions.back().offset);
  for (uint64_t i = 1; i <= 1'000; ++i) {
    const auto found = (*file)->find(dedupe_key_of(key(i)));
    REQUIRE(found);
    REQUIRE(found->has_value());
    REQUIRE((*found)->offset == p.positions[i - 1].offset);
  }
  for (uint64_t i = 1'001; i < 5'000; ++i) CHECK_FALSE((*file)->find(dedupe_key_of(key(i)))->has_value());
}

TEST_CASE("of a key that came twice the youngest is found") {
  test::SimEnv env;
  REQUIRE(env.make_directories("d"));
  DedupeRun run(0, 20'000, 5);
  for (uint64_t i = 0; i < 500; ++i) run.add({dedupe_key_of("same"), i, 10 + i});
  REQUIRE(DedupeFile::write(env, "d/5.ddx", run));
  CHECK((*(*DedupeFile::open(env, "d/5.ddx"))->find(dedupe_key_of("same")))->offset == 509);
}

TEST_CASE("any byte of a run that changed is noticed before it is believed") {
  Disk p;
  p.accept(300);
  REQUIRE(p.env.make_directories("d"));
  REQUIRE(DedupeFile::write(p.env, "d/0.ddx", p.run(1, 300)));
  const std::string good = p.env.contents("d/0.ddx");
  for (size_t at = 0; at < good.size(); at += 41) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    p.env.set_contents("d/bad.ddx", bad);
    const auto file = DedupeFile::open(p.env, "d/bad.ddx");
    if (!file) {
      CHECK(file.error().code == Code::dedupe_damaged);
      continue;
    }
    for (uint64_t i = 1; i <= 300; ++i) {
      const auto found = (*file)->find(dedupe_key_of(key(i)));
      if (!found) {
        REQUIRE(found.error().code == Code::dedupe_damaged);
      } else {
        REQUIRE(found->has_value());
        REQUIRE((*found)->offset == p.positions[i - 1].offset);
      }
    }
  }
}

TEST_CASE("the store remembers across a start, and says how far it reaches") {
  Disk p;
  p.accept(61);
  {
    auto store = p.store();
    CHECK(store->reaches() == 0);
    REQUIRE(store->seal_now(p.run(1, 20)));
    std::promise<uint64_t> done;
    store->seal(std::make_shared<const DedupeRun>(p.run(21, 40)), [&done](uint64_t to) { done.set_value(to); });
    CHECK(done.get_future().get() == p.positions[39].offset);
    p.check_known(*store, 1, 40);
    CHECK_FALSE(store->look(key(41), kBody)->seen);
    CHECK_FALSE(store->look(key(7), kOther)->seen->same_body);
    CHECK(store->look(key(41), kBody)->to == p.positions[39].offset);
  }
  p.env.crash(1);
  auto store = p.store();
  CHECK(store->reaches() == p.positions[39].offset);
  p.check_known(*store, 1, 40);
  SUBCASE("a day leaves the window") {
    p.clock.advance(std::chrono::hours(24 * 9));
    CHECK_FALSE(store->look(key(7), kBody)->seen);
    REQUIRE(store->seal_now(p.run(61, 61)));
    CHECK(p.env.list("dedupe")->size() == 2);  // the list, and the run of today
  }
}

TEST_CASE("what is missing or damaged on disk is made again from the journal") {
  Disk p;
  p.accept(60);
  {
    auto store = p.store();
    REQUIRE(store->seal_now(p.run(1, 20)));
    REQUIRE(store->seal_now(p.run(21, 40)));
  }
  const std::string second = "dedupe/" + std::to_string(p.positions[19].offset) + ".ddx";
  SUBCASE("a file is gone") {
    REQUIRE(p.env.remove(second));
    p.check_known(*p.store(), 1, 40);
  }
  SUBCASE("a header is damaged") {
    REQUIRE((*p.env.open(second, OpenMode::read_write))->write_at(20, "xx"));
    p.check_known(*p.store(), 1, 40);
  }
  SUBCASE("a block is damaged: found when it is read") {
    REQUIRE((*p.env.open(second, OpenMode::read_write))->write_at(100, "xxxx"));
    auto store = p.store();
    p.check_known(*store, 1, 20);
    const auto looked = store->look(key(30), kBody);
    REQUIRE_FALSE(looked);
    CHECK(looked.error().code == Code::dedupe_damaged);
    CHECK(looked.error().retry() == Retry::later);
    while (!store->look(key(30), kBody)) std::this_thread::yield();
    p.check_known(*store, 1, 40);
  }
  SUBCASE("all of it is gone, and the cell relies on it") {
    const auto names = p.env.list("dedupe");
    REQUIRE(names);
    for (const auto& name : *names) REQUIRE(p.env.remove("dedupe/" + name));
    auto store = p.store();
    CHECK(store->reaches() == 0);
    REQUIRE(store->reach(p.positions[39].offset, 15));
    CHECK(store->reaches() == p.positions[39].offset);
    p.check_known(*store, 1, 40);
    CHECK_FALSE(store->look(key(41), kBody)->seen);
  }
}

TEST_CASE("a disk that refuses is tried again, and nothing half-written is believed") {
  Disk p;
  p.accept(40);
  for (const auto operation : {test::Operation::write, test::Operation::sync}) {
    for (uint64_t nth = 1; nth <= 4; ++nth) {
      const std::string directory = "dedupe" + std::to_string(static_cast<int>(operation)) + std::to_string(nth);
      auto store = DedupeStore::open(p.env, directory, *p.log, p.clock, kWindow);
      REQUIRE(store);
      p.env.fail(operation, nth);
      int refused = 0;
      while (!(*store)->seal_now(p.run(1, 40))) {
        CHECK((*store)->reaches() == 0);
        CHECK_FALSE((*store)->look(key(7), kBody)->seen);
        REQUIRE(++refused <= 4);
      }
      p.check_known(**store, 1, 40);
    }
  }
}
