// One message to many: calls of several steps, documents to hundreds of units; on real sockets.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/catalog/catalog.h"
#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

struct Step {
  std::string dossier, unit, state = "4";
};

std::string call_of(const std::vector<Step>& steps) {
  std::string out = R"({"madonvi":"G22","service":"CapNhatTienDoHoSoMC","data":[)";
  for (size_t i = 0; i < steps.size(); ++i)
    out += fmt::format(
        R"({}{{"MaHoSo":"{}","MaDonViTiepNhan":"{}","ThoiDiemXuLy":"202611200830{:02}","NoiDungXuLy":"bước {}","TrangThai":"{}"}})",
        i ? "," : "", steps[i].dossier, steps[i].unit, i % 60, i + 1, steps[i].state);
  return out + "]}";
}

const std::string kA = "H49.01-261120-00001", kB = "H49.02-261120-00002", kC = "H49.01-261120-00003";

// As a client of the national portal sends them: ten at a time, whatever they are about.
std::vector<Step> ten_steps() {
  return {{kA, "H49.01"}, {kB, "H49.02"}, {kA, "H49.01"}, {kC, "H49.01"}, {kB, "H49.02"},
          {kA, "H49.01"}, {kC, "H49.01"}, {kB, "H49.02"}, {kC, "H49.01"}, {kA, "H49.01"}};
}

// A one-stop system that takes steps, but not the one it is told to refuse.
struct OneStop {
  explicit OneStop(const Clock& clock) : partner(clock) {
    partner.script([this](const std::string& path, const std::string& body) {
      const std::lock_guard lock(mutex);
      const std::string step = member(body, "NoiDungXuLy");
      if (step == refused) return std::string(R"({"error_code":-1,"message":"không nhận bước này"})");
      taken[path].push_back(step);
      events.insert(member(body, "EventId"));
      return std::string(R"({"error_code":"0","message":"thành công"})");
    });
  }
  void refuse(std::string step) {
    const std::lock_guard lock(mutex);
    refused = std::move(step);
  }
  std::vector<std::string> of(const std::string& dossier) {
    const std::lock_guard lock(mutex);
    return taken["/dossiers/" + dossier + "/progress"];
  }
  std::mutex mutex;
  std::string refused;
  std::map<std::string, std::vector<std::string>> taken;
  std::set<std::string> events;
  Partner partner;
};

struct Province {
  Province() : a(bed.clock), b(bed.clock) {
    bed.configure(
        "endpoints:\n  steps: {adapter: http, type: portal/progress, settings: {listener: main, path: /steps}}\n"
        "destinations:\n  a: {adapter: onestop, serves: [H49.01], settings: {timeout: 24h, url: \"" +
        a.partner.url() + "\"}}\n  b: {adapter: onestop, serves: [H49.02], settings: {timeout: 24h, url: \"" +
        b.partner.url() +
        "\"}}\nroutes:\n"
        "  - {name: steps, types: [portal/progress], to: [H49], deliver: [{mapping: portal-step-to-onestop}]}\n");
    bed.start();
  }
  Bed bed;
  OneStop a, b;
};

using Words = std::vector<std::string>;

std::vector<std::shared_ptr<const Message>> accepted(Bed& bed) {
  std::vector<std::shared_ptr<const Message>> out;
  for (const auto& [position, fact] : bed.facts())
    if (const auto* one = std::get_if<AcceptedFact>(&fact)) out.push_back(one->message);
  return out;
}

catalog::MessageDetails details_of(Bed& bed, const net::Response& answer) {
  const auto id = Id::parse(member(answer.body, "message_id"));
  REQUIRE(id);
  bed.bus().catalog().wait_until(bed.facts().back().first);
  auto details = bed.bus().catalog().details(*id);
  REQUIRE(details);
  return std::move(*details);
}

// The source tree's schemas and one type more.
void add_type(Bed& bed, const std::string& name, const std::string& text) {
  const std::string folder = bed.folder() + "/schemas";
  if (bed.schemas != folder) std::filesystem::copy(bed.schemas, folder, std::filesystem::copy_options::recursive);
  bed.schemas = folder;
  const std::string file = folder + "/" + name + ".type.yaml";
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(file) << "type: " << name << "\ntitle: {vi: thử, en: test}\n" << text;
}

