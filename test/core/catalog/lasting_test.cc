// Crashes, damage, full disks, lag: the catalog ends up telling the same as if nothing had happened.
#include <doctest/doctest.h>

#include <condition_variable>
#include <fstream>

#include "core/base/limits.h"
#include "core/journal/file_journal.h"
#include "test/core/catalog/bed.h"

using namespace lt;
using namespace lt::catalog;
using lt::test::Bed;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// Some days with some of everything.
void fill(Bed& bed, bool tell = true) {
  for (int i = 0; i < 12; ++i) {
    const auto message = bed.accept("F" + std::to_string(i % 5), i % 3 ? "axis" : "portal", {}, tell);
    bed.outcome(
        message, i % 4 ? DeliveryState::delivered : DeliveryState::dead,
        [](OutcomeFact& f) { f.outcome.detail = "Lỗi"; }, 0, tell);
    bed.clock.advance(9h);
  }
}

void overwrite(const std::string& path, size_t offset, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  REQUIRE(file.is_open());
  file.seekp(static_cast<std::streamoff>(offset));
  file << bytes;
}

bool has_damaged(const Bed& bed, const std::string& name) {
  for (const auto& file : bed.files()) {
    if (file.starts_with(name + ".damaged-")) return true;
  }
  return false;
}

// The system's files, with as much free space as a test says. Tells when it was asked.
class TightEnv final : public Env {
 public:
  void set_free(uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    free_ = bytes;
  }
  void wait_until_asked_twice() {
    std::unique_lock lock(mutex_);
    const uint64_t until = asked_ + 2;
    changed_.wait(lock, [&] { return asked_ >= until; });
  }
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    return system_env().open(path, mode);
  }
  Result<void> rename(const std::string& from, const std::string& to) override { return system_env().rename(from, to); }
  Result<void> remove(const std::string& path) override { return system_env().remove(path); }
  Result<std::vector<std::string>> list(const std::string& directory) override { return system_env().list(directory); }
  Result<void> make_directories(const std::string& path) override { return system_env().make_directories(path); }
  Result<void> sync_directory(const std::string& path) override { return system_env().sync_directory(path); }
  Result<bool> exists(const std::string& path) override { return system_env().exists(path); }
  Result<uint64_t> free_bytes(const std::string&) override {
    const std::lock_guard lock(mutex_);
    ++asked_;
    changed_.notify_all();
    return free_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t free_ = 0, asked_ = 0;
};

}  // namespace

TEST_CASE("a fact counts once, however often it is handed over, before and after a restart") {
  Bed bed;
  bed.open();
  fill(bed);
  bed.wait();
  const std::string before = bed.dump();
  bed.catalog->apply(bed.written);
  const auto fresh = bed.accept("after");
  bed.wait();
  CHECK(bed.catalog->details(bed.id_of(fresh)).has_value());
  const std::string with_fresh = bed.dump();
  CHECK(with_fresh != before);
  bed.close();
  bed.open();
  bed.catalog->apply(bed.written);
  bed.wait();
  CHECK(bed.dump() == with_fresh);
}

TEST_CASE("opening goes on from what is stored and reads the rest from the journal") {
  Bed bed;
  bed.open();
  fill(bed);
  bed.wait();
  bed.close();
  fill(bed, false);
  bed.open();
  bed.wait();
  const std::string caught_up = bed.dump();
  Bed whole;
  whole.open();
  fill(whole);
  fill(whole);
  whole.wait();
  CHECK(caught_up == whole.dump());
}

TEST_CASE("a rebuild tells the same as before") {
  Bed bed;
  bed.open();
  fill(bed);
  bed.wait();
  const std::string before = bed.dump();
  bed.catalog->rebuild();
  CHECK(bed.catalog->applied().offset == 0);
  bed.wait();
  CHECK(bed.dump() == before);
}

TEST_CASE("a rebuild keeps the days the journal no longer holds") {
  Bed bed;
  bed.open();
  const auto old = bed.accept("old");
  bed.clock.advance(48h);
  const auto young = bed.accept("young");
  bed.wait();
  const std::string before = bed.dump();
  bed.journal.forget_before(young);
  bed.catalog->rebuild();
  bed.wait();
  CHECK(bed.catalog->details(bed.id_of(old)).has_value());
  CHECK(bed.dump() == before);
}

