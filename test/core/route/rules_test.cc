#include "core/route/rules.h"

#include <doctest/doctest.h>

#include "core/base/limits.h"
#include "test/core/route/support.h"

using namespace lt;
using namespace lt::route;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct World {
  config::Diagnostics diagnostics;
  std::shared_ptr<const AgencyDirectory> directory = test::shipped_directory(diagnostics);
  ServedAgencies served;
  KnownNames known{
      {"in", "axis-in"}, {"onestop/dossier", "edxml/document"}, {"axis", "sda", "sdb", "archive"}, {"to-axis"}, {}};
  std::shared_ptr<const Router> router;
  Pairs headers;
  std::vector<BusinessKey> keys;
  UnknownReceiver unknown = UnknownReceiver::refuse_all;

  explicit World(std::string_view yaml) {
    served.add("axis", test::located({"G*", "H*", "vxp.saas.03"}), *directory, diagnostics);
    served.add("sda", test::located({"H49.02"}), *directory, diagnostics);
    served.add("sdb", test::located({"H49.02.05", "H49.03"}), *directory, diagnostics);
    const auto routes = test::read_list(route_spec(), yaml, diagnostics);
    router = Router::compile(routes, served, directory, known, diagnostics);
  }

  Result<Routed> send(std::vector<std::string> to, std::string_view type = "edxml/document",
                      std::string_view from = "H49.01", std::string_view endpoint = "in") const {
    RouteRequest request;
    request.endpoint = endpoint;
    request.type = type;
    request.from = from;
    request.to = to;
    request.headers = headers;
    request.keys = keys;
    request.unknown = unknown;
    request.day = test::day("2026-01-01");
    return router->route(request);
  }
};

// "axis/submit/to-axis[G22,H26] sda//[H49.02]"
std::string text(const Result<Routed>& routed) {
  if (!routed) return code_text(routed.error().code) + " " + routed.error().detail;
  std::string out;
  for (const auto& d : routed->deliveries) {
    out += (out.empty() ? "" : " ") + d.destination + "/" + d.operation + "/" + d.mapping + "[";
    for (const auto& receiver : d.receivers) out += (out.back() == '[' ? "" : ",") + receiver;
    out += "]";
  }
  return out;
}

constexpr std::string_view kByReceiver = R"(
- name: documents
  types: [edxml/document]
  deliver:
    - operation: submit
)";

}  // namespace

TEST_CASE("receivers go to the destination with the longest prefix, grouped") {
  World w(kByReceiver);
  REQUIRE(w.diagnostics.text() == "");
  CHECK(text(w.send({"G22", "H49.02", "H26.01", "H49.02.05", "000.00.03.H49", "H49.02.06", "vxp.saas.03", "H49"})) ==
        "axis/submit/[G22,H26.01,vxp.saas.03,H49] sda/submit/[H49.02,H49.02.06] sdb/submit/[H49.02.05,000.00.03.H49]");
}

TEST_CASE("700 units behind one axis are one delivery") {
  World w(kByReceiver);
  std::vector<std::string> to;
  for (int i = 0; i < 700; ++i) to.push_back("G" + std::to_string(100 + i));
  const auto routed = w.send(to);
  REQUIRE(routed);
  REQUIRE(routed->deliveries.size() == 1);
  CHECK(routed->deliveries[0].receivers == to);
  REQUIRE(routed->deliveries.size() == 1);
  CHECK(routed->deliveries[0].route == "documents");
  to.resize(limits::kReceivers + 1, "G22");
  CHECK(w.send(to).error().code == Code::too_large);
}

TEST_CASE("a receiver named twice, even in both forms, is one receiver") {
  World w(kByReceiver);
  CHECK(text(w.send({"H49.02", "000.00.02.H49", "H49.02"})) == "sda/submit/[H49.02]");
}

TEST_CASE("routes are tried in order, the first per receiver takes it; each deliver entry is served") {
  World w(R"(
- name: ministries
  to: ["G*"]
  deliver:
    - {destination: axis, operation: submit, mapping: to-axis}
    - {destination: archive, operation: store}
- name: rest
  deliver:
    - operation: submit
)");
  REQUIRE(w.diagnostics.text() == "");
  CHECK(text(w.send({"G22", "H49.02", "G01"})) ==
        "axis/submit/to-axis[G22,G01] archive/store/[G22,G01] sda/submit/[H49.02]");
}