std::string one_way(const Partner& partner, const std::string& type) {
  return "endpoints:\n  in: {adapter: http, type: " + type +
         ", settings: {listener: main, path: /in}}\n"
         "destinations:\n  out: {adapter: http, settings: {url: \"" +
         partner.url() + "\", class: partner_idempotent, timeout: 24h}}\nroutes:\n  - {name: all, types: [" + type +
         "], deliver: [{destination: out}]}\n";
}

}  // namespace

TEST_CASE(
    "a call of ten steps of three dossiers: one record, one body, each step to its system, in order per dossier") {
  Province p;
  const auto answer = p.bed.post("/steps", call_of(ten_steps()));
  REQUIRE(answer.status == 202);
  REQUIRE(p.bed.until([&] { return p.bed.lane("a").delivered == 7 && p.bed.lane("b").delivered == 3; }));
  CHECK(p.a.of(kA) == Words{"bước 1", "bước 3", "bước 6", "bước 10"});
  CHECK(p.a.of(kC) == Words{"bước 4", "bước 7", "bước 9"});
  CHECK(p.b.of(kB) == Words{"bước 2", "bước 5", "bước 8"});
  CHECK(p.a.events.size() + p.b.events.size() == 10);  // no two are taken for one

  const auto messages = accepted(p.bed);
  REQUIRE(messages.size() == 1);
  const Envelope& envelope = messages[0]->envelope;
  CHECK(messages[0]->body.view() == call_of(ten_steps()));
  CHECK(envelope.parts.size() == 10);
  CHECK(envelope.deliveries.size() == 10);
  CHECK(envelope.keys.size() == 3);
  CHECK(envelope.order_key.empty());
  CHECK(order_key_of(envelope, envelope.deliveries[3]) == "dossier:" + kC);
  const auto details = details_of(p.bed, answer);
  CHECK(details.reach.receivers == 10);
  CHECK(details.reach.delivered == 10);
  CHECK(details.deliveries[3].part == 4);
  for (const auto& dossier : {kA, kB, kC})
    CHECK(p.bed.bus().catalog().timeline(dossier)->messages == std::vector{envelope.id});
}

TEST_CASE("a refused step parks its own dossier only; replayed, the steps of that dossier follow in order") {
  Province p;
  p.a.refuse("bước 3");
  p.b.partner.answer(503);
  const auto answer = p.bed.post("/steps", call_of(ten_steps()));
  REQUIRE(answer.status == 202);
  REQUIRE(p.bed.until([&] { return p.bed.lane("a").delivered == 4 && p.bed.lane("a").dead == 1; }));
  CHECK(p.a.of(kA) == Words{"bước 1"});
  CHECK(p.a.of(kC) == Words{"bước 4", "bước 7", "bước 9"});
  // A later call about the same dossier waits behind the earlier one.
  REQUIRE(p.bed.post("/steps", call_of({{kA, "H49.01"}, {kC, "H49.01"}})).status == 202);
  REQUIRE(p.bed.until([&] { return p.bed.lane("a").behind == 3 && p.bed.lane("a").delivered == 5; }));
  auto details = details_of(p.bed, answer);
  CHECK(details.reach.delivered == 4);
  CHECK(details.reach.failed == 1);
  CHECK(details.reach.waiting == 5);

  SUBCASE("in the same life") {}
  SUBCASE("after a restart") {
    p.bed.stop();
    p.bed.start();
  }
  p.a.refuse("");
  ActionFact replay;
  replay.by = "Lan";
  replay.why = "đã sửa";
  for (const auto& waiting : p.bed.pending())
    if (waiting.state == DeliveryState::dead) replay.delivery = waiting.id;
  CHECK(replay.delivery.ordinal == 2);
  CHECK_FALSE(p.bed.operate(replay));
  REQUIRE(p.a.partner.until([&](const auto&) { return p.a.of(kA).size() == 5; }));
  CHECK(p.a.of(kA) == Words{"bước 1", "bước 3", "bước 6", "bước 10", "bước 1"});
  p.b.partner.answer(200);
  REQUIRE(p.bed.until([&] { return p.b.of(kB).size() == 3; }, 1s));
  CHECK(p.b.of(kB) == Words{"bước 2", "bước 5", "bước 8"});
}

