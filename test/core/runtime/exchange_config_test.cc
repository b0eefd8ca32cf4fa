// What `lienthong check` says of an endpoint with `exchange`: everything wrong, each in its place.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/codec/json.h"
#include "core/runtime/exchange_plan.h"
#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime;
using namespace std::chrono_literals;

namespace {

struct Checked {
  explicit Checked(const std::string& exchange, const std::string& type = "insurance/query",
                   const std::string& route = "", const std::string& adapter = "http") {
    test::Bed bed;
    const std::string settings = adapter == "http" ? "{listener: main, path: /ask}" : "{listener: main, base: /ask}";
    bed.configure("endpoints:\n  ask:\n    adapter: " + adapter + "\n    type: " + type + "\n    exchange: {" +
                  exchange + "}\n    settings: " + settings +
                  "\n  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in}}\n"
                  "destinations:\n  bhxh: {adapter: http, settings: {url: \"http://127.0.0.1:1\", timeout: 10s}}\n"
                  "  mot-cua: {adapter: onestop, settings: {url: \"http://127.0.0.1:1\"}}\n"
                  "routes:\n  - {name: all, " +
                  route + "types: [bench/dossier], deliver: [{destination: bhxh}]}\n");
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
    const config::Finding finding = diagnostics.findings().at(0);
    const size_t at = text.find(written);
    REQUIRE(at != std::string::npos);
    CHECK(finding.place.line == 1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n'));
    CHECK(finding.place.column == static_cast<int>(at - text.rfind('\n', at)));
    CHECK(finding.code == code);
  }

  std::string text;
  config::Diagnostics diagnostics;
  std::shared_ptr<const Graph> graph;
};

}  // namespace

TEST_CASE("what is written reaches the plan, and defaults fit the service") {
  const Checked c(
      "destination: bhxh, operation: tra-cuu, request: insurance-query, reply: insurance-number, "
      "reply_type: insurance/partner-reply, deadline: 2s, idempotent: true, "
      "cache: {key: [MaHoSo, $.HoTen], for: 5m, entries: 7, bytes: 1MB}, rate: 3/s");
  INFO(c.diagnostics.text());
  REQUIRE(c.graph);
  const ExchangePlan& plan = c.graph->exchanges.at("ask");
  CHECK(plan.destination == "bhxh");
  CHECK(plan.operation == "tra-cuu");
  CHECK(plan.deadline == 2s);
  CHECK(plan.attempts == 3);
  CHECK(plan.rate.count == 3);
  REQUIRE(plan.cache);
  CHECK(plan.cache->key.paths.size() == 2);
  CHECK(plan.cache->kept == 5min);
  CHECK(plan.cache->entries == 7);
  const Checked plain("destination: bhxh");
  REQUIRE(plain.graph);
  CHECK(plain.graph->exchanges.at("ask").attempts == 1);
  CHECK(plain.graph->exchanges.at("ask").deadline == 5s);
  CHECK_FALSE(plain.graph->exchanges.at("ask").cache);
  CHECK_FALSE(plain.graph->exchanges.contains("in"));
}

TEST_CASE("mistakes are found where they are written") {
  Checked("destination: bhhx").only(Code::bad_reference, "bhhx");
  Checked("destination: mot-cua").only(Code::bad_reference, "mot-cua}");
  Checked("destination: bhxh, request: insurance-quer").only(Code::bad_reference, "insurance-quer}");
  Checked("destination: bhxh, request: insurance-number").only(Code::bad_reference, "insurance-number}");
  Checked("destination: bhxh, reply: insurance-number").only(Code::missing_key, "insurance-number}");
  Checked("destination: bhxh, reply_type: insurance/x").only(Code::bad_reference, "insurance/x");
  Checked("destination: bhxh, deadline: 11s").only(Code::out_of_range, "11s");
  Checked("destination: bhxh, attempts: 2").only(Code::missing_key, "2}");
  Checked("destination: bhxh, cache: {for: 1m}").only(Code::missing_key, "cache");
  Checked("destination: bhxh, idempotent: true, cache: {for: 1m, key: [SoHoSo]}").only(Code::bad_reference, "SoHoSo");
  Checked("destination: bhxh, idempotent: true, cache: {for: 1m, key: [$.HoTn]}").only(Code::unknown_path, "$.HoTn");
  Checked("destination: bhxh, idempotent: true, cache: {key: [MaHoSo]}").only(Code::missing_key, "cache");
  Checked("destination: bhxh, rate: 10").only(Code::wrong_type, "10}");
  Checked("destination: bhxh, idempotnt: true").only(Code::unknown_key, "idempotnt");
}

TEST_CASE("ends that do not fit a question: its type, its adapter, a route that waits for it") {
  Checked("destination: bhxh", "bench/dossier").only(Code::bad_reference, "bench/dossier");
  Checked("destination: bhxh", "insurance/query", "endpoints: [ask], ").only(Code::bad_reference, "ask], types");
  Checked("destination: bhxh", "insurance/query", "", "onestop").only(Code::bad_reference, "exchange: {");
}

TEST_CASE("a question is the same only when all of its key is, and never by half of a list") {
  const Checked c("destination: bhxh, idempotent: true, cache: {for: 1m, key: [$.HoTen, $.NgaySinh]}");
  REQUIRE(c.graph);
  const QuestionKey& key = c.graph->exchanges.at("ask").cache->key;
  const auto of = [&](const std::string& json) {
    Tree tree;
    REQUIRE(codec::parse_json(json, tree));
    return key.of(tree.root());
  };
  CHECK(of(R"({"HoTen":"A","NgaySinh":"1"})") == of(R"({"NgaySinh":"1","HoTen":"A","MaHoSo":"x"})"));
  CHECK(of(R"({"HoTen":"A","NgaySinh":"1"})") != of(R"({"HoTen":"A1","NgaySinh":""})"));
  CHECK(of(R"({"HoTen":"A"})") != of(R"({"NgaySinh":"A"})"));
  CHECK(of(R"({"HoTen":null})") != of(R"({})"));
  CHECK(of(R"({"HoTen":"1"})") != of(R"({"HoTen":1})"));
  CHECK_FALSE(of(R"({"HoTen":{"Ho":"A"}})"));
}
