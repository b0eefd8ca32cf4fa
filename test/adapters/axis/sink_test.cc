#include <doctest/doctest.h>

#include "adapters/axis/axis.h"
#include "core/net/multipart.h"
#include "test/support/play.h"

using namespace lt;
using namespace lt::adapters;

namespace {

struct Seen {
  net::RequestHead head;
  std::vector<std::pair<net::Part, std::string>> parts;
  net::Response answer;
};

net::Task<net::Response> take(Seen* seen, net::Exchange* exchange) {
  seen->head = exchange->head;
  seen->parts.clear();
  auto boundary = net::multipart_boundary(exchange->head.headers.get("Content-Type"));
  if (boundary) {
    net::MultipartReader reader(exchange->body, *boundary);
    for (;;) {
      auto part = co_await reader.next();
      if (!part || !*part) break;
      auto text = co_await net::read_all(&reader, 1 << 24);
      seen->parts.emplace_back(**part, text ? *text : std::string("?"));
    }
  }
  co_return seen->answer;
}

struct Rig {
  explicit Rig(const std::string& more = "") {
    url = world.serve(net::Handler([this](net::Exchange* exchange) { return take(&seen, exchange); }));
    config::Diagnostics diagnostics;
    const auto block =
        play::settings("url: " + url + "\nsystem_id: lgsp-22\nsecret: s3cr3t-key\ntimeout: 10m\n" + more, diagnostics);
    auto blueprint = parse_axis_sink(block, diagnostics);
    REQUIRE(diagnostics.ok());
    CHECK(blueprint->sink_class() == SinkClass::none);
    sink = blueprint->make(world.services("axis"));
    seen.answer.body = R"({"status":"OK","ErrorCode":"0","ErrorDesc":"","DocId":"D-9"})";
  }
  Outcome deliver(adapter::Outgoing outgoing) {
    std::vector<adapter::Outgoing> batch;
    batch.push_back(std::move(outgoing));
    return world.net().run(sink->deliver(std::move(batch))).front();
  }
  Outcome judged(int status, const std::string& body) {
    seen.answer = {};
    seen.answer.status = status;
    seen.answer.body = body;
    adapter::Outgoing outgoing;
    outgoing.event_id = "e-0";
    outgoing.body = "<edXML/>";
    return deliver(std::move(outgoing));
  }

  std::unique_ptr<adapter::Sink> sink;
  Seen seen;
  std::string url;
  play::World world;
};

}  // namespace

TEST_CASE("a document goes as multipart with the account in the headers; the number of the axis comes back") {
  Rig rig;
  adapter::Outgoing outgoing;
  outgoing.event_id = "0190-1";
  outgoing.body = "<edXML>\r\n--văn bản</edXML>";
  const Outcome outcome = rig.deliver(std::move(outgoing));
  CHECK(outcome.kind == OutcomeKind::delivered);
  CHECK(outcome.reference == "D-9");
  CHECK(rig.seen.head.method == "POST");
  CHECK(rig.seen.head.path == "/v1/sendEdoc");
  CHECK(rig.seen.head.headers.get("X-SystemId") == "lgsp-22");
  CHECK(rig.seen.head.headers.get("X-SecretKey") == "s3cr3t-key");
  REQUIRE(rig.seen.parts.size() == 2);
  CHECK(rig.seen.parts[0].first.name == "edocFile");
  CHECK(rig.seen.parts[0].first.filename == "0190-1.edxml");
  CHECK(rig.seen.parts[0].first.content_type == "application/octet-stream");
  CHECK(rig.seen.parts[0].second == "<edXML>\r\n--văn bản</edXML>");
  CHECK(rig.seen.parts[1].first.name == "messageType");
  CHECK(rig.seen.parts[1].second == "edoc");
}

TEST_CASE("a status is sent as such; a large file is streamed") {
  Rig rig;
  const std::string large(3'000'000, 'x');
  adapter::Outgoing outgoing;
  outgoing.event_id = "0190-2";
  outgoing.operation = "status";
  outgoing.stream = std::make_shared<MemorySource>(large);
  CHECK(rig.deliver(std::move(outgoing)).kind == OutcomeKind::delivered);
  REQUIRE(rig.seen.parts.size() == 2);
  CHECK(rig.seen.parts[0].second == large);
  CHECK(rig.seen.parts[1].second == "status");
}