TEST_CASE("steps answer the dossiers they are about, each its own") {
  Province p;
  const auto ask = [&](const std::string& dossier) {
    return p.bed.post("/dossiers", replaced(onestop_dossier(), "H49.02.05-260701-0042", dossier));
  };
  p.bed.stop();
  p.bed.configure(
      "endpoints:\n  steps: {adapter: http, type: portal/progress, settings: {listener: main, path: /steps}}\n"
      "  dossiers: {adapter: http, type: onestop/dossier, settings: {listener: main, path: /dossiers}}\n"
      "destinations:\n  portal: {adapter: http, settings: {timeout: 24h, class: partner_idempotent, url: \"" +
      p.b.partner.url() + "\"}}\n  a: {adapter: onestop, serves: [H49], settings: {timeout: 24h, url: \"" +
      p.a.partner.url() +
      "\"}}\nroutes:\n"
      "  - {name: steps, types: [portal/progress], to: [H49], deliver: [{mapping: portal-step-to-onestop}]}\n"
      "  - {name: up, types: [onestop/dossier], deliver: [{destination: portal}]}\n");
  p.bed.start();
  const auto first = ask(kA), second = ask(kC), third = ask(kB);
  REQUIRE(third.status == 202);
  const auto steps = p.bed.post(
      "/steps", call_of({{kA, "H49.01", "2"}, {kC, "H49.01", "1"}, {kA, "H49.01", "9"}, {kC, "H49.01", "3"}}));
  REQUIRE(steps.status == 202);
  REQUIRE(p.bed.until([&] { return p.bed.lane("portal").delivered == 3 && p.bed.lane("a").delivered == 4; }));
  const auto read = details_of(p.bed, first), refused = details_of(p.bed, second), silent = details_of(p.bed, third);
  CHECK(read.reach.read == 1);
  CHECK(read.deliveries[0].receivers[0].answer->code == "9");
  CHECK(refused.reach.refused == 1);
  CHECK(silent.reach.silent == 1);
  CHECK(read.answers == std::vector{*Id::parse(member(steps.body, "message_id"))});
}

TEST_CASE("no part, too many, one without its key, one that leads nowhere: refused whole, nothing kept") {
  Province p;
  const auto refused = [&](const std::string& body, int status, const std::string& what) {
    const auto answer = p.bed.post("/steps", body);
    CAPTURE(answer.body);
    CHECK(answer.status == status);
    CHECK(has(answer.body, what));
  };
  refused(call_of({}), 422, "LT-3042");
  refused(call_of(std::vector<Step>(501, {kA, "H49.01"})), 422, "more than 500 parts");
  refused(replaced(call_of(ten_steps()), "\"MaHoSo\":\"" + kC + "\",", ""), 422, "$.data[3]");
  refused(replaced(call_of(ten_steps()), "\"MaDonViTiepNhan\":\"H49.02\"", "\"MaDonViTiepNhan\":\"H22\""), 422, "H22");
  refused(std::string((8 << 20) + 1, ' ') + call_of(ten_steps()), 413, "LT-3004");
  CHECK(accepted(p.bed).empty());
  CHECK(p.bed.post("/steps", call_of(std::vector<Step>(500, {kA, "H49.01"}))).status == 202);
}

TEST_CASE(
    "without a mapping a part is a document of its own: an item of a JSON list, with a file too large for a tree") {
  Bed bed;
  Partner partner(bed.clock);
  add_type(bed, "test/list",
           "format: json\nsplit: $\norder_key: {space: t, path: $.k}\n"
           "attachments: [{path: \"$.tep\", carrier: base64}]\n");
  bed.configure(one_way(partner, "test/list"));
  bed.start();
  const std::string file(200'000, 'A');
  REQUIRE(bed.post("/in", R"([{"k":"1","x":[1.10,"á"]},{"k":2,"tep":")" + file + R"("},{"k":"1","y":null}])").status ==
          202);
  REQUIRE(partner.until_got(3));
  std::set<std::string> bodies;
  for (const auto& got : partner.got()) bodies.insert(got.body);
  CHECK(bodies == std::set<std::string>{R"({"k":"1","x":[1.10,"á"]})", R"({"k":2,"tep":")" + file + R"("})",
                                        R"({"k":"1","y":null})"});
  const auto messages = accepted(bed);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0]->body.stored());
  CHECK(messages[0]->envelope.attachments.size() == 1);
}

