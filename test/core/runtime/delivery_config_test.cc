// Partners, rates, office hours, routes' after_dead: read, compiled into the engine's policy, and refused in their
// place.
#include <doctest/doctest.h>

#include <algorithm>

#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime;
using namespace std::chrono_literals;

namespace {

struct Checked {
  explicit Checked(const std::string& of_destination, const std::string& rest = "", const std::string& of_route = "") {
    test::Bed bed;
    bed.configure(
        "endpoints:\n  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in}}\n" + rest +
        "destinations:\n  one:\n    adapter: http\n    serves: [G12]\n    settings: {url: \"http://127.0.0.1:1\"}\n" +
        of_destination + "routes:\n  - {name: all, types: [bench/dossier], deliver: [{destination: one}]" + of_route +
        "}\n");
    const std::string path = bed.folder() + "/bus.yaml";
    text = *read_file(system_env(), path);
    adapter::Registry registry;
    adapter::register_adapters(registry);
    graph = build_graph(read_bus_config(system_env(), path, diagnostics), registry, system_env(), diagnostics);
  }
  // There is one finding, it has that code and stands where `written` does.
  void only(Code code, const std::string& written) const {
    INFO(diagnostics.text());
    REQUIRE(diagnostics.errors() == 1);
    const size_t at = text.find(written);
    REQUIRE(at != std::string::npos);
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n');
    const size_t column = at - text.rfind('\n', at);
    const std::string place = ":" + std::to_string(line) + ":" + std::to_string(column);
    CHECK(diagnostics.text().find(place) != std::string::npos);
    CHECK(diagnostics.text().find(code_text(code)) != std::string::npos);
  }

  std::string text;
  config::Diagnostics diagnostics;
  std::shared_ptr<const Graph> graph;
};

}  // namespace

TEST_CASE("limits, office hours and partners reach the engine") {
  const Checked c(
      "    partner: gov\n    delivery: {rate: 600/m, burst: 3, in_flight: 5}\n"
      "    office_hours: {days: [mon, sat], from: \"07:30\", to: \"24:00\", holidays: [2026-09-02, 2026-04-30], "
      "urgent: 2}\n",
      "partners:\n  gov: {in_flight: 8, rate: 50/s, breaker: {failures: 2}}\n", ", after_dead: continue");
  INFO(c.diagnostics.text());
  REQUIRE(c.graph);
  const auto& one = c.graph->policy.destinations.at("one");
  CHECK(one.partner == "gov");
  CHECK(one.rate.count == 600);
  CHECK(one.rate.per == 1min);
  CHECK(one.burst == 3);
  REQUIRE(one.office_hours);
  CHECK(one.office_hours->days == 0b100001);
  CHECK(one.office_hours->from == 7h + 30min);
  CHECK(one.office_hours->to == 24h);
  CHECK(one.office_hours->urgent == 2);
  REQUIRE(one.office_hours->holidays.size() == 2);
  CHECK(one.office_hours->holidays[0] < one.office_hours->holidays[1]);
  const auto& gov = c.graph->policy.partners.at("gov");
  CHECK(gov.in_flight == 8);
  CHECK(gov.rate.count == 50);
  CHECK(gov.breaker.failures == 2);
  CHECK(c.graph->policy.routes.at("all").after_dead == engine::AfterDead::go_on);
}

TEST_CASE("without them nothing is limited, and a route leaves after_dead to the destination") {
  const Checked c("");
  REQUIRE(c.graph);
  const auto& one = c.graph->policy.destinations.at("one");
  CHECK(one.partner.empty());
  CHECK(one.rate.count == 0);
  CHECK_FALSE(one.office_hours);
  CHECK_FALSE(c.graph->policy.routes.at("all").after_dead);
}

TEST_CASE("mistakes are named where they stand") {
  Checked("    partner: gvo\n", "partners: {gov: {}}\n").only(Code::bad_reference, "gvo");
  for (const char* rate : {"50", "50/d", "0/s", "-1/s", "x/s", "1.5/s", "/s"})
    Checked("    delivery: {rate: " + std::string(rate) + "}\n").only(Code::wrong_type, rate + std::string("}"));
  Checked("    delivery: {burst: -1}\n").only(Code::out_of_range, "-1}");
  const auto hours = [](const std::string& inside) { return Checked("    office_hours: {" + inside + "}\n"); };
  for (const char* time : {"\"25:00\"", "\"24:01\"", "\"07:60\"", "\"7:30\"", "7h30", "\"07-30\""})
    hours("to: \"24:00\", from: " + std::string(time)).only(Code::wrong_type, time + std::string("}"));
  hours("from: \"17:00\", to: \"07:30\"").only(Code::out_of_range, "office_hours");
  hours("from: \"07:30\"").only(Code::missing_key, "office_hours");
  hours("days: [mon, today], from: \"07:30\", to: \"17:00\"").only(Code::wrong_type, "today");
  hours("holidays: [2026-02-30], from: \"07:30\", to: \"17:00\"").only(Code::wrong_type, "2026-02-30");
  hours("urgent: 9, from: \"07:30\", to: \"17:00\"").only(Code::out_of_range, "9, from");
  Checked("", "", ", after_dead: go").only(Code::wrong_type, "go}");
}