TEST_CASE("more than the inbox holds is read from the journal") {
  Bed bed;
  bed.open();
  const auto first = bed.accept("first");
  bed.wait();
  std::vector<Entry> flood;
  for (size_t i = 0; i <= limits::kCatalogInbox; ++i) {
    bed.outcome(
        first, DeliveryState::retry, [&](OutcomeFact& f) { f.attempt = static_cast<uint32_t>(i + 1); }, 0, false);
    flood.push_back(bed.written.back());
  }
  flood.erase(flood.begin(), flood.begin() + 2);  // even a gap does no harm while the journal has all
  flood.insert(flood.begin(), 2, flood.front());
  bed.catalog->apply(flood);
  bed.accept("behind the flood");
  bed.wait();
  CHECK(bed.catalog->details(bed.id_of(first))->deliveries[0].attempts == limits::kCatalogInbox + 1);
  CHECK(bed.catalog->timeline("first")->truncated);
  CHECK(bed.catalog->list({}, {})->items.size() == 2);
  CHECK(bed.metrics.gauge("lienthong_catalog_lag_records", "").value() == 0);
  CHECK(bed.metrics.counter("lienthong_catalog_applied_total", "").value() == limits::kCatalogInbox + 3);
}

TEST_CASE("damaged files are set aside and made again") {
  for (const char* kind : {"no database", "cut", "gone", "index", "index gone"}) {
    CAPTURE(kind);
    Bed bed;
    bed.open();
    fill(bed);
    bed.wait();
    const std::string before = bed.dump();
    bed.close();
    const std::string day = bed.files()[1];
    REQUIRE(day.starts_with("catalog-2026"));
    const std::string what = kind;
    const std::string name = what.starts_with("index") ? "catalog.db" : day;
    if (what.ends_with("gone")) {
      fs::remove(bed.path(name));
    } else if (what == "cut") {
      fs::resize_file(bed.path(name), 5000);
    } else {
      overwrite(bed.path(name), 0, "this is no database at all");
    }
    bed.open();
    bed.wait();
    CHECK(bed.dump() == before);
    CHECK(has_damaged(bed, name) == !what.ends_with("gone"));
  }
}

TEST_CASE("damage that only a query meets is mended behind it") {
  Bed bed;
  bed.open();
  std::vector<Position> messages;
  for (int i = 0; i < 300; ++i) messages.push_back(bed.accept("Q" + std::to_string(i)));
  bed.wait();
  const std::string before = bed.dump();
  bed.close();
  const std::string day = bed.files().at(0) == "catalog.db" ? bed.files().at(1) : bed.files().at(0);
  // Everything but the first pages, which hold the schema and what opening looks at.
  const auto size = fs::file_size(bed.path(day));
  overwrite(bed.path(day), 4096 * 14, std::string(size - 4096 * 14, '\x5A'));
  bed.open();
  bed.wait();
  Code met = Code::none;
  for (const auto message : messages) {
    const auto details = bed.catalog->details(bed.id_of(message));
    if (!details && details.error().code == Code::catalog_damaged) met = Code::catalog_damaged;
  }
  CHECK(met == Code::catalog_damaged);
  bed.accept("one more");
  bed.wait();
  bed.catalog->rebuild();  // orders this test behind the mending: the thread sets files aside before it starts over
  bed.wait();
  CHECK(has_damaged(bed, day));
  CHECK(bed.catalog->list({}, {500, ""})->items.size() == 301);
  CHECK(before.size() < bed.dump().size());
}

TEST_CASE("a day's file that lost its last transactions in a power cut is brought up again") {
  Bed bed;
  bed.open();
  const auto message = bed.accept("cut");
  bed.wait();
  bed.close();
  const std::string day = "catalog-" + format_rfc3339(bed.clock.wall()).substr(0, 10).erase(7, 1).erase(4, 1) + ".db";
  fs::copy_file(bed.path(day), bed.path("copy"));
  bed.open();
  bed.outcome(message, DeliveryState::delivered);
  bed.accept("cut too");
  bed.wait();
  const std::string before = bed.dump();
  bed.close();
  fs::rename(bed.path("copy"), bed.path(day));
  bed.open();
  bed.wait();
  CHECK(bed.dump() == before);
}

