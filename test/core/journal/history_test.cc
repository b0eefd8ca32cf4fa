// History: what freed segments held, without bodies, in order; one log with the journal.
#include "core/journal/history.h"

#include "test/core/journal/journal_fixture.h"

namespace lt::journal {
namespace {

struct Line {
  uint64_t offset;
  RecordType type;
  KeyClass key_class;
  Wall written;
  std::string header;
  uint64_t body_size;
  auto operator<=>(const Line&) const = default;
};

template <class Log>
std::vector<Line> lines(const Log& log, Position from = {}) {
  std::vector<Line> out;
  const auto read = log.read(from, [&](const RecordView& view) {
    CHECK(view.body.empty());
    out.push_back(
        {view.position.offset, view.type, view.key_class, view.written, std::string(view.header), view.body_size});
    return true;
  });
  if (!read) FAIL(read.error().text());
  return out;
}

void fill(Disk& disk, SteppedJournal& journal, int count) {
  for (int i = 0; i < count; ++i) {
    disk.clock.advance(std::chrono::hours(1));
    const auto type = i % 3 == 2 ? RecordType::outcome : RecordType::accepted;
    REQUIRE(put(journal, record("header " + std::to_string(i) + std::string(static_cast<size_t>(i % 7) * 100, 'h'),
                                type == RecordType::accepted ? std::string(2'000, 'b') : "", type)));
  }
}

}  // namespace

TEST_CASE("journal and history read as one log, the same before, between and after each step of a trim") {
  Disk disk;
  auto journal = disk.open_ok();
  fill(disk, *journal, 60);
  auto history = *History::open(disk.env, "h", 0);
  const WholeLog log(*journal, history.get());
  const auto whole = lines(log);
  REQUIRE(whole.size() == 60);
  CHECK(log.oldest() == journal->oldest());
  for (const auto& segment : journal->segments()) {
    if (segment.filled == Wall{}) break;
    REQUIRE(history->keep(*journal, segment));
    CHECK(lines(log) == whole);
    REQUIRE(journal->trim({0, segment.next}));
    CHECK(lines(log) == whole);
    CHECK(history->end().offset == segment.next);
  }
  CHECK(journal->segments().size() == 1);
  CHECK(log.oldest().offset == whole.front().offset);
  // From anywhere, and one by one.
  for (size_t i = 0; i < whole.size(); i += 7)
    CHECK(lines(log, {0, whole[i].offset}) ==
          std::vector<Line>(whole.begin() + static_cast<ptrdiff_t>(i), whole.end()));
  for (const auto& line : whole) {
    CHECK(log.read_at({0, line.offset}, [&](const RecordView& view) { CHECK(view.header == line.header); }));
    CHECK(log.read_at({0, line.offset + 8}, [](const RecordView&) {}).error().code == Code::no_such_record);
  }
  history = *History::open(disk.env, "h", 0);
  CHECK(lines(WholeLog(*journal, history.get())) == whole);
}

TEST_CASE("segments that move to history while somebody reads are met once") {
  Disk disk;
  auto journal = disk.open_ok();
  fill(disk, *journal, 60);
  auto history = *History::open(disk.env, "h", 0);
  const WholeLog log(*journal, history.get());
  const auto whole = lines(log);
  for (size_t at : {0, 1, 5, 20, 59}) {
    Disk other;
    auto moving = other.open_ok();
    fill(other, *moving, 60);
    auto kept = *History::open(other.env, "h", 0);
    const auto segments = moving->segments();
    REQUIRE(kept->keep(*moving, segments[0]));
    std::vector<uint64_t> seen;
    const WholeLog both(*moving, kept.get());
    const auto read = both.read({}, [&](const RecordView& view) {
      if (seen.size() == at)
        for (size_t i = 0; i + 1 < segments.size(); ++i) {
          CHECK(kept->keep(*moving, segments[i]));
          CHECK(moving->trim({0, segments[i].next}));
        }
      seen.push_back(view.position.offset);
      return true;
    });
    CAPTURE(at);
    if (!read) FAIL(read.error().text());
    REQUIRE(seen.size() == whole.size());
    for (size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == whole[i].offset);
  }
}

TEST_CASE("records carried forward are not told twice") {
  Disk disk;
  auto journal = disk.open_ok();
  REQUIRE(put(*journal, record("first", std::string(9'000, 'x'))));
  REQUIRE(put(*journal, record("again", "", RecordType::carried)));
  REQUIRE(put(*journal, record("erased", "", RecordType::erasure)));
  fill(disk, *journal, 20);
  auto history = *History::open(disk.env, "h", 0);
  REQUIRE(history->keep(*journal, journal->segments().front()));
  const auto kept = lines(*history);
  REQUIRE(kept.size() >= 2);
  CHECK(kept[0].header == "first");
  CHECK(kept[1].header == "erased");
}

TEST_CASE("a power cut at any step of keeping leaves a file whole or none") {
  for (uint64_t steps = 0;; ++steps) {
    Disk disk;
    auto journal = disk.open_ok();
    fill(disk, *journal, 12);
    auto history = *History::open(disk.env, "h", 0);
    const auto segment = journal->segments().front();
    disk.env.power_off_after(steps);
    const auto kept = history->keep(*journal, segment);
    const bool whole = !disk.env.powered_off();
    CHECK(kept.has_value() == whole);
    journal.reset();
    disk.env.crash(steps);
    CAPTURE(steps);
    history = *History::open(disk.env, "h", 0);
    journal = disk.open_ok();
    CHECK((history->end().offset == segment.next || (!kept && history->end().offset == 0)));
    CHECK(lines(WholeLog(*journal, history.get())).size() == 12);
    CHECK(history->keep(*journal, segment));
    CHECK(history->end().offset == segment.next);
    if (whole) break;
  }
}

TEST_CASE("history is forgotten by age, oldest first, and damage in it is told, never read as good") {
  Disk disk;
  auto journal = disk.open_ok();
  fill(disk, *journal, 60);
  auto history = *History::open(disk.env, "h", 0);
  const auto segments = journal->segments();
  for (size_t i = 0; i < 4; ++i) REQUIRE(history->keep(*journal, segments[i]));
  SUBCASE("age") {
    CHECK(*history->forget(segments[2].filled) == 2);
    CHECK(history->oldest().offset > segments[2].base);
    CHECK(history->end().offset == segments[4].base);
  }
  SUBCASE("a byte anywhere") {
    const std::string path = disk.env.files().front();
    const size_t size = disk.env.contents(path).size();
    for (size_t i = 0; i < size; i += 3) {
      disk.env.flip(path, i, 4);
      const auto opened = History::open(disk.env, "h", 0);
      REQUIRE(opened);
      // Its header: the file is left aside. A block: reading stops there.
      const auto read = (*opened)->read({}, [](const RecordView&) { return true; });
      CAPTURE(i);
      CHECK((!read || (*opened)->oldest().offset > segments[1].base));
      disk.env.flip(path, i, 4);
    }
  }
}

}  // namespace lt::journal
