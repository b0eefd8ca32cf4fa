// Each kind of damage by name, and what opening, reading and verify make of it.
#include "core/journal/format.h"
#include "test/core/journal/journal_fixture.h"

namespace lt::journal {
namespace {

using Names = std::vector<std::string>;
constexpr const char* kFirst = "j/0000000000000000.seg";

// a, b, c in batches of their own, then a crash that keeps everything: no closing mark.
struct ThreeBatches : Disk {
  Position a, b, c, end;
  ThreeBatches() {
    auto journal = open_ok();
    a = *put(*journal, record("a", std::string(600, 'a')));
    b = *put(*journal, record("b", std::string(600, 'b')));
    c = *put(*journal, record("c", std::string(600, 'c')));
    end = journal->end();
  }
  Error refused() {
    auto journal = open();
    if (journal) {
      FAIL("opened");
      return Error(Code::none);
    }
    return journal.error();
  }
};

Names many(Disk& disk, int count) {
  Names out;
  auto journal = disk.open_ok();
  for (int i = 0; i < count; ++i) {
    out.push_back(std::to_string(i));
    CHECK(put(*journal, record(out.back(), std::string(900, 'x'))));
  }
  journal->close();
  return out;
}

}  // namespace

TEST_CASE("bit flip in a synced batch of the last segment: refuse, wherever it is") {
  ThreeBatches disk;
  const uint64_t last_batch = disk.c.offset - format::kBatchHeader;
  for (uint64_t at = format::kSector; at < last_batch; ++at) {
    disk.env.flip(kFirst, at, 0x10);
    const Error error = disk.refused();
    REQUIRE(error.code == Code::journal_corrupt);
    CHECK(error.place.file == kFirst);
    CHECK(error.place.path.starts_with("byte "));
    disk.env.flip(kFirst, at, 0x10);
  }
  CHECK(headers(*disk.open_ok()) == Names{"a", "b", "c"});
}

TEST_CASE("the refusal names the byte of the damaged batch and changes nothing") {
  ThreeBatches disk;
  disk.env.flip(kFirst, disk.b.offset + 60);
  const std::string before = disk.env.contents(kFirst);
  const Error error = disk.refused();
  CHECK(error.place.path == "byte " + std::to_string(disk.b.offset - format::kBatchHeader));
  CHECK(error.detail.find("CRC mismatch") != std::string::npos);
  CHECK(disk.env.contents(kFirst) == before);
}

TEST_CASE("bit flip in the unsynced torn tail: cut") {
  ThreeBatches disk;
  const uint64_t last_batch = disk.c.offset - format::kBatchHeader;
  const std::string whole = disk.env.contents(kFirst);
  for (uint64_t at = last_batch; at < disk.end.offset - format::kBatchHeader; at += 7) {
    disk.env.set_contents(kFirst, whole);
    disk.env.flip(kFirst, at);
    auto journal = disk.open_ok();
    CHECK(headers(*journal) == Names{"a", "b"});
    CHECK(put(*journal, record("d")));
    journal = disk.open_ok();
    CHECK(headers(*journal) == Names{"a", "b", "d"});
  }
}

TEST_CASE("torn batch: any subset of its sectors missing is cut") {
  ThreeBatches disk;
  const uint64_t last_batch = disk.c.offset - format::kBatchHeader;
  const std::string whole = disk.env.contents(kFirst);
  for (unsigned missing = 1; missing < 4; ++missing) {
    std::string torn = whole;
    for (unsigned sector = 0; sector < 2; ++sector)
      if (missing & 1u << sector) torn.replace(last_batch + sector * 512, 512, std::string(512, '\0'));
    disk.env.set_contents(kFirst, torn);
    CHECK(headers(*disk.open_ok()) == Names{"a", "b"});
  }
}

TEST_CASE("bit flip in the last batch after a clean close: refuse") {
  ThreeBatches disk;
  disk.open_ok()->close();
  disk.env.flip(kFirst, disk.c.offset + 100);
  CHECK(disk.refused().code == Code::journal_corrupt);
}

TEST_CASE("zeros where a synced batch stood: refuse") {
  ThreeBatches disk;
  std::string bytes = disk.env.contents(kFirst);
  bytes.replace(disk.b.offset - format::kBatchHeader, 1024, std::string(1024, '\0'));
  disk.env.set_contents(kFirst, bytes);
  CHECK(disk.refused().code == Code::journal_corrupt);
}

TEST_CASE("bit flip in the header or the last batch of a closed segment: refuse") {
  Disk disk;
  many(disk, 60);
  const auto segments = disk.segments();
  REQUIRE(segments.size() > 3);
  SUBCASE("header of the first") { disk.env.flip(segments[0], 40); }
  SUBCASE("header of one in the middle") { disk.env.flip(segments[1], 50); }
  SUBCASE("header of the last") { disk.env.flip(segments.back(), 5); }
  SUBCASE("last batch of one in the middle") {
    const std::string bytes = disk.env.contents(segments[1]);
    disk.env.flip(segments[1], bytes.find_last_not_of('\0'));
  }
  const auto opened = disk.open();
  REQUIRE(!opened);
  CHECK(opened.error().code == Code::journal_corrupt);
}

TEST_CASE("missing segment in the middle: refuse and name the file") {
  Disk disk;
  many(disk, 60);
  const auto segments = disk.segments();
  CHECK(disk.env.remove(segments[1]));
  const auto opened = disk.open();
  REQUIRE(!opened);
  CHECK(opened.error().code == Code::journal_corrupt);
  CHECK(opened.error().place.file == segments[1]);
  CHECK(opened.error().detail == "segment missing");
}

TEST_CASE("a segment under another's name, or cut short: refuse") {
  Disk disk;
  many(disk, 60);
  const auto segments = disk.segments();
  SUBCASE("another's name") { disk.env.set_contents(segments[2], disk.env.contents(segments[1])); }
  SUBCASE("cut short") { disk.env.set_contents(segments[2], disk.env.contents(segments[2]).substr(0, 5000)); }
  SUBCASE("empty") { disk.env.set_contents(segments[2], ""); }
  const auto opened = disk.open();
  REQUIRE(!opened);
  CHECK(opened.error().code == Code::journal_corrupt);
  CHECK(opened.error().place.file == segments[2]);
}

TEST_CASE("stale recycled tail: old records with valid CRCs are never read") {
  Disk disk;
  Names expected = many(disk, 55);
  // What trimming does: the oldest segment becomes a free file.
  const auto segments = disk.segments();
  const std::string stale = disk.env.contents(segments[0]);
  CHECK(disk.env.rename(segments[0], "j/old.free"));
  CHECK(disk.env.sync_directory("j"));
  auto journal = disk.open_ok();
  expected = headers(*journal);
  const size_t before = disk.segments().size();
  while (disk.segments().size() == before) {
    expected.push_back("new" + std::to_string(expected.size()));
    REQUIRE(put(*journal, record(expected.back(), std::string(500, 'n'))));
  }
  CHECK(!disk.env.exists("j/old.free").value());
  const std::string recycled = disk.env.contents(disk.segments().back());
  CHECK(recycled.substr(8000) == stale.substr(8000));  // the old bytes are really there
  CHECK(headers(*journal) == expected);
  journal.reset();
  disk.env.crash(11);
  journal = disk.open_ok();
  CHECK(headers(*journal) == expected);
  CHECK(verify_file_journal(disk.env, "j", [](const Error&) {})->problems == 0);
}

TEST_CASE("a whole batch of an earlier epoch behind the end is stale, not corruption and not a record") {
  Disk disk;
  auto journal = disk.open_ok();
  CHECK(put(*journal, record("a")));
  const std::string after_a = disk.env.contents(kFirst);
  CHECK(put(*journal, record("lost")));
  const auto stale = *put(*journal, record("stale"));
  const std::string after_all = disk.env.contents(kFirst);
  disk.env.set_contents(kFirst, after_a);
  journal = disk.open_ok();  // writes the mark of the next epoch where "lost" stood
  std::string grafted = disk.env.contents(kFirst);
  const uint64_t place = stale.offset - format::kBatchHeader;
  CHECK(place == journal->end().offset - format::kBatchHeader);
  grafted.replace(place, 512, after_all, place, 512);
  journal.reset();
  disk.env.set_contents(kFirst, grafted);
  journal = disk.open_ok();
  CHECK(headers(*journal) == Names{"a"});
}

TEST_CASE("leftovers of a cut tail in the dead end of a segment cannot be addressed") {
  Disk disk;
  auto journal = disk.open_ok();
  for (int i = 0; i < 7; ++i) CHECK(put(*journal, record("filler", std::string(1900, 'f'))));
  const uint64_t tail = journal->end().offset - format::kBatchHeader;
  journal->append(record("torn 1"), [](Result<Position>) {});
  journal->append(record("torn 2", std::string(400, 't')), [](Result<Position>) {});
  journal->step();
  const uint64_t second = tail + format::kBatchHeader + 56;
  CHECK(journal->read_at({0, second}, [](const RecordView& view) { CHECK(view.header == "torn 2"); }));
  journal.reset();
  disk.env.flip(kFirst, tail + 20);
  journal = disk.open_ok();
  CHECK(journal->read_at({0, second}, [](const RecordView&) {}).error().code == Code::no_such_record);
}

TEST_CASE("damage that comes while the journal is open is told by reading, never read as good") {
  ThreeBatches disk;
  auto journal = disk.open_ok();
  disk.env.flip(kFirst, disk.b.offset + 80);
  const auto read = journal->read({}, [](const RecordView& view) {
    CHECK(view.header == "a");
    return true;
  });
  REQUIRE(!read);
  CHECK(read.error().code == Code::journal_corrupt);
  CHECK(journal->read_at(disk.b, [](const RecordView&) { FAIL("read"); }).error().code == Code::journal_corrupt);
  CHECK(journal->read_at(disk.c, [](const RecordView&) {}));
}

TEST_CASE("verify finds planted damage, gives its place and goes on behind it") {
  Disk disk;
  many(disk, 60);
  const auto segments = disk.segments();
  const auto clean = *verify_file_journal(disk.env, "j", [](const Error&) {});
  CHECK(clean.problems == 0);
  CHECK(clean.records == 60);
  disk.env.flip(segments[0], 2000);
  disk.env.flip(segments[2], 3000);
  disk.env.flip(segments[2], 9000);
  std::vector<Error> problems;
  const auto report = *verify_file_journal(disk.env, "j", [&](const Error& error) { problems.push_back(error); });
  CHECK(report.problems == 3);
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].place.file == segments[0]);
  CHECK(problems[1].place.file == segments[2]);
  CHECK(problems[2].place.file == segments[2]);
  CHECK(report.records == 57);
  CHECK(report.end == clean.end);
  CHECK(report.chain_head == clean.chain_head);
}

TEST_CASE("verify tells a missing segment and a damaged header, and reads the rest") {
  Disk disk;
  many(disk, 60);
  const auto segments = disk.segments();
  REQUIRE(segments.size() > 4);
  CHECK(disk.env.remove(segments[1]));
  disk.env.flip(segments[3], 20);
  std::vector<std::string> files;
  const auto report =
      *verify_file_journal(disk.env, "j", [&](const Error& error) { files.push_back(error.place.file); });
  CHECK(files == Names{segments[1], segments[3]});
  CHECK(report.records > 20);
}

}  // namespace lt::journal
