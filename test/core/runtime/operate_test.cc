// What operators do, through the admin API of a running bus, on real sockets.
#include <doctest/doctest.h>

#include "core/admin/admin_server.h"
#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string destination(const std::string& name, const Partner& partner, const std::string& serves,
                        const std::string& more = "class: partner_idempotent") {
  return "  " + name + ": {adapter: http, partner: gov, serves: [" + serves + "], settings: {url: \"" + partner.url() +
         "\", timeout: 24h, " + more + "}}\n";
}

class Operated {
 public:
  Operated() : one(bed.clock), two(bed.clock) {}
  void start(const std::string& one_more = "class: partner_idempotent") {
    bed.configure(
        "endpoints:\n  in: {adapter: http, type: bench/dossier, settings: {listener: main, path: /in}}\n"
        "partners:\n  gov: {in_flight: 4}\n"
        "destinations:\n" +
        destination("one", one, "G12", one_more) + destination("two", two, "G15") +
        "routes:\n  - {name: to-one, types: [bench/dossier], to: [G12], deliver: [{}]}\n"
        "  - {name: rest, types: [bench/dossier], to: [\"*\"], deliver: [{}]}\n");
    restart();
  }
  void restart() {
    admin.reset();
    bed.stop();
    bed.start();
    auto started = admin::start_admin(bed.bus(), bed.clock, metrics, "127.0.0.1:0", {});
    REQUIRE(started);
    admin = std::move(*started);
  }
  net::Response post(const std::string& number, const std::string& key = "K", const std::string& receiver = "G12") {
    return bed.post("/in", bench_dossier("urn:" + number, key, receiver));
  }
  net::Response ask(std::string method, const std::string& path, const std::string& more = "") {
    net::Call call = bed.call("/", "");
    call.method = std::move(method);
    call.url = "http://127.0.0.1:" + std::to_string(admin->port()) + "/api/v1/" + path;
    if (call.method == "POST") call.body = R"({"by":"Lan","why":"thử đường truyền")" + more + "}";
    auto answer = bed.begin(std::move(call)).get();
    REQUIRE(answer);
    return std::move(*answer);
  }
  int act(const std::string& path, const std::string& more = "") { return ask("POST", path, more).status; }
  // The deliveries that wait, oldest first.
  std::vector<engine::DeliveryStatus> waiting() { return bed.pending(); }
  std::vector<std::string> bodies(const Partner& partner) {
    std::vector<std::string> out;
    for (const auto& got : partner.got()) {
      const size_t at = got.body.find("urn:");
      out.push_back(got.body.substr(at, got.body.find('"', at) - at));
    }
    return out;
  }

  Bed bed;
  Partner one, two;
  Metrics metrics;
  std::unique_ptr<admin::AdminServer> admin;
};

std::string path_of(const DeliveryId& id, const std::string& action) {
  return "deliveries/" + id.text() + "/" + action;
}

}  // namespace

TEST_CASE("replay and discard over the API move a key on, in order") {
  Operated o;
  o.start();
  o.one.answer(400);
  for (const char* n : {"1", "2", "3"}) REQUIRE(o.post(n).status == 202);
  REQUIRE(o.bed.until([&] { return o.bed.lane("one").dead == 1 && o.bed.lane("one").behind == 2; }));
  const auto waiting = o.waiting();
  o.one.answer(200);
  SUBCASE("replay") {
    CHECK(o.act(path_of(waiting[0].id, "replay")) == 200);
    REQUIRE(o.one.until_got(3));
    CHECK(o.bodies(o.one) == std::vector<std::string>{"urn:1", "urn:2", "urn:3"});
  }
  SUBCASE("discard") {
    CHECK(o.act(path_of(waiting[0].id, "discard")) == 200);
    REQUIRE(o.one.until_got(2));
    CHECK(o.bodies(o.one) == std::vector<std::string>{"urn:2", "urn:3"});
    CHECK(o.act(path_of(waiting[0].id, "replay")) == 404);
  }
  SUBCASE("what waits for its key is not to be replayed") {
    const auto answer = o.ask("POST", path_of(waiting[1].id, "replay"));
    CHECK(answer.status == 409);
    CHECK(has(answer.body, "LT-5002"));
  }
}

