#include <doctest/doctest.h>

#include <map>

#include "adapters/axis/axis.h"
#include "core/adapter/document_play.h"
#include "test/support/play.h"

using namespace lt;
using namespace lt::adapters;
using play::figure;

namespace {

// The bus's two sides of the axis, and the simulated axis on a real socket.
struct Rig {
  explicit Rig(const std::string& more = "at_once: 8\n") {
    simulator = make_axis_simulator(world.simulator_services());
    net::Router router;
    simulator->serve(router);
    const std::string account =
        "url: " + world.serve(router) + "/\nsystem_id: lienthong\nsecret: demo-secret\ntimeout: 10m\n";
    config::Diagnostics diagnostics;
    const auto in = play::settings(account + "principal: axis\nevery: 20ms\n" + more, diagnostics);
    const auto out = play::settings(account, diagnostics);
    const auto source_blueprint = parse_axis_source(in, diagnostics);
    sink = parse_axis_sink(out, diagnostics)->make(world.services("to-axis"));
    REQUIRE(diagnostics.ok());
    const auto references = source_blueprint->references();
    REQUIRE(references.principals.size() == 1);
    CHECK(references.principals[0].value == "axis");
    source = source_blueprint->make(world.services("from-axis"), &intake);
  }
  void poll() { world.net().shard().spawn("source", source->run(&intake)); }
  void set(const std::string& json) {
    world.on_shard([&] { play::set(*simulator, json); });
  }
  std::string report() {
    return world.on_shard([this] { return simulator->report(); });
  }
  bool until(const std::string& name, const std::string& value) {
    return world.until([&] { return figure(simulator->report(), name) == value; });
  }
  bool rounds(int n) {  // the inbox was listed `n` times more, for documents and for statuses
    const long from = std::stol(figure(report(), "lists"));
    return world.until([&] { return std::stol(figure(simulator->report(), "lists")) >= from + 2 * n; });
  }
  uint64_t poll_failures() {
    return world.net().metrics.counter("lienthong_poll_failures_total", "", {{"endpoint", "from-axis"}}).value();
  }
  Outcome send(std::string file, std::string operation = "") {
    std::vector<adapter::Outgoing> batch(1);
    batch[0].event_id = "e";
    batch[0].operation = std::move(operation);
    batch[0].body = std::move(file);
    return world.net().run(sink->deliver(std::move(batch))).front();
  }

  play::FakeIntake intake;
  std::unique_ptr<adapter::Simulator> simulator;
  std::unique_ptr<adapter::Source> source;
  std::unique_ptr<adapter::Sink> sink;
  play::World world;
};

std::string document(int64_t number, std::vector<std::string> to) {
  adapter::SampleDocument sample;
  sample.from = "H22.10";
  sample.to = std::move(to);
  sample.number = number;
  return *adapter::sample_document(sample);
}

}  // namespace

TEST_CASE("what the inbox lists is submitted once, in the sender's order, whole, and only then acknowledged") {
  Rig rig;
  rig.set(R"({"start":12,"list_twice":0.5,"raw":0.5,"big_every":5,"big_bytes":1500000,"update_every":4})");
  std::vector<std::string> acknowledged_at_submit;
  rig.intake.decide = [&](const adapter::Inbound&) {
    acknowledged_at_submit.push_back(figure(rig.simulator->report(), "acknowledged_done"));
    return Result<adapter::Submitted>(adapter::Submitted{});
  };
  rig.poll();
  REQUIRE(rig.until("acknowledged_done", "12"));
  REQUIRE(rig.intake.taken.size() == 12);
  CHECK(acknowledged_at_submit.front() == "0");
  adapter::DocumentLedger ledger;
  for (size_t i = 0; i < 12; ++i) {
    const auto& taken = rig.intake.taken[i];
    CHECK(taken.inbound.type == "edxml/document");
    CHECK(taken.inbound.principal == "axis");
    CHECK(taken.inbound.polled);
    CHECK(taken.inbound.idempotency_key.starts_with("edoc/"));
    const auto read = codec::read_edxml(taken.bytes);
    REQUIRE(read.has_value());
    CHECK(read->code_number == std::to_string(i + 1));
    CHECK(read->hops == std::vector<std::string>{"H49.02", "H49.00"});
    ledger.document(*read, "H22.10");
  }
  const std::string sent = rig.report();
  const std::string got = '{' + ledger.report() + '}';
  Tree sent_tree, got_tree;
  REQUIRE(codec::parse_json(sent, sent_tree).has_value());
  REQUIRE(codec::parse_json(got, got_tree).has_value());
  std::string sent_text, got_text;
  REQUIRE(codec::write_json(sent_tree.root()->find("sent_documents"), sent_text).has_value());
  REQUIRE(codec::write_json(got_tree.root()->find("received_documents"), got_text).has_value());
  CHECK(sent_text == got_text);
  CHECK(figure(got, "out_of_order") == "0");
  CHECK(figure(sent, "acknowledged_unfetched") == "0");
  CHECK(figure(sent, "inbox") == "0");
}