TEST_CASE("replies of the axis: codes as text or number") {
  Rig rig;
  const auto with_code = [&](const std::string& code) {
    return rig.judged(200, R"({"status":"FAIL","ErrorCode":)" + code + R"(,"ErrorDesc":"loi"})").kind;
  };
  CHECK(rig.judged(200, R"({"status":"OK","ErrorCode":0,"ErrorDesc":"","DocId":17})").kind == OutcomeKind::delivered);
  CHECK(rig.judged(200, R"({"status":"ok","ErrorCode":"0","ErrorDesc":""})").kind == OutcomeKind::delivered);
  for (const char* code : {"10", "15", "18", "19", "21", "22", "23"}) {
    CHECK(with_code(code) == OutcomeKind::permanent);
    CHECK(with_code('"' + std::string(code) + '"') == OutcomeKind::permanent);
  }
  CHECK(with_code("20") == OutcomeKind::retry);
  CHECK(with_code("\"20\"") == OutcomeKind::retry);
  CHECK(rig.judged(503, "").kind == OutcomeKind::retry);
  CHECK(rig.judged(500, "loi").kind == OutcomeKind::retry);
  CHECK(rig.judged(404, "").kind == OutcomeKind::permanent);
}

TEST_CASE("what does not say clearly that it was taken is ambiguous") {
  Rig rig;
  CHECK(rig.judged(200, R"({"status":"FAIL","ErrorCode":"0","ErrorDesc":"token ok"})").kind == OutcomeKind::ambiguous);
  CHECK(rig.judged(200, R"({"ErrorCode":"0","ErrorDesc":""})").kind == OutcomeKind::ambiguous);
  CHECK(rig.judged(200, "<html>OK</html>").kind == OutcomeKind::ambiguous);
  CHECK(rig.judged(200, R"({"status":"FAIL","ErrorCode":"99","ErrorDesc":""})").kind == OutcomeKind::ambiguous);
  CHECK(rig.judged(0, "").kind == OutcomeKind::ambiguous);  // closed without an answer
}

TEST_CASE("the secret does not come back into the journal; rules of the configuration come first") {
  Rig rig("replies:\n  - {codes: [\"15\"], is: retry, scope: lane}\n");
  const Outcome outcome = rig.judged(200, R"({"status":"FAIL","ErrorCode":15,"ErrorDesc":"sai khoa s3cr3t-key"})");
  CHECK(outcome.kind == OutcomeKind::retry);
  CHECK(outcome.scope == RetryScope::lane);
  CHECK(outcome.detail.find("s3cr3t-key") == std::string::npos);
  CHECK(outcome.detail.find("sai khoa ***") != std::string::npos);
}

TEST_CASE("a block without its secret is refused where it stands") {
  config::Diagnostics diagnostics;
  const auto block = play::settings("url: http://truc.example.vn\nsystem_id: a\n", diagnostics);
  parse_axis_sink(block, diagnostics);
  CHECK_FALSE(diagnostics.ok());
}

TEST_CASE("a file that is taken, but not for everybody: who does not get it is told by receiver") {
  Rig rig;
  rig.seen.answer.body =
      R"({"status":"OK","ErrorCode":0,"ErrorDesc":"","DocId":"D-1","data":[
        {"toCode":"H49.02","sendStatus":"DONE"},{"toCode":"000.00.03.H49","sendStatus":"FAIL","sendStatusDesc":"đã đóng, s3cr3t-key"},
        {"toCode":"H01","sendStatus":"fail"},"?"]})";
  adapter::Outgoing outgoing;
  outgoing.event_id = "e-0";
  outgoing.body = "<edXML/>";
  outgoing.receivers = {"H49.02", "H49.03", "H49.04"};
  const Outcome outcome = rig.deliver(std::move(outgoing));
  CHECK(outcome.kind == OutcomeKind::delivered);
  REQUIRE(outcome.receivers.size() == 1);
  CHECK(outcome.receivers[0].receiver == "H49.03");
  CHECK(outcome.receivers[0].kind == OutcomeKind::permanent);
  CHECK(outcome.receivers[0].detail == "đã đóng, ***");
}
