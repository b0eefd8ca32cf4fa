#include "test/core/journal/journal_fixture.h"

namespace lt::journal {
namespace {
using Names = std::vector<std::string>;
}

TEST_CASE("records come back in order with rising positions, also after a restart") {
  Disk disk;
  std::vector<Position> positions;
  {
    auto journal = disk.open_ok();
    CHECK(headers(*journal).empty());
    CHECK(journal->oldest() == journal->end());
    for (int i = 0; i < 3; ++i)
      journal->append(record("h" + std::to_string(i), std::string(700, 'b')),
                      [&](Result<Position> p) { positions.push_back(*p); });
    CHECK(positions.empty());
    CHECK(journal->step() == 3);
    CHECK(journal->figures().records == 3);
    journal->close();
  }
  REQUIRE(positions.size() == 3);
  CHECK(positions[0] < positions[1]);
  CHECK(positions[1] < positions[2]);
  auto journal = disk.open_ok();
  CHECK(headers(*journal) == Names{"h0", "h1", "h2"});
  CHECK(journal->oldest() == positions[0]);
  CHECK(journal->end() > positions[2]);
  const auto expected = journal->end();
  CHECK(put(*journal, record("h3")) == expected);
}

TEST_CASE("read starts at any offset: of a record, behind it, or before all") {
  Disk disk;
  auto journal = disk.open_ok();
  std::vector<Position> positions;
  for (int i = 0; i < 60; ++i) positions.push_back(*put(*journal, record(std::to_string(i), std::string(900, 'x'))));
  CHECK(disk.segments().size() > 2);
  CHECK(headers(*journal, {0, 0}).size() == 60);
  for (size_t i = 0; i < positions.size(); ++i) {
    CHECK(headers(*journal, positions[i]).size() == 60 - i);
    CHECK(headers(*journal, {0, positions[i].offset + 1}).size() == 59 - i);
  }
  CHECK(headers(*journal, journal->end()).empty());
  int seen = 0;
  CHECK(journal->read({}, [&](const RecordView&) { return ++seen < 5; }));
  CHECK(seen == 5);
}

TEST_CASE("read_at finds each record by its position and nothing else") {
  Disk disk;
  auto journal = disk.open_ok();
  const auto small = *put(*journal, record("small", "body", RecordType::outcome));
  const auto large = *put(*journal, record("large", std::string(100'000, 'L'), RecordType::checkpoint));
  const auto after = *put(*journal, record("after"));
  const auto expect = [&](Position at, std::string header, std::string body) {
    bool called = false;
    CHECK(journal->read_at(at, [&](const RecordView& view) {
      called = true;
      CHECK(view.position == at);
      CHECK(view.header == header);
      CHECK(view.body == body);
      CHECK(view.written == disk.clock.wall());
    }));
    CHECK(called);
  };
  expect(small, "small", "body");
  expect(large, "large", std::string(100'000, 'L'));
  expect(after, "after", "");
  for (const Position wrong : {Position{0, 0}, Position{0, small.offset + 8}, Position{0, small.offset - 8},
                               Position{1, small.offset}, journal->end(), Position{0, 1'000'000'000}}) {
    const auto result = journal->read_at(wrong, [](const RecordView&) { FAIL("called"); });
    REQUIRE(!result);
    CHECK(result.error().code == Code::no_such_record);
  }
}

TEST_CASE("a record larger than a segment gets a segment of its own size") {
  Disk disk;
  {
    auto journal = disk.open_ok();
    CHECK(put(*journal, record("a")));
    CHECK(put(*journal, record("big", std::string(50'000, 'B'))));
    CHECK(put(*journal, record("z")));
  }
  disk.env.crash(3);
  auto journal = disk.open_ok();
  CHECK(headers(*journal) == Names{"a", "big", "z"});
}

TEST_CASE("a record beyond the limit is refused alone") {
  Disk disk;
  auto journal = disk.open_ok();
  Result<Position> big = Position{}, small = Position{};
  journal->append(record("big", std::string((64 << 20) + 1, 'B')), [&](Result<Position> p) { big = std::move(p); });
  journal->append(record("small"), [&](Result<Position> p) { small = std::move(p); });
  journal->flush();
  REQUIRE(!big);
  CHECK(big.error().code == Code::too_large);
  CHECK(small);
  CHECK(headers(*journal) == Names{"small"});
}

TEST_CASE("the first segment need not begin at zero") {
  Disk disk;
  {
    auto journal = disk.open_ok();
    for (int i = 0; i < 60; ++i) CHECK(put(*journal, record(std::to_string(i), std::string(900, 'x'))));
    journal->close();
  }
  const auto segments = disk.segments();
  CHECK(disk.env.remove(segments[0]));
  auto journal = disk.open_ok();
  const auto left = headers(*journal);
  REQUIRE(!left.empty());
  CHECK(left.size() < 60);
  CHECK(left.back() == "59");
  CHECK(journal->oldest().offset > 16 << 10);
  CHECK(journal->read_at({0, 600}, [](const RecordView&) {}).error().code == Code::no_such_record);
}

TEST_CASE("a journal of another partition is refused") {
  Disk disk;
  disk.open_ok();
  disk.options.partition = 1;
  const auto opened = disk.open();
  REQUIRE(!opened);
  CHECK(opened.error().code == Code::journal_corrupt);
}

TEST_CASE("bodies are sealed, headers are clear, a destroyed key erases the body") {
  Disk disk;
  CipherKey master{};
  master[0] = 7;
  auto keys = *KeyStore::open(disk.env, "store", master);
  Position at;
  {
    auto journal = disk.open_ok(keys.get());
    at = *put(*journal, record("clear header", "secret body", RecordType::accepted, KeyClass::personal));
    CHECK(put(*journal, record("second", "open body", RecordType::outcome, KeyClass::none)));
    CHECK(journal->read_at(at, [](const RecordView& view) { CHECK(view.body == "secret body"); }));
    journal->close();
  }
  const std::string bytes = disk.env.contents(disk.segments()[0]);
  CHECK(bytes.find("clear header") != std::string::npos);
  CHECK(bytes.find("open body") != std::string::npos);
  CHECK(bytes.find("secret body") == std::string::npos);

  SUBCASE("without keys the body is refused, not garbled") {
    auto journal = disk.open_ok();
    CHECK(journal->read_at(at, [](const RecordView&) {}).error().code == Code::bad_master_key);
  }
  SUBCASE("with the key store opened anew it reads") {
    keys = *KeyStore::open(disk.env, "store", master);
    auto journal = disk.open_ok(keys.get());
    CHECK(journal->read_at(at, [](const RecordView& view) { CHECK(view.body == "secret body"); }));
  }
  SUBCASE("destroyed") {
    for (const auto& path : disk.env.files())
      if (path.ends_with("-personal.key")) CHECK(disk.env.remove(path));
    keys = *KeyStore::open(disk.env, "store", master);
    auto journal = disk.open_ok(keys.get());
    const auto read = journal->read_at(at, [](const RecordView&) {});
    REQUIRE(!read);
    CHECK(read.error().code == Code::key_destroyed);
  }
}

TEST_CASE("a batch is chained to the one before, and verify tells the head") {
  Disk disk;
  auto journal = disk.open_ok();
  CHECK(put(*journal, record("one")));
  const auto first = *verify_file_journal(disk.env, "j", [](const Error&) {});
  CHECK(put(*journal, record("two")));
  const auto second = *verify_file_journal(disk.env, "j", [](const Error&) {});
  CHECK(first.problems == 0);
  CHECK(second.records == 2);
  CHECK(second.batches == 3);
  CHECK(second.end == journal->end());
  CHECK(second.first == journal->oldest());
  CHECK(first.chain_head.size() == 64);
  CHECK(first.chain_head != second.chain_head);
}

}  // namespace lt::journal
