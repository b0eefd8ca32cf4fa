// A whole scenario, again and again, with its 1st, 2nd, 3rd ... write, sync, rename, open ... failing, until it passes
// without meeting the fault. After each: restart on the same files; nothing accepted is lost, nothing is delivered
// twice.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.h"
#include "core/catalog/json_out.h"
#include "core/catalog/sqlite_catalog.h"
#include "test/faults/station.h"
#include "test/support/scratch.h"

using namespace lt;
using namespace lt::test;

namespace {

enum class Restart { process, machine };

struct Client {
  std::string key, body;
  std::optional<Position> receipt;  // of 202
};

std::vector<Client> clients() {
  std::vector<Client> out;
  for (int i = 0; i < 8; ++i) {
    // Small ones that soon fill a segment, blobs, and twice the same blob.
    const bool large = i % 3 == 1;
    const char letter = static_cast<char>('a' + (i == 4 ? 1 : i));
    out.push_back({fmt::format("{}-{}", i % 2, i), std::string(large ? 150'000 : 3'000, letter), {}});
  }
  return out;
}

class Play {
 public:
  Play(Fault fault, Restart restart, uint64_t seed)
      : env_(folder_.path(), fault), restart_(restart), seed_(seed), clients_(clients()) {}

  // Everything that happens before somebody looks. True when it came to its end.
  bool act() {
    Station first(env_, outside_, folder_.path() + "/catalog");
    if (!first.open()) return false;
    (void)first.operate(ActionKind::pause, "late");
    for (size_t i = 0; i < 5 && !first.failed(); ++i) send(first, clients_[i]);
    first.work();
    if (first.failed()) return false;
    (void)first.retain();
    if (first.failed()) return false;
    first.close();
    Station second(env_, outside_, folder_.path() + "/catalog");
    if (!second.open()) return false;
    for (size_t i = 5; i < clients_.size() && !second.failed(); ++i) send(second, clients_[i]);
    for (int round = 0; round < 2 && !second.failed(); ++round) (void)second.retain();
    begin_ = second.journal().segments().front().base;
    (void)second.operate(ActionKind::resume, "late");
    second.work();
    if (second.failed()) return false;
    second.close();
    return true;
  }

  // Restarts without faults, and looks.
  void look() {
    env_.no_more_faults();
    const bool hit = env_.hit();
    if (restart_ == Restart::machine) env_.crash(seed_);
    Station after(env_, outside_, folder_.path() + "/catalog");
    const auto opened = after.open();
    INFO((opened ? std::string() : opened.error().text()));
    REQUIRE(opened);
    // First without any help from the senders: their repeats would bring lost bodies back.
    CHECK(!after.operate(ActionKind::resume, "late"));
    after.work();
    for (const Client& client : clients_) {
      CAPTURE(client.key);
      if (client.receipt) CHECK(has_effect(client));
    }
    for (Client& client : clients_) {
      CAPTURE(client.key);
      const auto again = after.accept(client.key, client.body);
      INFO((again ? std::string() : again.error().text()));
      REQUIRE(again);
      if (client.receipt) CHECK(*again == *client.receipt);  // a repeat gets the first receipt
      client.receipt = *again;
    }
    after.work();
    CHECK(after.cell().idle());
    CHECK(after.cell().pending(SIZE_MAX).empty());
    check_effects(after);
    check_files(after);
    if (hit) after.wait_for_catalog();
    check_catalog(after);
  }

  bool hit() const { return env_.hit(); }
  uint64_t begin() const { return begin_; }
  uint64_t count(Fault::Kind kind) const { return env_.count(kind); }
  size_t accepted() const {
    return static_cast<size_t>(
        std::count_if(clients_.begin(), clients_.end(), [](const Client& c) { return c.receipt; }));
  }

 private:
  void send(Station& station, Client& client) {
    if (const auto position = station.accept(client.key, client.body)) client.receipt = *position;
  }

  bool has_effect(const Client& client) {
    const auto is_its = [&client](const auto& effect) { return effect.second == client.body; };
    for (const char* partner : {"axis", "late"}) {
      const auto& effects = outside_.effects[partner];
      if (std::none_of(effects.begin(), effects.end(), is_its)) return false;
    }
    return true;
  }

