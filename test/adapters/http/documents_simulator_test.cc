#include <doctest/doctest.h>

#include "adapters/http/http.h"
#include "core/adapter/document_play.h"
#include "test/support/play.h"

using namespace lt;
using namespace lt::adapters;
using play::figure;

namespace {

// Takes what the simulator sends; every other call is answered 503 first.
struct Bus {
  net::Task<net::Response> take(net::Exchange* exchange) {
    net::Response response;
    auto body = co_await net::read_all(exchange->body, 1 << 24);
    response.status = ++calls % 2 == 0 ? 202 : 503;
    if (response.status == 202)
      files.push_back({std::string(exchange->head.headers.get("Idempotency-Key")), exchange->head.path, *body});
    co_return response;
  }
  struct File {
    std::string key, path, text;
  };
  std::vector<File> files;
  int calls = 0;
};

struct Rig {
  Rig() {
    simulator = make_documents_simulator(world.simulator_services());
    net::Router router;
    simulator->serve(router);
    url = world.serve(router);
    bus_url = world.serve(net::Handler([this](net::Exchange* exchange) { return bus.take(exchange); }));
    set("{\"bus\":\"" + bus_url + "\",\"key\":\"k\"}");
  }
  void set(const std::string& json) {
    world.on_shard([&] { play::set(*simulator, json); });
  }
  std::string report() {
    return world.on_shard([this] { return simulator->report(); });
  }
  int post(const std::string& event, const std::string& text) {
    net::Call call;
    call.url = url + "/edxml/in";
    call.headers.set("Idempotency-Key", event);
    call.body = text;
    auto reply = world.net().run(post_on(&world.net().shard(), std::move(call)));
    return reply ? reply->status : 0;
  }
  static net::Task<net::CallResult> post_on(net::Shard* shard, net::Call call) {
    return shard->client().call(std::move(call));
  }

  Bus bus;
  std::unique_ptr<adapter::Simulator> simulator;
  std::string url, bus_url;
  play::World world;
};

}  // namespace

TEST_CASE("documents are sent until each has its receipt, and wait for three statuses of every receiver") {
  Rig rig;
  rig.set(R"({"start":4,"at_once":2})");
  REQUIRE(rig.world.until([&] { return figure(rig.simulator->report(), "documents_sent") == "4"; }));
  CHECK(figure(rig.report(), "done") == "false");
  int event = 0;
  for (const auto& file : rig.bus.files) {
    CHECK(file.path == "/edxml/documents");
    const auto document = codec::read_edxml(file.text);
    REQUIRE(document.has_value());
    CHECK(file.key == document->document_id);
    for (const auto& to : document->to)
      for (const char* code : adapter::kReportedStatuses)
        CHECK(rig.post("s" + std::to_string(++event), *adapter::sample_status(*document, to, code, Wall{})) == 200);
  }
  CHECK(event == 18);  // two documents to one receiver, two to both
  CHECK(figure(rig.report(), "done") == "true");
  CHECK(figure(rig.report(), "out_of_order") == "0");
}

TEST_CASE("a received document is answered 01, 03, 06; a repeat is recognised by our event id, or counted") {
  Rig rig;
  adapter::SampleDocument sample;
  sample.from = "H49.02";
  sample.to = {"H22.10"};
  sample.number = 6;
  const std::string text = *adapter::sample_document(sample);
  CHECK(rig.post("e1", text) == 200);
  CHECK(rig.post("e1", text) == 409);
  REQUIRE(rig.world.until([&] { return figure(rig.simulator->report(), "done") == "true"; }));
  REQUIRE(rig.bus.files.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(rig.bus.files[i].path == "/edxml/statuses");
    const auto status = codec::read_edxml(rig.bus.files[i].text);
    REQUIRE(status.has_value());
    CHECK(status->status_code == adapter::kReportedStatuses[i]);
    CHECK(status->to == std::vector<std::string>{"H49.02"});
  }
  CHECK(figure(rig.report(), "duplicated") == "0");
  CHECK(figure(rig.report(), "answered") == "1");
  CHECK(rig.post("e2", text) == 200);
  CHECK(figure(rig.report(), "duplicated") == "1");
}

TEST_CASE("statuses that go back are out of order") {
  Rig rig;
  const auto document = codec::read_edxml(*adapter::sample_document(
      {.from = "H22.10", .to = {"H49.02"}, .number = 1, .file_bytes = 10, .updates = "", .at = {}}));
  REQUIRE(document.has_value());
  CHECK(rig.post("a", *adapter::sample_status(*document, "H49.02", "03", Wall{})) == 200);
  CHECK(rig.post("b", *adapter::sample_status(*document, "H49.02", "01", Wall{})) == 200);
  CHECK(figure(rig.report(), "out_of_order") == "1");
  CHECK(rig.post("c", "no xml") == 400);
  CHECK(figure(rig.report(), "unreadable") == "1");
}
