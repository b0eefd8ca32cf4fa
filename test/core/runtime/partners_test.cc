#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

std::string destination(const std::string& name, const std::string& url, const std::string& serves) {
  return "  " + name + ": {adapter: http, serves: [" + serves + "], settings: {url: \"" + url +
         "\", class: partner_idempotent, timeout: 24h}}\n";
}

}  // namespace

TEST_CASE(
    "a partner that is down holds up nobody else, is left in peace, and gets its backlog in order when it is back") {
  Bed bed;
  Partner well(bed.clock), ill(bed.clock);
  bed.configure(
      "endpoints:\n  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in}}\n"
      "destinations:\n" +
      destination("well", well.url(), "G12") + destination("ill", ill.url(), "G15") +
      "routes:\n  - {name: all, types: [bench/dossier], to: [\"*\"], deliver: [{}]}\n");
  bed.start();
  ill.answer(503);
  std::vector<std::string> for_ill;
  for (int i = 0; i < 40; ++i) {
    const auto number = std::to_string(i);
    REQUIRE(bed.post("/in", bench_dossier("urn:w" + number, "W" + number)).status == 202);
    const auto answer = bed.post("/in", bench_dossier("urn:i" + number, "one", "G15"));
    REQUIRE(answer.status == 202);
    for_ill.push_back(member(answer.body, "message_id") + "-0");
  }
  CHECK(well.until_got(40));
  CHECK(bed.until([&] { return bed.lane("well").delivered == 40; }));
  CHECK(bed.until([&] { return bed.lane("ill").breaker == engine::LaneStatus::Breaker::open; }, 100ms));
  const size_t tried = ill.calls();
  CHECK(tried > 0);  // on a slow machine the clock runs out on some before they are sent: failures too
  // Open: no time passes, nothing is tried, whatever comes.
  REQUIRE(bed.post("/in", bench_dossier("urn:w", "W")).status == 202);
  CHECK(well.until_got(41));
  CHECK(ill.calls() == tried);
  CHECK(bed.lane("ill").queued + bed.lane("ill").behind + bed.lane("ill").retry == 40);

  ill.answer(200);
  CHECK(bed.until([&] { return ill.got().size() >= 40; }, 100ms));
  CHECK(bed.until([&] { return bed.pending().empty(); }));
  std::vector<std::string> came;
  for (const auto& got : ill.got()) came.push_back(got.event);
  CHECK(came == for_ill);
  CHECK(bed.lane("ill").breaker == engine::LaneStatus::Breaker::closed);
}

TEST_CASE("a missing table row holds the message; after the row is there a replay delivers it") {
  Bed bed;
  Partner partner(bed.clock);
  // Mappings of our own: the row of the sender's province is missing.
  const std::string mappings = bed.folder() + "/mappings", table = mappings + "/judicial/tables/ma-tinh.csv";
  std::filesystem::copy(bed.mappings, mappings, std::filesystem::copy_options::recursive);
  const std::string rows = *read_file(system_env(), table), row = "H49,22,tỉnh Quảng Ninh\n";
  std::ofstream(table) << replaced(rows, row, "");
  // Its examples need the row, too.
  const std::string file = mappings + "/judicial/onestop-to-judicial.map.yaml";
  const std::string text = *read_file(system_env(), file);
  std::ofstream(file) << text.substr(0, text.find("\nexamples:") + 1);
  bed.mappings = mappings;
  bed.configure(
      "endpoints:\n  in: {adapter: http, type: onestop/dossier, settings: {listener: main, path: /in}}\n"
      "destinations:\n" +
      destination("out", partner.url(), "") +
      "routes:\n  - {name: all, types: [onestop/dossier], deliver: [{destination: out, mapping: "
      "onestop-to-judicial}]}\n");
  bed.start();
  REQUIRE(bed.post("/in", onestop_dossier()).status == 202);
  REQUIRE(bed.until([&] { return bed.lane("out").held == 1; }));
  auto pending = bed.pending();
  REQUIRE(pending.size() == 1);
  CHECK(pending[0].code == Code::no_table_row);
  CAPTURE(pending[0].detail);
  CHECK(pending[0].detail.find("province") != std::string::npos);
  CHECK(pending[0].detail.find("H49") != std::string::npos);
  CHECK(partner.calls() == 0);

  ActionFact replay;
  replay.kind = ActionKind::replay;
  replay.delivery = pending[0].id;
  replay.by = "an.nguyen";
  replay.why = "row added";
  // Too early: it is held again, for the same reason.
  CHECK_FALSE(bed.operate(replay));
  REQUIRE(bed.until([&] { return bed.lane("out").held == 1; }));
  CHECK(partner.calls() == 0);

  bed.stop();
  std::ofstream(table) << rows;
  bed.start();
  CHECK_FALSE(bed.operate(replay));
  REQUIRE(partner.until_got(1));
  CHECK(bed.until([&] { return bed.pending().empty(); }));
  CHECK(member(partner.got()[0].body, "maTinh") == "22");
}

TEST_CASE("an impossible day is not seen at the door, where the schema knows only digits: it is held before delivery") {
  Bed bed;
  Partner partner(bed.clock);
  bed.configure(
      "endpoints:\n  in: {adapter: http, type: onestop/dossier, settings: {listener: main, path: /in}}\n"
      "destinations:\n" +
      destination("out", partner.url(), "") +
      "routes:\n  - {name: all, types: [onestop/dossier], deliver: [{destination: out, mapping: "
      "onestop-to-judicial}]}\n");
  bed.start();
  REQUIRE(bed.post("/in", replaced(onestop_dossier(), "20260701083000", "20260231083000")).status == 202);
  REQUIRE(bed.until([&] { return bed.lane("out").held == 1; }));
  const auto pending = bed.pending();
  CHECK(pending.at(0).code == Code::bad_date_value);
  CHECK(pending.at(0).detail.find("ngayTiepNhan") != std::string::npos);
  CHECK(partner.calls() == 0);
}
