// The threaded journal: group commit, order of callbacks, readers beside the writer. Run under TSan too.
#include <atomic>
#include <thread>

#include "test/core/journal/journal_fixture.h"

namespace lt::journal {
namespace {

std::unique_ptr<Journal> open_threaded(Disk& disk) {
  auto journal = open_file_journal(disk.env, disk.clock, nullptr, disk.metrics, disk.options);
  if (!journal) FAIL(journal.error().text());
  return std::move(*journal);
}

}  // namespace

TEST_CASE("appends of several threads are all answered, each thread's in order, while readers read") {
  Disk disk;
  disk.options.segment_bytes = 64 << 10;
  auto journal = open_threaded(disk);
  constexpr int kThreads = 3, kEach = 400;
  std::vector<std::vector<Position>> answers(kThreads);
  std::atomic<bool> done = false;
  std::atomic<int> broken = 0;
  std::thread reader([&] {
    while (!done) {
      const Position end = journal->end();
      Position last;
      const auto read = journal->read({}, [&](const RecordView& view) {
        if (view.position <= last || view.body.size() != 300) ++broken;
        last = view.position;
        return true;
      });
      if (!read || last.offset >= end.offset + (1 << 30)) ++broken;
      if (last.offset > 0 && !journal->read_at(last, [](const RecordView&) {})) ++broken;
    }
  });
  std::vector<std::thread> writers;
  for (int t = 0; t < kThreads; ++t)
    writers.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i)
        journal->append(record(std::to_string(t), std::string(300, 'x')), [&, t](Result<Position> result) {
          if (result) answers[static_cast<size_t>(t)].push_back(*result);
        });
    });
  for (auto& thread : writers) thread.join();
  journal->flush();
  done = true;
  reader.join();
  CHECK(broken == 0);
  for (const auto& positions : answers) {
    REQUIRE(positions.size() == kEach);
    CHECK(std::is_sorted(positions.begin(), positions.end()));
  }
  CHECK(headers(*journal).size() == kThreads * kEach);
  const auto figures = journal->figures();
  CHECK(figures.records == kThreads * kEach);
  CHECK(figures.syncs < figures.records);
  CHECK(disk.metrics.counter("lienthong_journal_records_total", "").value() == kThreads * kEach);
}

TEST_CASE("when the callback says durable, the record is readable and survives a crash") {
  Disk disk;
  auto journal = open_threaded(disk);
  std::atomic<int> unreadable = 0;
  for (int i = 0; i < 50; ++i)
    journal->append(record(std::to_string(i)), [&](Result<Position> result) {
      if (!result || !journal->read_at(*result, [](const RecordView&) {})) ++unreadable;
    });
  journal->flush();
  CHECK(unreadable == 0);
  disk.env.crash(0);
  journal.reset();
  CHECK(headers(*open_threaded(disk)).size() == 50);
}

TEST_CASE("destroying the journal drains it and closes it") {
  Disk disk;
  int answered = 0;
  {
    auto journal = open_threaded(disk);
    for (int i = 0; i < 200; ++i)
      journal->append(record(std::to_string(i)), [&](Result<Position> r) { answered += r ? 1 : 0; });
  }
  CHECK(answered == 200);
  auto journal = open_threaded(disk);
  CHECK(headers(*journal).size() == 200);
}

TEST_CASE("callbacks may append") {
  Disk disk;
  auto journal = open_threaded(disk);
  std::atomic<int> rounds = 0;
  std::function<void(Result<Position>)> again = [&](Result<Position>) {
    if (++rounds < 20) journal->append(record("r"), again);
  };
  journal->append(record("r"), again);
  while (rounds < 20) journal->flush();
  CHECK(rounds == 20);
}

TEST_CASE("a failed sync answers everything that waits") {
  Disk disk;
  auto journal = open_threaded(disk);
  disk.env.fail(test::Operation::sync, 1);
  std::atomic<int> failed = 0, other = 0;
  for (int i = 0; i < 100; ++i)
    journal->append(record("x"),
                    [&](Result<Position> r) { ++(!r && r.error().code == Code::journal_failed ? failed : other); });
  journal->flush();
  CHECK(failed == 100);
  CHECK(other == 0);
  CHECK(journal->figures().failed);
}

}  // namespace lt::journal
