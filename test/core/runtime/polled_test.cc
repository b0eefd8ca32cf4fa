#include <doctest/doctest.h>

#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

// A judicial system that takes everything and answers questions with `item`.
struct Judicial {
  explicit Judicial(const Clock& clock) : partner(clock) {
    partner.script([this](const std::string& path, const std::string&) -> std::string {
      if (path == "/submit") return R"({"status":"1","statusDescription":"Gửi thông tin thành công"})";
      const std::lock_guard lock(mutex);
      return "{\"status\":1,\"value\":[" + item + "]}";
    });
  }
  void say(std::string what) {
    const std::lock_guard lock(mutex);
    item = std::move(what);
  }
  std::mutex mutex;
  std::string item;
  Partner partner;
};

std::string configuration(const Judicial& judicial, const Partner& onestop) {
  return "endpoints:\n"
         "  in: {adapter: http, type: onestop/dossier, settings: {listener: main, path: /in}}\n"
         "  results: {adapter: judicial, type: judicial/result, settings: {url: \"" +
         judicial.partner.url() +
         "/ask\", auth_key: k, province: \"22\", principal: polled, every: 1m, timeout: 24h}}\n"
         "destinations:\n"
         "  judicial: {adapter: judicial, settings: {url: \"" +
         judicial.partner.url() +
         "/submit\", auth_key: k, watch: results, timeout: 24h}}\n"
         "  onestop: {adapter: onestop, serves: [H49], settings: {url: \"" +
         onestop.url() +
         "\", timeout: 24h}}\n"
         "routes:\n"
         "  - {name: there, types: [onestop/dossier], deliver: [{destination: judicial, mapping: "
         "onestop-to-judicial}]}\n"
         "  - {name: back, types: [judicial/result], to: [H49], deliver: [{mapping: judicial-to-onestop}]}\n";
}

size_t accepted_results(Bed& bed) {
  size_t count = 0;
  for (const auto& [position, fact] : bed.facts()) {
    const auto* accepted = std::get_if<AcceptedFact>(&fact);
    count += accepted && accepted->message->envelope.type == "judicial/result" ? 1 : 0;
  }
  return count;
}

AcceptedFact last_result(Bed& bed) {
  AcceptedFact out;
  for (const auto& [position, fact] : bed.facts())
    if (const auto* accepted = std::get_if<AcceptedFact>(&fact);
        accepted && accepted->message->envelope.type == "judicial/result")
      out = *accepted;
  return out;
}

}  // namespace

TEST_CASE("what a polled partner says and nobody understands is kept raw as dead, once, and the polling goes on") {
  Bed bed;
  Judicial judicial(bed.clock);
  Partner onestop(bed.clock);
  onestop.script(
      [](const std::string&, const std::string&) { return std::string("{\"error_code\":0,\"message\":\"\"}"); });
  bed.configure(configuration(judicial, onestop));
  bed.start();
  REQUIRE(bed.post("/in", onestop_dossier()).status == 202);
  REQUIRE(bed.until([&] { return bed.lane("judicial").delivered == 1; }));

  // Rubbish in a valid reply: a state that is right, a result that is no object.
  const std::string rubbish = R"({"maHoSoMCDT":"H49.02.05-260701-0042","trangThaiXuLy":4,"ketQuaXuLy":"rác \u0001"})";
  judicial.say(rubbish);
  REQUIRE(bed.until([&] { return accepted_results(bed) == 1; }, 1s));
  const AcceptedFact dead = last_result(bed);
  CHECK(dead.dead == Code::wrong_kind);
  CHECK(dead.dead_detail.find("ketQuaXuLy") != std::string::npos);
  CHECK(member(std::string(dead.message->body.view()), "ketQuaXuLy") == "rác \x01");
  CHECK(dead.message->envelope.deliveries.empty());
  CHECK_FALSE(dead.message->envelope.correlates.empty());
  CHECK(onestop.calls() == 0);
  // Asked again, it says the same: nothing new is kept.
  const size_t asked = judicial.partner.calls();
  REQUIRE(bed.until([&] { return judicial.partner.calls() >= asked + 3; }, 1s));
  CHECK(accepted_results(bed) == 1);
  // Then something that is right: it goes its way, also after a restart.
  bed.stop();
  bed.start();
  judicial.say(*read_file(system_env(), LT_SOURCE_DIR "/mappings/judicial/examples/result.json"));
  REQUIRE(bed.until([&] { return onestop.got().size() == 1; }, 1s));
  CHECK(member(onestop.got()[0].body, "TrangThaiHoSo") == "9");
  CHECK(accepted_results(bed) == 2);
}

TEST_CASE("a file of a polled result that is damaged: dead and kept") {
  Bed bed;
  Judicial judicial(bed.clock);
  Partner onestop(bed.clock);
  bed.configure(configuration(judicial, onestop));
  bed.start();
  REQUIRE(bed.post("/in", onestop_dossier()).status == 202);
  REQUIRE(bed.until([&] { return bed.lane("judicial").delivered == 1; }));
  judicial.say(replaced(*read_file(system_env(), LT_SOURCE_DIR "/mappings/judicial/examples/result.json"),
                        "JVBERi0xLjQK", "JVB*Ri0xLjQK"));
  REQUIRE(bed.until([&] { return accepted_results(bed) == 1; }, 1s));
  CHECK(last_result(bed).dead == Code::bad_attachment);
  CHECK(bed.pending().size() == 1);
  CHECK(bed.pending()[0].state == DeliveryState::dead);
}

TEST_CASE("below the disk reserve a partner is not asked, so nothing has to be refused; then the asking goes on") {
  Bed bed;
  Judicial judicial(bed.clock);
  Partner onestop(bed.clock);
  onestop.script(
      [](const std::string&, const std::string&) { return std::string("{\"error_code\":0,\"message\":\"\"}"); });
  bed.configure(configuration(judicial, onestop));
  bed.start();
  REQUIRE(bed.post("/in", onestop_dossier()).status == 202);
  REQUIRE(bed.until([&] { return bed.lane("judicial").delivered == 1; }));
  size_t asked = judicial.partner.calls();
  REQUIRE(bed.until([&] { return judicial.partner.calls() > asked; }, 1s));

  bed.env().set_free(1 << 20);
  judicial.say(*read_file(system_env(), LT_SOURCE_DIR "/mappings/judicial/examples/result.json"));
  // One question may be on its way.
  const Wall began = bed.clock.wall();
  bed.until([&] { return bed.clock.wall() - began > 1min; }, 1s);
  asked = judicial.partner.calls();
  bed.until([&] { return bed.clock.wall() - began > 6min; }, 1s);
  CHECK(judicial.partner.calls() == asked);
  CHECK(accepted_results(bed) == 0);

  bed.env().set_free(GateEnv::kReal);
  CHECK(bed.until([&] { return onestop.got().size() == 1; }, 1s));
  CHECK(accepted_results(bed) == 1);
}
