// A running bus goes by another configuration.
#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

std::string to(const std::string& name, const Partner& partner) {
  return "  " + name + ": {adapter: http, settings: {url: \"" + partner.url() +
         "/out\", class: partner_idempotent, timeout: 24h}}\n";
}

const std::string kIn =
    "endpoints:\n  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in}}\n";

std::string route_to(const std::string& destination) {
  return "routes:\n  - {name: all, to: [\"*\"], deliver: [{destination: " + destination + "}]}\n";
}

}  // namespace

TEST_CASE("a new destination and route are in force after a reload, and the listener stays") {
  Bed bed;
  Partner one(bed.clock), two(bed.clock);
  bed.configure(kIn + "destinations:\n" + to("one", one) + route_to("one"));
  bed.start();
  const auto port = bed.bus().ports().at("main");
  CHECK(bed.post("/in", bench_dossier("urn:1")).status == 202);
  CHECK(one.until_got(1));

  bed.configure(kIn + "destinations:\n" + to("one", one) + to("two", two) + route_to("two"));
  const auto report = bed.reload();
  REQUIRE(report);
  CHECK(report->added == std::vector<std::string>{"destination two"});
  CHECK(report->removed.empty());
  CHECK(bed.bus().ports().at("main") == port);
  CHECK(bed.post("/in", bench_dossier("urn:2")).status == 202);
  CHECK(two.until_got(1));
  CHECK(one.got().size() == 1);
}

TEST_CASE("reloads amid traffic: whoever got 202 is delivered once, and nobody is refused") {
  Bed bed;
  Partner one(bed.clock), two(bed.clock);
  const std::string both = kIn + "destinations:\n" + to("one", one) + to("two", two);
  bed.configure(both + route_to("one"));
  bed.start();
  std::atomic<bool> over{false};
  std::atomic<int> sent{0}, refused{0};
  std::vector<std::thread> senders;
  for (int sender = 0; sender < 3; ++sender)
    senders.emplace_back([&, sender] {
      for (int i = 0; !over; ++i) {
        const std::string id = "urn:" + std::to_string(sender) + "-" + std::to_string(i);
        auto answer = bed.begin(bed.call("/in", bench_dossier(id, id))).get();
        if (answer && answer->status == 202)
          ++sent;
        else
          ++refused;
      }
    });
  for (int reload = 0; reload < 20; ++reload) {
    const int before = sent;
    bed.configure(both + route_to(reload % 2 == 0 ? "two" : "one"));
    CHECK(bed.reload());
    CHECK(bed.until([&] { return sent >= before + 10; }, 1ms));
  }
  over = true;
  CHECK(bed.until([&] { return true; }));
  for (auto& sender : senders) sender.join();
  CHECK(refused == 0);
  CHECK(bed.until([&] { return one.got().size() + two.got().size() >= static_cast<size_t>(sent); }, 1ms));
  std::set<std::string> events;
  for (const Partner* partner : {&one, &two})
    for (const auto& got : partner->got()) CHECK(events.insert(got.event).second);
  CHECK(events.size() == static_cast<size_t>(sent));
  CHECK(!one.got().empty());
  CHECK(!two.got().empty());
}

TEST_CASE("a destination with unfinished deliveries is not removed; when they are through, it is") {
  Bed bed;
  Partner one(bed.clock), two(bed.clock);
  one.answer(503);
  bed.configure(kIn + "destinations:\n" + to("one", one) + to("two", two) + route_to("one"));
  bed.start();
  CHECK(bed.post("/in", bench_dossier("urn:1")).status == 202);
  bed.configure(kIn + "destinations:\n" + to("two", two) + route_to("two"));
  const auto refused = bed.reload();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::wrong_state);
  CHECK(refused.error().detail.find("one (1 unfinished)") != std::string::npos);
  // Nothing was changed by it.
  CHECK(bed.post("/in", bench_dossier("urn:2", "K2")).status == 202);
  CHECK(two.calls() == 0);

  one.answer(200);
  CHECK(bed.until([&] { return bed.pending().empty(); }, 100ms));
  CHECK(one.got().size() == 2);
  const auto report = bed.reload();
  REQUIRE(report);
  CHECK(report->removed == std::vector<std::string>{"destination one"});
  CHECK(bed.post("/in", bench_dossier("urn:3")).status == 202);
  CHECK(two.until_got(1));
}

