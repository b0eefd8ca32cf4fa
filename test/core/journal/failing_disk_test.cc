// The disk says no: failed sync, short write, no space, and what may go on afterwards.
#include "core/journal/format.h"
#include "test/core/journal/journal_fixture.h"

namespace lt::journal {
namespace {
using Names = std::vector<std::string>;
using test::Operation;
}  // namespace

TEST_CASE("failed fdatasync: that batch and all after are refused, the file is not written again, a restart recovers") {
  Disk disk;
  auto journal = disk.open_ok();
  CHECK(put(*journal, record("kept")));
  disk.env.fail(Operation::sync, 1);
  const auto failed = put(*journal, record("in doubt"));
  REQUIRE(!failed);
  CHECK(failed.error().code == Code::journal_failed);
  CHECK(failed.error().retry() == Retry::later);
  CHECK(journal->figures().failed);
  const uint64_t operations = disk.env.operations();
  CHECK(put(*journal, record("later")).error().code == Code::journal_failed);
  journal->close();
  CHECK(disk.env.operations() == operations);
  CHECK(headers(*journal) == Names{"kept"});
  journal.reset();
  SUBCASE("process restart: the batch may be found whole; then it is made durable before anything follows") {
    journal = disk.open_ok();
    CHECK(headers(*journal) == Names{"kept", "in doubt"});
    CHECK(put(*journal, record("after")));
    journal.reset();
    disk.env.crash(0);  // loses all that is not synced
    CHECK(headers(*disk.open_ok()) == Names{"kept", "in doubt", "after"});
  }
  SUBCASE("machine restart") {
    disk.env.crash(0);
    const auto left = headers(*disk.open_ok());
    CHECK((left == Names{"kept"} || left == Names{"kept", "in doubt"}));
  }
}

TEST_CASE("a batch that shows after a failed sync but never reached the disk does not break the log") {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Disk disk;
    auto journal = disk.open_ok();
    CHECK(put(*journal, record("kept")));
    disk.env.fail(Operation::sync, 1);
    CHECK(!put(*journal, record("in doubt", std::string(1500, 'x'))));
    journal = disk.open_ok();
    CHECK(put(*journal, record("after")));
    journal.reset();
    disk.env.crash(seed);
    CHECK(headers(*disk.open_ok()) == Names{"kept", "in doubt", "after"});
  }
}

TEST_CASE("short write: the batch is withdrawn, the writer goes on, nothing of it is ever found") {
  for (const size_t partial : {size_t{0}, size_t{100}, size_t{512}, size_t{700}, size_t{1 << 20}}) {
    CAPTURE(partial);
    Disk disk;
    auto journal = disk.open_ok();
    CHECK(put(*journal, record("a")));
    disk.env.fail(Operation::write, 1, Code::io_error, partial);
    const auto refused = put(*journal, record("refused", std::string(1000, 'r')));
    REQUIRE(!refused);
    CHECK(refused.error().code == Code::io_error);
    CHECK(!journal->figures().failed);
    SUBCASE("nothing follows") {
      journal.reset();
      CHECK(headers(*disk.open_ok()) == Names{"a"});
    }
    SUBCASE("more follows") {
      CHECK(put(*journal, record("b")));
      CHECK(headers(*journal) == Names{"a", "b"});
      journal.reset();
      disk.env.crash(1);
      CHECK(headers(*disk.open_ok()) == Names{"a", "b"});
    }
  }
}

TEST_CASE("a withdrawn batch's place is written again only under another epoch, so no nonce comes twice") {
  Disk disk;
  auto journal = disk.open_ok();
  const uint64_t place = journal->end().offset - format::kBatchHeader;
  disk.env.fail(Operation::write, 1, Code::io_error, 1000);
  CHECK(!put(*journal, record("a")));
  CHECK(put(*journal, record("b")));
  const std::string bytes = disk.env.contents(disk.segments()[0]);
  format::BatchHeader mark, batch;
  REQUIRE(format::decode_batch(std::string_view(bytes).substr(format::kSector), mark));
  REQUIRE(format::decode_batch(std::string_view(bytes).substr(place), batch));
  CHECK(format::epoch_counter(batch.epoch) == format::epoch_counter(mark.epoch) + 1);
}

TEST_CASE("a failed write that cannot be withdrawn fails the journal") {
  Disk disk;
  auto journal = disk.open_ok();
  disk.env.fail(Operation::write, 1);
  SUBCASE("the zeros cannot be written") { disk.env.fail(Operation::write, 2); }
  SUBCASE("the zeros cannot be synced") { disk.env.fail(Operation::sync, 1); }
  const auto refused = put(*journal, record("a"));
  REQUIRE(!refused);
  CHECK(refused.error().code == Code::journal_failed);
  CHECK(journal->figures().failed);
}