TEST_CASE("a replay behind delivered successors needs out_of_order, and the record says so") {
  Operated o;
  o.start();
  // The route lets the key go on past a dead one.
  const std::string file = o.bed.folder() + "/bus.yaml";
  const std::string text = *read_file(system_env(), file);
  REQUIRE(replace_file(system_env(), file, replaced(text, "{name: to-one,", "{name: to-one, after_dead: continue,")));
  o.restart();
  o.one.answer(400);
  REQUIRE(o.post("1").status == 202);
  REQUIRE(o.bed.until([&] { return o.bed.lane("one").dead == 1; }));
  o.one.answer(200);
  REQUIRE(o.post("2").status == 202);
  REQUIRE(o.one.until_got(1));
  REQUIRE(o.bed.until([&] { return o.waiting().size() == 1; }));
  const DeliveryId dead = o.waiting()[0].id;
  const auto refused = o.ask("POST", path_of(dead, "replay"));
  CHECK(refused.status == 409);
  CHECK(has(refused.body, "LT-5003"));
  CHECK(o.act(path_of(dead, "replay"), ",\"out_of_order\":true") == 200);
  REQUIRE(o.one.until_got(2));
  bool audited = false;
  for (const auto& [position, fact] : o.bed.facts()) {
    const auto* action = std::get_if<ActionFact>(&fact);
    audited = audited || (action && action->kind == ActionKind::replay && action->out_of_order && action->by == "Lan" &&
                          action->why == "thử đường truyền");
  }
  CHECK(audited);
}

TEST_CASE("a doubt at a partner that cannot be asked is settled over the API") {
  Operated o;
  o.start("class: none, replies: [{status: \"502\", is: ambiguous}]");
  o.one.answer(502);
  REQUIRE(o.post("1").status == 202);
  REQUIRE(o.post("2").status == 202);
  REQUIRE(o.bed.until([&] { return o.bed.lane("one").unknown == 1 && o.bed.lane("one").behind == 1; }));
  const auto waiting = o.waiting();
  CHECK(waiting[0].detail == "HTTP 502");
  o.one.answer(200);
  SUBCASE("it arrived") {
    CHECK(o.act(path_of(waiting[0].id, "confirm")) == 200);
    REQUIRE(o.one.until_got(1));
    CHECK(o.bodies(o.one) == std::vector<std::string>{"urn:2"});
  }
  SUBCASE("it did not") {
    CHECK(o.act(path_of(waiting[0].id, "replay")) == 200);
    REQUIRE(o.one.until_got(2));
    CHECK(o.bodies(o.one) == std::vector<std::string>{"urn:1", "urn:2"});
  }
  SUBCASE("what is not in doubt cannot be confirmed") { CHECK(o.act(path_of(waiting[1].id, "confirm")) == 409); }
}

TEST_CASE("pause over the API: accepted, kept over a restart, sent when resumed") {
  Operated o;
  o.start();
  std::string target;
  SUBCASE("destination") { target = "destinations/one"; }
  SUBCASE("partner") { target = "partners/gov"; }
  SUBCASE("route") { target = "routes/to-one"; }
  CHECK(o.act(target + "/pause") == 200);
  REQUIRE(o.post("1").status == 202);
  REQUIRE(o.post("2", "L").status == 202);
  o.restart();
  CHECK(o.waiting().size() == 2);
  CHECK(o.one.calls() == 0);
  const auto controls = o.ask("GET", "controls");
  CHECK(has(controls.body, "\"paused\":true,\"draining\":false,\"by\":\"Lan\",\"why\":\"thử đường truyền\""));
  if (target != "routes/to-one") CHECK(has(o.ask("GET", "lanes").body, "\"paused\":true"));
  if (target == "routes/to-one") CHECK(has(o.ask("GET", "pending").body, "LT-5010"));
  CHECK(o.act(target + "/resume") == 200);
  CHECK(o.one.until_got(2));
  CHECK(o.ask("GET", "controls").body == R"({"items":[]})");
}

TEST_CASE("drain over the API: refused at the door with the reason, the backlog is sent") {
  Operated o;
  o.start();
  std::string target;
  SUBCASE("destination") { target = "destinations/one"; }
  SUBCASE("partner") { target = "partners/gov"; }
  SUBCASE("route") { target = "routes/to-one"; }
  o.one.answer(503);
  REQUIRE(o.post("1").status == 202);
  CHECK(o.act(target + "/drain") == 200);
  const auto refused = o.post("2");
  CHECK(refused.status == 503);
  CHECK(refused.headers.get("Retry-After") == "1");
  CHECK(has(refused.body, "LT-5011"));
  CHECK(has(refused.body, "thử đường truyền"));
  CHECK(o.post("3", "L", "G15").status == (target == "partners/gov" ? 503 : 202));
  o.one.answer(200);
  CHECK(o.bed.until([&] { return o.one.got().size() == 1; }, 100ms));
  o.restart();
  CHECK(o.post("2").status == 503);
  CHECK(o.act(target + "/resume") == 200);
  CHECK(o.post("2").status == 202);
  CHECK(o.one.until_got(2));
}

TEST_CASE("what nobody knows cannot be stopped") {
  Operated o;
  o.start();
  CHECK(o.act("destinations/nowhere/pause") == 404);
  CHECK(o.act("partners/nobody/drain") == 404);
  CHECK(o.act("routes/nothing/pause") == 404);
}