TEST_CASE("the order key of a type stays while messages of it are unfinished") {
  Bed bed;
  Partner one(bed.clock);
  one.answer(503);
  bed.schemas = bed.folder() + "/schemas";
  std::filesystem::copy(LT_SOURCE_DIR "/schemas", bed.schemas, std::filesystem::copy_options::recursive);
  bed.configure(kIn + "destinations:\n" + to("one", one) + route_to("one"));
  bed.start();
  CHECK(bed.post("/in", bench_dossier("urn:1")).status == 202);
  const std::string file = bed.schemas + "/bench/dossier.type.yaml";
  std::ifstream in(file);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::ofstream(file) << replaced(text, "order_key: {space: ", "order_key: {space: other-");
  const auto refused = bed.reload();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::wrong_state);
  CHECK(refused.error().detail.find("bench/dossier") != std::string::npos);

  one.answer(200);
  CHECK(bed.until([&] { return bed.pending().empty(); }, 100ms));
  CHECK(bed.reload());
}

TEST_CASE("what the process stands on wants a restart, and the error says which setting") {
  Bed bed;
  Partner one(bed.clock);
  const std::string rest = kIn + "destinations:\n" + to("one", one) + route_to("one");
  bed.configure(rest);
  bed.start();
  bed.replace_in_head("shards: 2", "shards: 1");
  bed.configure(rest);
  const auto refused = bed.reload();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::wrong_state);
  CHECK(refused.error().detail.find("bus.shards") != std::string::npos);
  CHECK(bed.post("/in", bench_dossier("urn:1")).status == 202);
}

TEST_CASE("rights taken away, a new path and a removed listener hold from the reload on") {
  Bed bed;
  Partner one(bed.clock);
  const std::string rest = "destinations:\n" + to("one", one) + route_to("one");
  bed.configure(kIn + rest);
  bed.start();
  CHECK(bed.post("/in", bench_dossier("urn:1")).status == 202);
  bed.replace_in_head("{principals: [sender, polled]", "{principals: [polled]");
  bed.configure("endpoints:\n  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /new}}\n" +
                rest);
  REQUIRE(bed.reload());
  CHECK(bed.post("/in", bench_dossier("urn:2")).status == 404);
  CHECK(bed.post("/new", bench_dossier("urn:2")).status == 403);
}

TEST_CASE("a polling source ends at its rest, and the next one asks in its place") {
  Bed bed;
  Partner partner(bed.clock), out(bed.clock);
  std::atomic<int> here{0}, there{0};
  partner.script([&](const std::string& path, const std::string&) -> std::string {
    if (path == "/submit") return R"({"status":"1","statusDescription":"Gửi thông tin thành công"})";
    ++(path == "/ask" ? here : there);
    return R"({"status":1,"value":[]})";
  });
  const auto configuration = [&](const std::string& path) {
    return "endpoints:\n"
           "  in: {adapter: http, type: onestop/dossier, settings: {listener: main, path: /in}}\n"
           "  results: {adapter: judicial, type: judicial/result, settings: {url: \"" +
           partner.url() + path +
           "\", auth_key: k, province: \"22\", principal: polled, every: 1m, timeout: 24h}}\n"
           "destinations:\n"
           "  judicial: {adapter: judicial, settings: {url: \"" +
           partner.url() +
           "/submit\", auth_key: k, watch: results, timeout: 24h}}\n"
           "  onestop: {adapter: onestop, serves: [H49], settings: {url: \"" +
           out.url() +
           "\", timeout: 24h}}\n"
           "routes:\n"
           "  - {name: there, types: [onestop/dossier], deliver: [{destination: judicial, mapping: "
           "onestop-to-judicial}]}\n"
           "  - {name: back, types: [judicial/result], to: [H49], deliver: [{mapping: judicial-to-onestop}]}\n";
  };
  bed.configure(configuration("/ask"));
  bed.start();
  CHECK(bed.post("/in", onestop_dossier()).status == 202);
  CHECK(bed.until([&] { return bed.pending().empty(); }));
  CHECK(bed.until([&] { return here >= 2; }, 61s));
  bed.configure(configuration("/ask-anew"));
  REQUIRE(bed.reload());
  CHECK(bed.until([&] { return there >= 1; }, 61s));
  const int asked_here = here;
  CHECK(bed.until([&] { return there >= 4; }, 61s));
  CHECK(here == asked_here);
}