TEST_CASE("ENOSPC inside a segment: disk_full for that batch, then it goes on") {
  Disk disk;
  auto journal = disk.open_ok();
  disk.env.fail(Operation::write, 1, Code::disk_full, 600);
  CHECK(put(*journal, record("a", std::string(900, 'a'))).error().code == Code::disk_full);
  CHECK(put(*journal, record("b")));
  journal.reset();
  disk.env.crash(2);
  CHECK(headers(*disk.open_ok()) == Names{"b"});
}

TEST_CASE("ENOSPC at roll-over: refused until there is space, what is smaller still fits") {
  Disk disk;
  disk.options.segment_bytes = 8 << 10;
  auto journal = disk.open_ok();
  disk.env.limit_space(11 << 10);
  CHECK(put(*journal, record("a", std::string(4000, 'a'))));
  CHECK(put(*journal, record("b", std::string(4000, 'b'))).error().code == Code::disk_full);
  CHECK(!journal->figures().failed);
  CHECK(put(*journal, record("c")));
  disk.env.limit_space(1 << 20);
  CHECK(put(*journal, record("d", std::string(4000, 'd'))));
  CHECK(headers(*journal) == Names{"a", "c", "d"});
  journal.reset();
  disk.env.crash(4);
  CHECK(headers(*disk.open_ok()) == Names{"a", "c", "d"});
}

TEST_CASE("below the reserve new messages are refused and outcomes still pass") {
  Disk disk;
  disk.options.reserve_bytes = 100 << 10;
  auto journal = disk.open_ok();
  CHECK(put(*journal, record("before")));
  disk.env.limit_space(50 << 10);
  std::vector<std::string> answers;
  const auto note = [&](Result<Position> result) { answers.push_back(result ? "ok" : code_text(result.error().code)); };
  journal->append(record("accepted"), note);
  journal->append(record("outcome", "", RecordType::outcome), note);
  journal->append(record("accepted too"), note);
  journal->flush();
  CHECK(answers == Names{"LT-6002", "ok", "LT-6002"});
  disk.env.limit_space(1 << 20);
  CHECK(put(*journal, record("after")));
  CHECK(headers(*journal) == Names{"before", "outcome", "after"});
}

TEST_CASE("each failure of roll-over leaves a journal that goes on or says that it failed") {
  struct Case {
    Operation operation;
    uint64_t nth;
    bool fails;
  };
  // Of roll-over with a spare not yet ready: zeros written and synced, header written and synced, rename, directory
  // sync.
  for (const auto& [operation, nth, fails] :
       {Case{Operation::write, 1, false}, Case{Operation::sync, 1, false}, Case{Operation::write, 2, false},
        Case{Operation::sync, 2, false}, Case{Operation::rename, 1, false}, Case{Operation::sync_directory, 1, true}}) {
    CAPTURE(static_cast<int>(operation));
    CAPTURE(nth);
    Disk disk;
    disk.options.segment_bytes = 8 << 10;
    auto journal = disk.open_ok();
    CHECK(put(*journal, record("a", std::string(2600, 'a'))));
    disk.env.fail(operation, nth);
    const auto refused = put(*journal, record("b", std::string(4600, 'b')));
    REQUIRE(!refused);
    CHECK(journal->figures().failed == fails);
    CHECK(put(*journal, record("c", std::string(4600, 'c'))).has_value() == !fails);
    journal.reset();
    disk.env.crash(6);
    CHECK(headers(*disk.open_ok()) == (fails ? Names{"a"} : Names{"a", "c"}));
  }
}

TEST_CASE("a key that cannot be made refuses only the records that need it") {
  Disk disk;
  auto keys = *KeyStore::open(disk.env, "k", CipherKey{1});
  auto journal = disk.open_ok(keys.get());
  disk.env.fail(Operation::sync, 1);
  Result<Position> sealed = Position{}, clear = fail(Code::bug);
  journal->append(record("sealed", "body", RecordType::accepted, KeyClass::personal),
                  [&](Result<Position> r) { sealed = std::move(r); });
  journal->append(record("clear", "body", RecordType::outcome), [&](Result<Position> r) { clear = std::move(r); });
  journal->flush();
  CHECK(!sealed);
  CHECK(clear);
  CHECK(headers(*journal) == Names{"clear"});
}

}  // namespace lt::journal