TEST_CASE("no acknowledgement when the file could not be accepted; the sender's later files wait for it") {
  Rig rig;
  rig.set(R"({"start":3})");
  bool full = true;
  rig.intake.decide = [&](const adapter::Inbound&) -> Result<adapter::Submitted> {
    if (full) return fail(Code::disk_full);
    return adapter::Submitted{};
  };
  rig.poll();
  REQUIRE(rig.rounds(5));
  CHECK(figure(rig.report(), "acknowledged_done") == "0");
  CHECK(figure(rig.report(), "acknowledged_fail") == "0");
  CHECK(figure(rig.report(), "inbox") == "3");
  const size_t tried = rig.world.on_shard([&] {
    full = false;
    return rig.intake.submits;
  });
  CHECK(tried >= 5);
  REQUIRE(rig.until("acknowledged_done", "3"));
  REQUIRE(rig.intake.taken.size() == 3);
  for (size_t i = 0; i < 3; ++i)
    CHECK(codec::read_edxml(rig.intake.taken[i].bytes)->code_number == std::to_string(i + 1));
}

TEST_CASE("a file that was kept but not understood is acknowledged with fail") {
  Rig rig;
  rig.set(R"({"start":2})");
  rig.intake.decide = [&](const adapter::Inbound&) -> Result<adapter::Submitted> {
    adapter::Submitted submitted;
    if (rig.intake.submits == 1) submitted.dead = Error(Code::bad_xml, "broken");
    return submitted;
  };
  rig.poll();
  REQUIRE(rig.until("inbox", "0"));
  CHECK(figure(rig.report(), "acknowledged_fail") == "1");
  CHECK(figure(rig.report(), "acknowledged_done") == "1");
}

TEST_CASE("an acknowledgement that failed is said again without accepting the file twice") {
  Rig rig;
  rig.set(R"({"start":1})");
  rig.intake.decide = [&](const adapter::Inbound&) -> Result<adapter::Submitted> {
    play::set(*rig.simulator, R"({"error":1})");
    return adapter::Submitted{};
  };
  rig.poll();
  REQUIRE(rig.world.until([&] { return rig.poll_failures() >= 2; }));
  CHECK(figure(rig.report(), "inbox") == "1");
  rig.set(R"({"error":0})");
  REQUIRE(rig.until("acknowledged_done", "1"));
  CHECK(rig.intake.submits == 1);
}

TEST_CASE("a list that is no JSON is a failed poll, not an empty inbox that nobody hears of") {
  Rig rig;
  rig.set(R"({"bad_list":1,"start":1})");
  rig.poll();
  REQUIRE(rig.world.until([&] { return rig.poll_failures() >= 4; }));
  CHECK(rig.intake.submits == 0);
  rig.set(R"({"bad_list":0})");
  CHECK(rig.until("acknowledged_done", "1"));
}

TEST_CASE("a file that is too large stays in the inbox and holds nobody up for ever") {
  Rig rig("document_limit: 100KB\n");
  rig.set(R"({"start":3,"big_every":2,"big_bytes":300000})");
  rig.poll();
  REQUIRE(rig.until("acknowledged_done", "2"));
  CHECK(rig.intake.taken.size() == 2);
  CHECK(figure(rig.report(), "inbox") == "1");
}

TEST_CASE("documents out, statuses back: each sender's statuses of a document come in their order") {
  Rig rig;
  for (int64_t i = 1; i <= 20; ++i) {
    std::vector<std::string> to{"H49.02"};
    if (i % 2 == 0) to.push_back("G15.01");
    REQUIRE(rig.send(document(i, std::move(to))).kind == OutcomeKind::delivered);
  }
  rig.poll();
  REQUIRE(rig.until("acknowledged_done", "90"));  // (10 + 2 * 10) receivers, three statuses each
  adapter::DocumentLedger ledger;
  for (const auto& taken : rig.intake.taken) {
    CHECK(taken.inbound.type == "edxml/status");
    const auto read = codec::read_edxml(taken.bytes);
    REQUIRE(read.has_value());
    ledger.status(*read);
  }
  const std::string got = '{' + ledger.report() + '}';
  CHECK(figure(got, "statuses_received") == "90");
  CHECK(figure(got, "duplicated") == "0");
  CHECK(figure(got, "out_of_order") == "0");
  CHECK(figure(rig.report(), "done") == "true");
  CHECK(figure(rig.report(), "documents_received") == "30");
}

TEST_CASE("the simulated axis refuses as the real one, and counts what took effect twice") {
  Rig rig;
  const std::string good = document(1, {"H49.02"});
  CHECK(rig.send(document(1, {"X99"})).detail.find("code 18") != std::string::npos);
  CHECK(rig.send("no xml").detail.find("code 22") != std::string::npos);
  CHECK(rig.send(good, "status").detail.find("code 22") != std::string::npos);
  rig.set(R"({"bus_agencies":"H23"})");
  CHECK(rig.send(good).detail.find("code 19") != std::string::npos);
  rig.set(R"({"bus_agencies":"H22.10","secret":"other"})");
  CHECK(rig.send(good).detail.find("code 15") != std::string::npos);
  rig.set(R"({"secret":"demo-secret"})");
  CHECK(rig.send(good).kind == OutcomeKind::delivered);
  CHECK(rig.send(good).kind == OutcomeKind::delivered);
  const std::string report = rig.report();
  CHECK(figure(report, "duplicated") == "1");
  CHECK(figure(report, "documents_received") == "1");
  CHECK(figure(report, "refused") == "5");
}
