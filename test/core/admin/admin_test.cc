#include <doctest/doctest.h>

#include <mutex>

#include "core/admin/admin_server.h"
#include "core/base/log.h"
#include "test/core/admin/fake_bus.h"
#include "test/core/net/fixture.h"

using namespace lt;
using namespace std::chrono_literals;

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

struct Bed {
  Bed() {
    auto started = admin::start_admin(bus, world.clock, world.metrics, "127.0.0.1:0", {});
    REQUIRE(started);
    server = std::move(*started);
  }
  net::Response call(std::string method, const std::string& target, std::string body = {},
                     const std::string& type = "application/json") {
    net::Call call;
    call.method = std::move(method);
    call.url = net::url_of(server->port(), target);
    if (!body.empty()) call.headers.set("Content-Type", type);
    call.body = std::move(body);
    auto answer = world.run(net::call_on(&world.shard(), std::move(call)));
    REQUIRE(answer);
    return std::move(*answer);
  }
  net::Response get(const std::string& target) { return call("GET", target); }

  test::FakeBus bus;
  net::World world;
  std::unique_ptr<admin::AdminServer> server;
};

}  // namespace

TEST_CASE("it refuses to listen where others can reach it") {
  test::FakeBus bus;
  ManualClock clock;
  Metrics metrics;
  for (const char* listen : {"0.0.0.0:0", "*:0", ":0", "[::]:0", "10.1.2.3:0", "127.0.0.1", "admin.example:0"}) {
    const auto server = admin::start_admin(bus, clock, metrics, listen, {});
    INFO(listen);
    REQUIRE_FALSE(server);
    CHECK(server.error().code == Code::listen_failed);
  }
  CHECK(admin::start_admin(bus, clock, metrics, "localhost:0", {}));
}

TEST_CASE("alive always, ready only when the bus is") {
  Bed bed;
  CHECK(bed.get("/readyz").status == 200);
  bed.bus.why_not = Error(Code::journal_failed);
  CHECK(bed.get("/healthz").status == 200);
  const auto answer = bed.get("/readyz");
  CHECK(answer.status == 503);
  CHECK(answer.headers.get("Content-Type") == "application/problem+json");
  CHECK(has(answer.body, "\"code\":\"LT-6021\""));
  CHECK(has(bed.get("/api/v1/status").body, "\"ready\":false,\"code\":\"LT-6021\""));
}