TEST_CASE("a part of XML keeps its namespaces and attributes") {
  Bed bed;
  Partner partner(bed.clock);
  add_type(bed, "test/steps", "format: xml\nsplit: $.Steps.Step\norder_key: {space: t, path: $.Steps.Step.@id}\n");
  bed.configure(one_way(partner, "test/steps"));
  bed.start();
  const std::string call =
      R"(<c:Call xmlns:c="urn:c" xmlns:s="urn:s"><Steps><s:Step id="1" s:kind="k"><s:Name>á &amp; b</s:Name><c:Of/></s:Step>)"
      R"(<s:Step id="2"><Plain>x</Plain></s:Step></Steps></c:Call>)";
  REQUIRE(bed.post("/in", call, {{"Content-Type", "application/xml"}}).status == 202);
  REQUIRE(partner.until_got(2));
  std::set<std::string> bodies;
  for (const auto& got : partner.got()) bodies.insert(got.body.substr(got.body.find("?>\n") + 3));
  CHECK(bodies == std::set<std::string>{R"(<Step xmlns="urn:s" xmlns:n2="urn:c" xmlns:n3="urn:s" id="1" n3:kind="k">)"
                                        R"(<Name>á &amp; b</Name><n2:Of/></Step>)",
                                        R"(<Step xmlns="urn:s" id="2"><Plain xmlns="">x</Plain></Step>)"});
}

TEST_CASE("a document to 700 units behind one axis: one record, one stored body, one send, an answer of each") {
  Bed bed;
  Partner axis(bed.clock), office(bed.clock);
  const auto out = [](const std::string& name, const Partner& partner, const std::string& serves) {
    return "  " + name + ": {adapter: http, serves: [" + serves +
           "], settings: {timeout: 24h, class: " + "partner_idempotent, url: \"" + partner.url() + "\"}}\n";
  };
  bed.configure(
      "endpoints:\n  docs: {adapter: http, type: edxml/document, settings: {listener: main, path: /docs}}\n"
      "  statuses: {adapter: http, type: edxml/status, settings: {listener: main, path: /statuses}}\n"
      "destinations:\n" +
      out("axis", axis, "H49") + out("office", office, "H05") +
      "routes:\n  - {name: all, types: [\"edxml/*\"], to: [\"*\"], deliver: [{}]}\n");
  bed.start();
  const std::string head =
      R"(<edXML xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXML:edXMLEnvelope><edXML:edXMLHeader><edXML:MessageHeader>)";
  const std::string tail = "</edXML:MessageHeader></edXML:edXMLHeader></edXML:edXMLEnvelope></edXML>";
  const auto organ = [](const std::string& element, const std::string& id, const std::string& more = "") {
    return fmt::format("<edXML:{0}><edXML:OrganId>{1}</edXML:OrganId>{2}</edXML:{0}>", element, id, more);
  };
  const std::string number = "<edXML:DocumentId>H05.10,2026/11/20,12/UBND</edXML:DocumentId>";
  std::string document = head + organ("From", "H05.10");
  for (int i = 0; i < 700; ++i) document += organ("To", fmt::format("H49.{}", 100 + i));
  document += number + "<edXML:Subject>" + std::string(70'000, 'x') + "</edXML:Subject>" + tail;
  const Bed::HeaderList xml = {{"Content-Type", "application/xml"}};
  const auto sent = bed.post("/docs", document, xml);
  CAPTURE(sent.body);
  REQUIRE(sent.status == 202);
  REQUIRE(axis.until_got(1));
  for (int i = 0; i < 30; ++i) {
    const std::string status = fmt::format("<edXML:StatusCode>{}</edXML:StatusCode>", i < 5    ? "2"
                                                                                      : i < 25 ? "03"
                                                                                               : "01");
    const auto answer = bed.post(
        "/statuses",
        head + organ("ResponseFor", "H05.10", number) + organ("From", fmt::format("H49.{}", 100 + i)) + status + tail,
        xml);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 202);
  }
  REQUIRE(bed.until([&] { return bed.lane("office").delivered == 30 && bed.lane("axis").delivered == 1; }));
  CHECK(axis.calls() == 1);
  const auto messages = accepted(bed);
  REQUIRE(messages.size() == 31);
  CHECK(messages[0]->body.stored());
  REQUIRE(messages[0]->envelope.deliveries.size() == 1);
  CHECK(messages[0]->envelope.deliveries[0].receivers.size() == 700);
  size_t blobs = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bed.folder() + "/data/blobs"))
    blobs += entry.is_regular_file();
  CHECK(blobs == 1);
  const auto details = details_of(bed, sent);
  CHECK(details.reach.receivers == 700);
  CHECK(details.reach.delivered == 700);
  CHECK(details.reach.refused == 5);
  CHECK(details.reach.read == 20);
  CHECK(details.reach.noted == 5);
  CHECK(details.reach.silent == 670);
  CHECK(details.answers.size() == 30);
}