  void check_effects(const Station& station) {
    std::map<Id, std::string> wanted;  // by message id, from the journal
    std::map<std::string, size_t> accepted;
    const journal::WholeLog log(station.journal(), station.history());
    const auto read = log.read({}, [&](const journal::RecordView& view) {
      if (view.type == journal::RecordType::carried) return true;
      const auto fact = decode_fact_header(static_cast<uint8_t>(view.type), view.header);
      REQUIRE(fact);
      const auto* f = std::get_if<AcceptedFact>(&*fact);
      if (!f) return true;
      const Envelope& e = f->message->envelope;
      ++accepted[e.dedupe_key];
      for (const Client& client : clients_) {
        if (client.key == e.dedupe_key) wanted[e.id] = client.body;
      }
      return true;
    });
    REQUIRE(read);
    CHECK(accepted.size() == clients_.size());
    for (const auto& [key, count] : accepted) CHECK(count == 1);
    for (const char* partner : {"axis", "late"}) {
      CAPTURE(partner);
      CHECK(outside_.effects[partner] == wanted);
    }
  }

  void check_files(const Station& station) {
    const auto half_done = env_.list("data/blobs/incoming");
    REQUIRE(half_done);
    CHECK(half_done->empty());
    const auto report =
        journal::verify_file_journal(env_, "data/journal", [](const Error& e) { FAIL_CHECK(e.text()); });
    REQUIRE(report);
    CHECK(report->end == station.journal().end());
    CHECK(journal::verify_history(env_, "data/history", *report, [](const Error& e) { FAIL_CHECK(e.text()); }));
  }

  // As one made anew from the journal.
  void check_catalog(Station& station) {
    Metrics metrics;
    const auto anew = catalog::open_sqlite_catalog(
        env_, outside_.clock, station.journal(), metrics,
        {.directory = folder_.path() + "/anew", .reserve_bytes = 0, .history = station.history()});
    anew->wait_until(station.catalog().applied());
    const auto lived = station.catalog().list({}, {}), made = anew->list({}, {});
    REQUIRE(lived);
    REQUIRE(made);
    CHECK(lived->items.size() == clients_.size());
    CHECK(catalog::to_json(*lived) == catalog::to_json(*made));
    for (const auto& row : lived->items) {
      CHECK(row.state == DeliveryState::delivered);
      CHECK(catalog::to_json(*station.catalog().details(row.id)) == catalog::to_json(*anew->details(row.id)));
    }
  }

  Scratch folder_;
  FaultEnv env_;
  Outside outside_;
  const Restart restart_;
  const uint64_t seed_;
  std::vector<Client> clients_;
  uint64_t begin_ = 0;  // of the journal, after its trims
};

struct Series {
  const char* name;
  Fault::Kind kind;
  Code code;
  size_t partial;
};

}  // namespace

TEST_CASE("without a fault the scenario does all it is meant to") {
  log::set_level(log::Level::error);
  Play play({Fault::Kind::write, 0, Code::io_error, 0}, Restart::process, 0);
  CHECK(play.act());
  CHECK(!play.hit());
  CHECK(play.begin() > 0);
  CHECK(play.accepted() == 8);
  CHECK(play.count(Fault::Kind::rename) > 3);
  play.look();
}

TEST_CASE("whichever operation of the disk fails, nothing accepted is lost and nothing is delivered twice") {
  log::set_level(log::Level::error);
  constexpr size_t kNothing = SIZE_MAX;  // of the failed write is in place
  size_t runs = 0;
  for (const auto& series : {Series{"write: EIO", Fault::Kind::write, Code::io_error, kNothing},
                             Series{"write: short", Fault::Kind::write, Code::io_error, 700},
                             Series{"write: ENOSPC", Fault::Kind::write, Code::disk_full, 100},
                             Series{"sync: EIO", Fault::Kind::sync, Code::io_error, 0},
                             Series{"open: EIO", Fault::Kind::open, Code::io_error, 0},
                             Series{"open: ENOSPC", Fault::Kind::open, Code::disk_full, 0},
                             Series{"rename: EIO", Fault::Kind::rename, Code::io_error, 0},
                             Series{"remove: EIO", Fault::Kind::remove, Code::io_error, 0},
                             Series{"truncate: EIO", Fault::Kind::truncate, Code::io_error, 0},
                             Series{"sync of a directory: EIO", Fault::Kind::sync_directory, Code::io_error, 0},
                             Series{"make directories: EIO", Fault::Kind::make_directories, Code::io_error, 0},
                             Series{"list: EIO", Fault::Kind::list, Code::io_error, 0}}) {
    CAPTURE(series.name);
    uint64_t nth = 1;
    for (bool hit = true; hit; ++nth) {
      CAPTURE(nth);
      for (const Restart restart : {Restart::process, Restart::machine}) {
        CAPTURE(static_cast<int>(restart));
        Play play({series.kind, nth, series.code, series.partial}, restart, nth);
        const bool whole = play.act();
        hit = play.hit();
        if (!hit) CHECK(whole);
        play.look();
        ++runs;
      }
    }
    fmt::print("{}: each of {} failed once\n", series.name, nth - 2);
    CHECK(nth > 2);
  }
  fmt::print("{} runs\n", runs);
}
