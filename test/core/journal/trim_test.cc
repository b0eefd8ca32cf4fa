// Freeing segments: what is left opens, reads and verifies, wherever the power goes or a call fails.
#include <algorithm>
#include <set>

#include "core/journal/history.h"
#include "test/core/journal/journal_fixture.h"

namespace lt::journal {
namespace {

// So many records, a few to a segment. Returns their headers.
std::vector<std::string> fill(Disk& disk, SteppedJournal& journal, int from, int count) {
  std::vector<std::string> out;
  for (int i = from; i < from + count; ++i) {
    disk.clock.advance(std::chrono::hours(1));
    out.push_back("record " + std::to_string(i));
    REQUIRE(put(journal, record(out.back(), std::string(3'000, static_cast<char>('a' + i % 26)))));
  }
  return out;
}

bool ends_with(const std::vector<std::string>& whole, const std::vector<std::string>& tail) {
  return tail.size() <= whole.size() && std::equal(tail.rbegin(), tail.rend(), whole.rbegin());
}

uint64_t problems_of(Disk& disk) {
  const auto report = verify_file_journal(disk.env, "j", [](const Error&) {});
  return report ? report->problems : 999;
}

size_t free_files(const Disk& disk) {
  const auto files = disk.env.files();
  return static_cast<size_t>(
      std::count_if(files.begin(), files.end(), [](const auto& path) { return path.ends_with(".free"); }));
}

}  // namespace

TEST_CASE("trim frees whole segments below a place, never the last; the rest reads, verifies, opens again, goes on") {
  Disk disk;
  auto journal = disk.open_ok();
  auto all = fill(disk, *journal, 0, 40);
  const auto before = journal->segments();
  REQUIRE(before.size() > 5);
  const Position first = journal->oldest();
  // A place within a segment frees only those before it.
  REQUIRE(journal->trim({0, before[3].base + 700}));
  CHECK(journal->segments().front().base == before[3].base);
  CHECK(journal->oldest().offset > before[3].base);
  CHECK(journal->read_at(first, [](const RecordView&) { FAIL("read"); }).error().code == Code::no_such_record);
  const auto left = headers(*journal);
  CHECK(left.size() < all.size());
  CHECK(ends_with(all, left));
  CHECK(problems_of(disk) == 0);

  const auto more = fill(disk, *journal, 40, 10);
  all.insert(all.end(), more.begin(), more.end());
  REQUIRE(journal->trim({0, UINT64_MAX}));
  CHECK(journal->segments().size() == 1);
  CHECK(ends_with(all, headers(*journal)));
  journal->close();
  journal.reset();
  journal = disk.open_ok();
  CHECK(ends_with(all, headers(*journal)));
  CHECK_FALSE(headers(*journal).empty());
  CHECK(journal->oldest().offset > before[3].base);
  CHECK(problems_of(disk) == 0);
}

TEST_CASE("segments say when they were filled and how their chain goes on, before and after a restart") {
  Disk disk;
  auto journal = disk.open_ok();
  fill(disk, *journal, 0, 20);
  const auto live = journal->segments();
  journal->close();
  journal.reset();
  journal = disk.open_ok();
  const auto again = journal->segments();
  REQUIRE(live.size() == again.size());
  for (size_t i = 0; i + 1 < live.size(); ++i) {
    CHECK(live[i].base == again[i].base);
    CHECK(live[i].next == live[i + 1].base);
    CHECK(live[i].chain_after == live[i + 1].chain_before);
    CHECK(live[i].chain_after == again[i].chain_after);
    CHECK(live[i].filled == again[i].filled);
    CHECK((i == 0 || live[i].filled > live[i - 1].filled));
  }
  CHECK(live.back().filled == Wall{});
}

TEST_CASE("a power cut at any step of a trim leaves a journal that opens and has all from the border on") {
  size_t cuts = 0;
  for (uint64_t steps = 0;; ++steps) {
    Disk disk;
    auto journal = disk.open_ok();
    const auto all = fill(disk, *journal, 0, 30);
    const uint64_t to = journal->segments()[4].base;
    const auto must_stay = headers(*journal, {0, to});
    const uint64_t before = disk.env.operations();
    disk.env.power_off_after(steps);
    const auto trimmed = journal->trim({0, to});
    const bool whole = !disk.env.powered_off();
    CHECK(trimmed.has_value() == whole);
    journal.reset();
    disk.env.crash(steps);
    CAPTURE(steps);
    CHECK(problems_of(disk) == 0);
    auto opened = disk.open();
    if (!opened) FAIL(opened.error().text());
    const auto left = headers(**opened);
    CHECK(ends_with(all, left));
    CHECK(ends_with(left, must_stay));
    // What is left of the trim can be done now.
    CHECK((*opened)->trim({0, to}));
    CHECK(headers(**opened) == must_stay);
    if (whole) {
      CHECK(disk.env.operations() > before);
      break;
    }
    ++cuts;
  }
  CHECK(cuts >= 8);
}

TEST_CASE("a call that fails in a trim leaves no gap behind, now or after the next trim") {
  using test::Operation;
  for (const auto operation : {Operation::rename, Operation::remove, Operation::sync_directory}) {
    for (uint64_t nth = 1; nth <= 3; ++nth) {
      Disk disk;
      auto journal = disk.open_ok();
      const auto all = fill(disk, *journal, 0, 30);
      const uint64_t to = journal->segments()[5].base;
      disk.env.fail(operation, nth);
      const auto first = journal->trim({0, to});
      CAPTURE(static_cast<int>(operation));
      CAPTURE(nth);
      if (!first) CHECK(journal->trim({0, to}));
      CHECK(problems_of(disk) == 0);
      journal.reset();
      disk.env.crash(nth);
      CHECK(problems_of(disk) == 0);
      CHECK(ends_with(all, headers(*disk.open_ok())));
    }
  }
}

TEST_CASE("freed files are used again, and only a few of them wait") {
  Disk disk;
  auto journal = disk.open_ok();
  fill(disk, *journal, 0, 60);
  REQUIRE(journal->segments().size() > 10);
  REQUIRE(journal->trim({0, UINT64_MAX}));
  CHECK(free_files(disk) >= 1);
  CHECK(free_files(disk) <= 3);
  CHECK(disk.segments().size() == 1);
  const auto more = fill(disk, *journal, 60, 20);
  CHECK(ends_with(more, headers(*journal, {0, journal->segments()[1].base})));
  // Power goes in the middle: what a used file held before is never found again.
  journal.reset();
  disk.env.crash(7);
  for (const auto& header : headers(*disk.open_ok())) CHECK(std::stoi(header.substr(7)) >= 50);
  CHECK(problems_of(disk) == 0);
}

TEST_CASE("a reader that holds a segment reads it to its end although it is freed") {
  Disk disk;
  auto journal = disk.open_ok();
  fill(disk, *journal, 0, 12);
  size_t seen = 0;
  bool intact = true;
  const uint64_t second = journal->segments()[1].base;
  const auto read = journal->read({}, [&](const RecordView& view) {
    if (seen == 0) {
      CHECK(journal->trim({0, second}));
      fill(disk, *journal, 12, 12);
    }
    intact = intact && view.header == "record " + std::to_string(seen);
    ++seen;
    return view.position.offset < second;
  });
  CHECK(read);
  CHECK(intact);
  CHECK(seen >= 4);
  CHECK(journal->oldest().offset > second);
}

TEST_CASE("verify passes over a trimmed chain and tells of a segment that was removed") {
  Disk disk;
  auto history = *History::open(disk.env, "h", 0);
  {
    auto journal = disk.open_ok();
    fill(disk, *journal, 0, 40);
    const auto segments = journal->segments();
    for (size_t i = 0; i < 3; ++i) REQUIRE(history->keep(*journal, segments[i]));
    REQUIRE(journal->trim({0, segments[3].base}));
    journal->close();
  }
  std::vector<Error> found;
  const auto tell = [&](const Error& error) { found.push_back(error); };
  const auto check = [&] {
    found.clear();
    const auto report = verify_file_journal(disk.env, "j", tell);
    REQUIRE(report);
    REQUIRE(verify_history(disk.env, "h", *report, tell));
    return found.size();
  };
  CHECK(check() == 0);
  SUBCASE("in the middle") {
    REQUIRE(disk.env.remove(disk.segments()[2]));
    CHECK(check() > 0);
    CHECK(found[0].detail.find("segment missing") != std::string::npos);
    CHECK(disk.open().error().code == Code::journal_corrupt);
  }
  SUBCASE("the oldest, which looks like a trim and is none") {
    REQUIRE(disk.env.remove(disk.segments()[0]));
    CHECK(verify_file_journal(disk.env, "j", [](const Error&) {})->problems == 0);
    CHECK(check() == 1);
    CHECK(found[0].detail.find("segments are missing") != std::string::npos);
  }
  SUBCASE("a history file") {
    REQUIRE(disk.env.remove(disk.env.files()[1]));
    CHECK(check() == 1);
  }
  SUBCASE("a byte of history") {
    const std::string path = disk.env.files()[0];
    REQUIRE(path.starts_with("h/"));
    disk.env.flip(path, 200);
    CHECK(check() == 1);
    CHECK(found[0].place.file == path);
  }
}

TEST_CASE("what a checkpoint covers is not walked at open; verify still finds damage there, and so does who reads it") {
  Disk disk;
  Position second;
  {
    auto journal = disk.open_ok();
    fill(disk, *journal, 0, 30);
    second = journal->segments().size() > 2 ? Position{0, journal->segments()[1].base} : Position{};
    disk.options.trusted = journal->segments()[4].base;
    journal->close();
  }
  disk.env.flip(disk.segments()[1], 8'000);
  auto journal = disk.open_ok();
  CHECK(problems_of(disk) == 1);
  std::vector<std::string> read = headers(*journal, second);
  CHECK(read.back().find("LT-6020") != std::string::npos);
  CHECK(headers(*journal, {0, disk.options.trusted}).size() > 5);
  REQUIRE(put(*journal, record("goes on")));
  journal.reset();
  disk.options.trusted = 0;
  CHECK(disk.open().error().code == Code::journal_corrupt);
}

TEST_CASE("bodies of several days in one batch are each sealed under the key they had") {
  Disk disk;
  CipherKey master{};
  auto keys = *KeyStore::open(disk.env, "store", master);
  auto journal = disk.open_ok(keys.get());
  std::vector<Position> at;
  for (uint32_t day = 100; day < 120; ++day) {
    Record r = record("carried", "body " + std::to_string(day), RecordType::carried, KeyClass::personal);
    r.key_day = day;
    journal->append(std::move(r), [&](Result<Position> result) { at.push_back(*result); });
  }
  REQUIRE(journal->step() == 20);
  REQUIRE(keys->destroy({105, KeyClass::personal}));
  for (size_t i = 0; i < at.size(); ++i) {
    const auto read = journal->read_at(at[i], [&](const RecordView& view) {
      CHECK(view.key_day == 100 + i);
      CHECK(view.body == "body " + std::to_string(100 + i));
    });
    CHECK(read.has_value() == (i != 5));
    CHECK(journal->read_header_at(at[i], [](const RecordView& view) {
      CHECK(view.header == "carried");
      CHECK(view.body.empty());
      CHECK(view.body_size == 8);
    }));
  }
  // Reading on and on meets it too, and says so.
  std::set<size_t> gone;
  size_t n = 0;
  CHECK(journal->read({}, [&](const RecordView& view) {
    if (view.gone) gone.insert(n);
    ++n;
    return true;
  }));
  CHECK(n == 20);
  CHECK(gone == std::set<size_t>{5});
}

}  // namespace lt::journal