TEST_CASE("metrics carry the lanes as they are now") {
  Bed bed;
  const auto answer = bed.get("/metrics");
  CHECK(answer.status == 200);
  CHECK(answer.headers.get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(has(answer.body, "lienthong_deliveries{destination=\"axis\",state=\"dead\"} 2\n"));
  CHECK(has(answer.body, "lienthong_oldest_pending_seconds{destination=\"axis\"} 90\n"));
  CHECK(has(answer.body, "lienthong_destination_paused{destination=\"axis\"} 1\n"));
  CHECK(has(answer.body, "lienthong_ready 1\n"));
  CHECK(has(answer.body, "lienthong_build_info{"));
  CHECK(has(bed.get("/version").body, "\"openssl\":\"3."));
}

TEST_CASE("metrics and lanes when the engine has stopped") {
  Bed bed;
  bed.bus.silent = true;
  CHECK(bed.get("/metrics").status == 200);
  const auto answer = bed.get("/api/v1/lanes");
  CHECK(answer.status == 503);
  CHECK(has(answer.body, "LT-9003"));
}

TEST_CASE("a search reaches the catalog as it was asked") {
  Bed bed;
  const auto answer = bed.get(
      "/api/v1/"
      "messages?key=H22.01%2F2026&match=prefix&from=H22&to=axis&type=onestop%2F&endpoint=e&destination=axis&state=dead"
      "&code=LT-5021&since=2026-11-20&until=2026-11-20&limit=7");
  CHECK(answer.status == 200);
  CHECK(answer.headers.get("Cache-Control") == "no-store");
  CHECK(has(answer.body, "{\"items\":[{\"id\":\"0190a6c2-1111-7222-8333-444455556666\""));
  CHECK(has(answer.body, "\"next_cursor\":\"next\""));
  const auto& filter = bed.bus.catalog_.last_filter;
  REQUIRE(filter.key);
  CHECK(filter.key->text == "H22.01/2026");
  CHECK(filter.key->match == catalog::Match::prefix);
  CHECK(filter.from == "H22");
  CHECK(filter.to == "axis");
  CHECK(filter.type == "onestop/");
  CHECK(filter.endpoint == "e");
  CHECK(filter.destination == "axis");
  CHECK(filter.state == DeliveryState::dead);
  CHECK(filter.code == Code::partner_refused);
  REQUIRE(filter.since);
  REQUIRE(filter.until);
  CHECK(format_rfc3339(*filter.since).starts_with("2026-11-20T00:00:00"));
  CHECK(*filter.until - *filter.since == 24h);  // the day named is part of it
  CHECK(bed.bus.catalog_.last_page.limit == 7);
}

TEST_CASE("wrong parameters are named, with what is allowed") {
  Bed bed;
  const auto refused = [&](const std::string& target, std::string_view says) {
    const auto answer = bed.get(target);
    INFO(target, " ", answer.body);
    CHECK(answer.status == 400);
    CHECK(answer.headers.get("Content-Type") == "application/problem+json");
    CHECK(has(answer.body, "LT-9002"));
    CHECK(has(answer.body, says));
  };
  refused("/api/v1/messages?state=lost",
          "state=lost; allowed: queued, in_flight, retry, held, unknown, delivered, dead");
  refused("/api/v1/messages?state=behind", "state=behind; allowed");
  refused("/api/v1/messages?key=a&match=fuzzy", "match=fuzzy; allowed: exact, prefix, substring");
  refused("/api/v1/messages?match=prefix", "match needs key");
  refused("/api/v1/messages?limit=501", "limit=501; allowed: 1 to 500");
  refused("/api/v1/messages?limit=0", "limit=0");
  refused("/api/v1/messages?limit=5x", "limit=5x");
  refused("/api/v1/messages?code=LT-0001", "code=LT-0001");
  refused("/api/v1/messages?since=yesterday", "since=yesterday; allowed: a date");
  refused("/api/v1/messages?since=2026-11-21&until=2026-11-20", "since is not before until");
  refused("/api/v1/messages?stat=dead", "did you mean \\\"state\\\"?");
  refused("/api/v1/messages?state=dead&state=held", "state is given twice");
  refused("/api/v1/messages/nonsense", "not a message id");
  refused("/api/v1/timeline", "key is missing");
  refused("/api/v1/pending?limit=-1", "limit=-1");
  CHECK(has(bed.get("/api/v1/messages?cursor=x").body, "LT-6043"));
  CHECK(bed.get("/api/v1/messages/0190a6c2-1111-7222-8333-444455556667").status == 404);
  CHECK(bed.get("/api/v1/nothing").status == 404);
}

TEST_CASE("an offset may be written plainly") {
  Bed bed;
  CHECK(bed.get("/api/v1/counts?since=2026-11-20T08:30:00+07:00").status == 200);
  REQUIRE(bed.bus.catalog_.last_span.since);
  CHECK(format_rfc3339(*bed.bus.catalog_.last_span.since).starts_with("2026-11-20T08:30:00"));
}

TEST_CASE("the other questions") {
  Bed bed;
  CHECK(has(bed.get("/api/v1/messages/0190a6c2-1111-7222-8333-444455556666").body, "\"position\":\"0:4711\""));
  CHECK(has(bed.get("/api/v1/timeline?key=H22.1").body, "\"key\":\"H22.1\""));
  CHECK(has(bed.get("/api/v1/counts").body, "\"destination\":\"axis\",\"state\":\"dead\",\"count\":7"));
  CHECK(has(bed.get("/api/v1/causes?destination=axis&limit=3").body, "\"destination\":\"axis\",\"count\":3"));
  CHECK(has(bed.get("/api/v1/lanes").body, "\"destination\":\"axis\",\"queued\":0"));
  CHECK(has(
      bed.get("/api/v1/pending?limit=9").body,
      "{\"items\":[{\"id\":\"0:4711/2\",\"destination\":\"axis\",\"state\":\"retry\",\"attempts\":3,\"next_at\":\""));
  CHECK(has(bed.get("/api/v1/lanes").body, "\"paused\":true,\"draining\":false,\"stopped_by\":\"Lan\""));
  CHECK(
      has(bed.get("/api/v1/controls").body,
          "{\"items\":[{\"scope\":\"route\",\"name\":\"documents\",\"paused\":false,\"draining\":true,\"by\":\"Lan\""));
  const auto status = bed.get("/api/v1/status").body;
  CHECK(has(status, "\"ready\":true"));
  CHECK(has(status, "\"catalog\":{\"applied\":\"0:4711\",\"lagging\":true,\"lag_records\":3}"));
  CHECK(has(status, "\"end\":\"0:9000\""));
  CHECK(has(status,
            "\"disk\":{\"free\":5242880,\"reserve\":1048576,\"accepting\":true,\"growth_per_day\":1048576,"
            "\"full_in_days\":4}"));
}

TEST_CASE("a named person acts, with a reason") {
  Bed bed;
  const auto answer = bed.call("POST", "/api/v1/deliveries/0%3A4711%2F2/replay",
                               R"({"by":"Lan","why":"đã sửa bảng mã","out_of_order":true})");
  CHECK(answer.status == 200);
  CHECK(has(answer.body, "\"action\":\"replay\",\"delivery\":\"0:4711/2\",\"by\":\"Lan\""));
  CHECK(bed.call("POST", "/api/v1/deliveries/0:4711/2/discard", R"({"by":"Lan","why":"w"})").status == 200);
  CHECK(bed.call("POST", "/api/v1/destinations/axis/pause", R"({"by":"Lan","why":"w"})").status == 200);
  CHECK(bed.call("POST", "/api/v1/destinations/axis/resume", R"({"by":"Lan","why":"w"})").status == 200);
  CHECK(bed.call("POST", "/api/v1/partners/gov/drain", R"({"by":"Lan","why":"w"})").status == 200);
  const auto on_route = bed.call("POST", "/api/v1/routes/documents/pause", R"({"by":"Lan","why":"w"})");
  CHECK(has(on_route.body, "\"action\":\"pause\",\"route\":\"documents\""));
  CHECK(bed.call("POST", "/api/v1/deliveries/0:4711/2/confirm", R"({"by":"Lan","why":"w"})").status == 200);
  REQUIRE(bed.bus.facts.size() == 7);
  CHECK(bed.bus.facts[0].kind == ActionKind::replay);
  CHECK(bed.bus.facts[0].delivery == DeliveryId{{0, 4711}, 2});
  CHECK(bed.bus.facts[0].why == "đã sửa bảng mã");
  CHECK(bed.bus.facts[0].at == bed.world.clock.wall());
  CHECK(bed.bus.facts[1].kind == ActionKind::discard);
  CHECK(bed.bus.facts[0].out_of_order);
  CHECK_FALSE(bed.bus.facts[1].out_of_order);
  CHECK(bed.bus.facts[2].kind == ActionKind::pause);
  CHECK(bed.bus.facts[2].name == "axis");
  CHECK(bed.bus.facts[3].kind == ActionKind::resume);
  CHECK(bed.bus.facts[4].kind == ActionKind::drain);
  CHECK(bed.bus.facts[4].scope == ActionScope::partner);
  CHECK(bed.bus.facts[4].name == "gov");
  CHECK(bed.bus.facts[5].scope == ActionScope::route);
  CHECK(bed.bus.facts[6].kind == ActionKind::confirm);
  CHECK(bed.bus.facts[6].delivery == DeliveryId{{0, 4711}, 2});
}

TEST_CASE("an action that lacks something never reaches the engine") {
  Bed bed;
  const std::string replay = "/api/v1/deliveries/0:4711/2/replay";
  const auto refused = [&](const std::string& target, const std::string& body, std::string_view says) {
    const auto answer = bed.call("POST", target, body);
    INFO(body, " ", answer.body);
    CHECK(answer.status == 400);
    CHECK(has(answer.body, says));
  };
  refused(replay, R"({"why":"w"})", "by is missing");
  refused(replay, R"({"by":"  ","why":"w"})", "by is missing");
  refused(replay, R"({"by":"Lan"})", "why is missing");
  refused(replay, R"({"by":7,"why":"w"})", "$.by");
  refused(replay, R"({"by":"Lan","why":"w","force":true})", "known: by, why, out_of_order");
  refused(replay, R"({"by":"Lan","why":"w","out_of_order":"yes"})", "true or false");
  refused("/api/v1/deliveries/0:4711/2/discard", R"({"by":"Lan","why":"w","out_of_order":true})", "known: by, why\"");
  refused(replay, "[]", "not an object");
  refused(replay, "{", "LT-3001");
  refused("/api/v1/deliveries/4711/x/replay", R"({"by":"Lan","why":"w"})", "not a delivery id");
  refused(replay, R"({"by":"Lan","why":")" + std::string(501, 'w') + "\"}", "longer than 500");
  CHECK(bed.call("POST", replay, R"({"by":"Lan","why":"w"})", "text/plain").status == 400);
  CHECK(bed.call("POST", replay, std::string(20'000, ' '), "application/json").status == 413);
  CHECK(bed.call("GET", replay).status == 405);
  CHECK(bed.bus.facts.empty());
}

TEST_CASE("the engine's refusal comes back, and so does its silence") {
  Bed bed;
  bed.bus.refusal = Error(Code::would_reorder, "later deliveries");
  const auto answer = bed.call("POST", "/api/v1/deliveries/0:4711/2/replay", R"({"by":"Lan","why":"w"})");
  CHECK(answer.status == 409);
  CHECK(has(answer.body, "LT-5003"));
  bed.bus.silent = true;
  CHECK(bed.call("POST", "/api/v1/destinations/axis/pause", R"({"by":"Lan","why":"w"})").status == 503);
}

TEST_CASE("a web page under another name gets nothing") {
  Bed bed;
  const auto status_of = [&](const std::string& host) {
    auto socket = net::RawSocket::connect(bed.server->port());
    socket.send("GET /api/v1/lanes HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    return socket.receive_response().substr(9, 3);
  };
  CHECK(status_of("evil.example:9090") == "403");
  CHECK(status_of("127.0.0.1.evil.example") == "403");
  CHECK(status_of("localhost:9090") == "200");
  CHECK(status_of("[::1]:9090") == "200");
}

TEST_CASE("who acted and why stay out of the log") {
  Bed bed;
  std::mutex mutex;
  std::string lines;
  log::set_sink([&](std::string_view line) {
    const std::lock_guard lock(mutex);
    lines += line;
  });
  bed.call("POST", "/api/v1/destinations/axis/pause", R"({"by":"Lan","why":"hồ sơ của bà Hoa"})");
  log::set_sink(nullptr);
  CHECK(has(lines, "pause"));
  CHECK_FALSE(has(lines, "Lan"));
  CHECK_FALSE(has(lines, "Hoa"));
}

TEST_CASE("a round of retention is made on demand and answers what it did, or why it could not") {
  Bed bed;
  const auto done = bed.call("POST", "/api/v1/retention", "{}");
  CHECK(done.status == 200);
  CHECK(has(done.body, "\"segments_freed\":3"));
  CHECK(bed.call("POST", "/api/v1/retention", "{}", "text/plain").status == 400);
  CHECK(bed.call("GET", "/api/v1/retention").status == 405);
  bed.bus.refusal = Error(Code::unavailable, "stopping");
  CHECK(bed.call("POST", "/api/v1/retention", "{}").status == 503);
}
