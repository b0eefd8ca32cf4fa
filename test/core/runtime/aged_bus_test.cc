// A whole bus whose data gets old: trimmed, erased, restarted.
#include <doctest/doctest.h>

#include "core/runtime/erasure.h"
#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

std::string to(const Partner& partner) {
  return "endpoints:\n  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in}}\n"
         "destinations:\n  out: {adapter: http, serves: [\"*\"], delivery: {order: none}, settings: {url: \"" +
         partner.url() +
         "/out\", class: partner_idempotent, timeout: 24h}}\n"
         "routes:\n  - {name: all, types: [bench/dossier], to: [\"*\"], deliver: [{}]}\n";
}

std::unique_ptr<journal::KeyStore> keys_of(Bed& bed) {
  auto master = journal::parse_master_key(*read_file(system_env(), bed.folder() + "/data/master.key"));
  return *journal::KeyStore::open(system_env(), bed.folder() + "/data", *master);
}

}  // namespace

TEST_CASE("what waited for a partner becomes dead, as erased, when its key was destroyed; the rest goes on") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(to(partner));
  bed.start();
  ActionFact pause;
  pause.kind = ActionKind::pause;
  pause.name = "out";
  pause.by = "An";
  pause.why = "test";
  REQUIRE_FALSE(bed.operate(pause));
  REQUIRE(bed.post("/in", bench_dossier("urn:secret")).status == 202);
  const uint32_t day = journal::key_day(bed.clock.wall());
  bed.stop();
  bed.advance(24h);
  const auto erased = erase(system_env(), bed.clock, bed.folder() + "/data", *keys_of(bed),
                            {day, 1, "Bình", "yêu cầu số 12", bed.clock.wall()});
  REQUIRE(erased);
  CHECK(*erased);
  bed.start();
  REQUIRE(bed.post("/in", bench_dossier("urn:next")).status == 202);
  pause.kind = ActionKind::resume;
  REQUIRE_FALSE(bed.operate(pause));
  REQUIRE(partner.until_got(1));
  CHECK(partner.got()[0].body == bench_dossier("urn:next"));
  REQUIRE(bed.until([&] { return bed.lane("out").dead == 1; }));
  CHECK(bed.pending().at(0).code == Code::key_destroyed);
}

TEST_CASE("a paused partner's messages outlive their segments and restarts, and are then delivered as they were") {
  Bed bed;
  Partner partner(bed.clock);
  bed.bus_settings = ", journal_segment: 1MiB";
  bed.configure(to(partner) + "retention: {personal: 2d, document: 2d, journal: 8d, every: 9000d}\n");
  bed.start();
  ActionFact pause;
  pause.kind = ActionKind::pause;
  pause.name = "out";
  pause.by = "An";
  pause.why = "test";
  REQUIRE_FALSE(bed.operate(pause));
  const auto first = bed.post("/in", bench_dossier("urn:first"), {{"Idempotency-Key", "one"}});
  REQUIRE(first.status == 202);
  // Each restart leaves a checkpoint. Its journal is far from a new segment: the smallest is a mebibyte.
  const auto inside = [&](int i) { return bench_dossier("urn:" + std::to_string(i)) + std::string(50'000, ' '); };
  for (int i = 0; i < 45; ++i) REQUIRE(bed.post("/in", inside(i)).status == 202);
  bed.stop();
  bed.advance(20 * 24h);
  bed.start();
  for (int i = 0; i < 45; ++i) REQUIRE(bed.post("/in", inside(100 + i)).status == 202);
  bed.stop();
  bed.start();
  const auto done = bed.bus().retain();
  REQUIRE(done);
  CHECK(done->segments_freed > 0);
  CHECK(done->carried > 0);
  CHECK(done->keys_in_use > 0);
  bed.stop();
  bed.start();
  pause.kind = ActionKind::resume;
  REQUIRE_FALSE(bed.operate(pause));
  REQUIRE(partner.until_got(91));
  std::map<std::string, int> bodies;
  for (const auto& got : partner.got()) ++bodies[got.body];
  CHECK(bodies.size() == 91);
  CHECK(bodies.contains(bench_dossier("urn:first")));
  // Still found by people: the catalog knows it from before.
  CHECK(bed.bus().catalog().details(*Id::parse(member(first.body, "message_id"))));
}