TEST_CASE("every condition counts") {
  World w(R"(
- name: narrow
  endpoints: [in]
  types: [onestop/*]
  from: [H49.01]
  to: [H49.02]
  headers: {X-Env: test}
  keys: {Kind: "1"}
  deliver: [{destination: archive}]
)");
  REQUIRE(w.diagnostics.text() == "");
  w.headers = {{"x-env", "test"}};
  w.keys = {{"Kind", "1"}};
  const auto type = "onestop/dossier";
  CHECK(text(w.send({"H49.02"}, type)) == "archive//[H49.02]");
  CHECK(text(w.send({"H49.02"}, type, "H49.01.07")) == "archive//[H49.02]");
  CHECK(text(w.send({"H49.02"}, "edxml/document")) == "LT-3112 no route to H49.02");
  CHECK(text(w.send({"H49.02"}, type, "H49.09")) == "LT-3112 no route to H49.02");
  CHECK(text(w.send({"H49.02"}, type, "")) == "LT-3112 no route to H49.02");
  CHECK(text(w.send({"H49.02"}, type, "H49.01", "axis-in")) == "LT-3112 no route to H49.02");
  CHECK(text(w.send({"H49.03"}, type)) == "LT-3112 no route to H49.03");
  CHECK(text(w.send({}, type)) == "LT-3113 type onestop/dossier at endpoint in");
  w.headers = {{"x-env", "prod"}};
  CHECK_FALSE(w.send({"H49.02"}, type));
  w.headers = {{"x-env", "test"}};
  w.keys = {{"Kind", "2"}};
  CHECK_FALSE(w.send({"H49.02"}, type));
  CHECK(w.send({"H49.02"}, type, "h").error().code == Code::bad_agency_code);
}

TEST_CASE("messages that name no receiver") {
  World w(R"(
- name: for-someone
  types: [onestop/dossier]
  to: [H49]
  deliver: [{destination: sda}]
- name: for-nobody
  types: [onestop/dossier]
  deliver: [{destination: archive}, {destination: axis, operation: submit}]
- name: by-receiver
  types: [edxml/document]
  deliver: [{operation: submit}]
)");
  REQUIRE(w.diagnostics.text() == "");
  CHECK(text(w.send({}, "onestop/dossier")) == "archive//[] axis/submit/[]");
  CHECK(w.send({}, "edxml/document").error().code == Code::no_message_route);
}

TEST_CASE("unknown and closed receivers: refuse all, or accept the rest and say who was left out") {
  World w(kByReceiver);
  CHECK(text(w.send({"G22", "K01"})) == "LT-3112 no destination serves K01");
  CHECK(text(w.send({"H22", "K01", "bad code"}))
            .find("LT-3111 3 receivers refused: H22 is closed since 2025-07-01, "
                  "successor H60; no destination serves K01; ") == 0);
  w.unknown = UnknownReceiver::accept_rest;
  const auto rest = w.send({"K01", "G22", "H22", "bad code"});
  CHECK(text(rest) == "axis/submit/[G22]");
  REQUIRE(rest->refused.size() == 3);
  CHECK(rest->refused[0].first == "K01");
  CHECK(rest->refused[1].second.code == Code::agency_closed);
  CHECK(rest->refused[2].second.code == Code::bad_agency_code);
  CHECK(w.send({"K01"}).error().code == Code::unknown_receiver);
}

TEST_CASE("a refused receiver leaves nothing behind in the deliveries of its route") {
  World w("- name: both\n  deliver: [{destination: archive}, {operation: submit}]\n");
  w.unknown = UnknownReceiver::accept_rest;
  CHECK(text(w.send({"K01", "G22"})) == "archive//[G22] axis/submit/[G22]");
}

TEST_CASE("dangling names, hidden routes and missing keys are all reported at their place") {
  World w(R"(- name: a
  endpoints: [inn]
  types: [onestop/dosier]
  from: [H49, x y]
  deliver: [{destination: axs, mapping: to-axs}]
- name: b
  deliver: []
- name: b
  types: [onestop/dossier]
  to: [H49]
  deliver: [{destination: axis, opration: x}]
- nam: c
  deliver: [{destination: axis}]
)");
  CHECK(test::places(w.diagnostics) ==
        "LT-1007@r.yaml:2:15 LT-1007@r.yaml:3:11 LT-1007@r.yaml:4:15 LT-1007@r.yaml:5:27 LT-1007@r.yaml:5:41 "
        "LT-1006@r.yaml:7:12 LT-1005@r.yaml:8:3 LT-1009@r.yaml:8:3 LT-1002@r.yaml:11:33 LT-1002@r.yaml:12:3 "
        "LT-1004@r.yaml:12:3 LT-1009@r.yaml:12:3");
  // A set that could not be read is no "any": nothing follows from it.
  World broken("- {name: a, to: [x y], deliver: [{}]}\n- {name: b, deliver: [{}]}\n");
  CHECK(test::places(broken.diagnostics) == "LT-1007@r.yaml:1:18");
  CHECK(w.diagnostics.text().find("did you mean \"axis\"?") != std::string::npos);
}

TEST_CASE("a route is hidden only by one that takes everything it would") {
  const auto hidden = [](std::string_view first, std::string_view second) {
    const std::string yaml = "- {name: a, deliver: [{}], " + std::string(first) + "}\n- {name: b, deliver: [{}], " +
                             std::string(second) + "}\n";
    World w(yaml);
    return !w.diagnostics.ok();
  };
  CHECK(hidden("to: [H49]", "to: [H49.02, H49.03.01]"));
  CHECK(hidden("headers: {X-A: 'x'}", "headers: {x-a: 'x', X-B: y}"));
  CHECK(hidden("types: [onestop/*], endpoints: [in]", "types: [onestop/dossier], endpoints: [in]"));
  CHECK_FALSE(hidden("to: [H49.02]", "to: [H49]"));
  CHECK_FALSE(hidden("to: ['*']", "types: [onestop/dossier]"));  // the second also takes messages without receivers
  CHECK_FALSE(hidden("from: ['*']", "to: [H49]"));
  CHECK_FALSE(hidden("keys: {A: '1'}", "keys: {A: '2'}"));
  CHECK_FALSE(hidden("endpoints: [in]", "types: [onestop/dossier]"));
}

TEST_CASE("the same agency served twice names both places") {
  config::Diagnostics d;
  const auto directory = test::shipped_directory(d);
  ServedAgencies served;
  served.add("one", {{"H49.02", {"c.yaml", 3, 12, {}}}}, *directory, d);
  served.add("two", {{"000.00.02.H49", {"c.yaml", 9, 12, {}}}}, *directory, d);
  CHECK(test::places(d) == "LT-1005@c.yaml:9:12");
  CHECK(d.findings()[0].message == "H49.02 is served by two and by one, at c.yaml:3:12");
  CHECK(*served.serving(directory->resolve("H49.02.01").value()) == "one");
  CHECK(served.serving(directory->resolve("H50").value()) == nullptr);
}