TEST_CASE("the index may lose its last transactions too") {
  Bed bed;
  bed.open();
  const auto message = bed.accept("cut");
  bed.wait();
  bed.close();
  fs::copy_file(bed.path("catalog.db"), bed.path("copy"));
  bed.open();
  bed.outcome(message, DeliveryState::dead);
  bed.clock.advance(24h);
  bed.accept("next day");
  bed.wait();
  const std::string before = bed.dump();
  bed.close();
  fs::rename(bed.path("copy"), bed.path("catalog.db"));
  bed.open();
  bed.wait();
  CHECK(bed.dump() == before);
}

TEST_CASE("a catalog of another journal is made anew") {
  Bed bed;
  bed.open();
  fill(bed);
  bed.wait();
  bed.close();
  Bed other;
  fs::copy(bed.directory, other.directory, fs::copy_options::overwrite_existing);
  other.accept("mine", "axis", {}, false);
  other.open();
  other.wait();
  CHECK(other.catalog->list({}, {500, ""})->items.size() == 1);
}

TEST_CASE("a full disk pauses the catalog, and it comes back by itself") {
  TightEnv env;
  Bed bed;
  bed.reserve_bytes = 1000;
  env.set_free(2000);
  bed.open(env);
  bed.accept("before");
  bed.wait();
  env.set_free(999);
  bed.accept("full");
  env.wait_until_asked_twice();  // it failed once and tries again
  auto status = bed.catalog->status();
  REQUIRE(status.paused.has_value());
  CHECK(status.paused->code == Code::disk_full);
  CHECK(status.lagging);
  CHECK(bed.metrics.gauge("lienthong_catalog_paused", "").value() == 1);
  CHECK(bed.catalog->list({}, {})->items.size() == 1);  // what is in is still found
  env.set_free(2000);
  bed.wait();
  CHECK(bed.catalog->list({}, {})->items.size() == 2);
  CHECK(!bed.catalog->status().paused);
}

TEST_CASE("an unusable directory never stops the caller") {
  Bed bed;
  const std::string real = bed.directory;
  { std::ofstream(bed.path("file")) << "in the way"; }
  bed.directory = real + "/file";
  bed.open();
  bed.accept("nowhere");
  bed.close();
  bed.directory = real;
  CHECK(fs::is_regular_file(bed.path("file")));
}

TEST_CASE("from a journal on disk") {
  Bed bed;
  auto opened = journal::open_file_journal(system_env(), bed.clock, nullptr, bed.metrics, {bed.path("journal")});
  REQUIRE(opened.has_value());
  auto& file_journal = **opened;
  Position last;
  for (int i = 0; i < 50; ++i) {
    bed.accept("R" + std::to_string(i), "axis", {}, false);
    const Fact& fact = *bed.written.back().fact;
    const auto& message = *std::get<AcceptedFact>(fact).message;
    journal::Record record{static_cast<journal::RecordType>(fact_record_type(fact)),
                           {},
                           encode_fact_header(fact),
                           std::string(message.body.view())};
    file_journal.append(std::move(record), [&](Result<Position> at) { last = at.value(); });
    file_journal.flush();
    OutcomeFact outcome;
    outcome.delivery = {last, 0};
    outcome.at = bed.clock.wall();
    file_journal.append({journal::RecordType::outcome, {}, encode_fact_header(outcome), {}},
                        [&](Result<Position> at) { last = at.value(); });
    file_journal.flush();
  }
  bed.catalog = open_sqlite_catalog(system_env(), bed.clock, file_journal, bed.metrics, {bed.path("catalog"), 0});
  bed.catalog->wait_until(last);
  const auto page = bed.catalog->list({}, {500, ""});
  REQUIRE(page.has_value());
  CHECK(page->items.size() == 50);
  for (const auto& row : page->items) CHECK(row.state == DeliveryState::delivered);
  const std::string before = bed.dump();
  bed.catalog->rebuild();
  bed.catalog->wait_until(last);
  CHECK(bed.dump() == before);
  bed.close();
}
