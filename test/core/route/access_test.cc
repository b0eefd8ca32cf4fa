#include "core/route/access.h"

#include <doctest/doctest.h>

#include "test/core/route/support.h"

using namespace lt;
using namespace lt::route;

namespace {

std::string hash_of(std::string_view key) { return "sha256:" + hex(sha256(key)); }

struct Keys {
  std::map<std::string, PrincipalConfig> principals;
};
const config::Spec<Keys>& keys_spec() {
  static const auto spec =
      config::Spec<Keys>("configuration").map("principals", &Keys::principals, principal_spec(), {});
  return spec;
}
std::shared_ptr<const Principals> read_keys(const std::string& yaml, config::Diagnostics& d) {
  return Principals::compile(keys_spec().read(config::parse_yaml(yaml, "r.yaml", d), d).principals, d);
}

constexpr std::string_view kRights = R"(
- principals: [sda, sdb]
  from: [H49.02]
  types: [onestop/*]
  to: [H49, vxp.saas.03]
  purpose: một cửa
- principals: [sda]
  from: [H49.02.05]
  types: [edxml/document]
  to: ["G*"]
  purpose: văn bản
- principals: [sda]
  from: [H49.02]
  types: [onestop/dossier]
  to: [G22]
  purpose: cổng quốc gia
)";

struct World {
  config::Diagnostics diagnostics;
  std::shared_ptr<const AgencyDirectory> directory = test::shipped_directory(diagnostics);
  KnownNames known{{}, {"onestop/dossier", "edxml/document"}, {}, {}, {"sda", "sdb", "sdc"}};
  std::shared_ptr<const AccessRights> rights;
  explicit World(std::string_view yaml = kRights) {
    rights = AccessRights::compile(test::read_list(right_spec(), yaml, diagnostics), directory, known, diagnostics);
  }
  std::string ask(std::string_view principal, std::string_view from, std::string_view type,
                  std::vector<std::string> to) const {
    const auto answer = rights->check(principal, from, type, to);
    if (!answer) return code_text(answer.error().code) + " " + answer.error().detail;
    std::string out;
    for (const auto& purpose : *answer) out += (out.empty() ? "" : ", ") + purpose;
    return out;
  }
};

}  // namespace

TEST_CASE("keys: found by hash, old and next, disabled ones look unknown") {
  config::Diagnostics d;
  const auto principals =
      read_keys("principals:\n  sda: {key: \"" + hash_of("alpha") + "\", next_key: \"" + hash_of("beta") +
                    "\"}\n  sdb: {key: \"" + hash_of("gamma") + "\", enabled: false}\n  axis: {description: polled}\n",
                d);
  REQUIRE(d.text() == "");
  CHECK(principals->authenticate("alpha").value() == "sda");
  CHECK(principals->authenticate("beta").value() == "sda");
  for (const auto& wrong : {std::string("gamma"), std::string("Alpha"), std::string(), hash_of("alpha")}) {
    CAPTURE(wrong);
    const auto answer = principals->authenticate(wrong);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Code::unauthenticated);
    CHECK(answer.error().detail.empty());
  }
  CHECK(info(Code::unauthenticated).http_status == 401);
  CHECK(principals->names() == std::vector<std::string>{"axis", "sda", "sdb"});
}

TEST_CASE("a key in clear or shared is refused and never shown") {
  config::Diagnostics d;
  read_keys("principals:\n  a:\n    key: hunter2\n  b: {key: \"" + hash_of("x") + "\"}\n  c:\n    next_key: '" +
                hash_of("x") + "'\n",
            d);
  CHECK(test::places(d) == "LT-1003@r.yaml:3:10 LT-1005@r.yaml:6:15");
  CHECK(d.text().find("hunter2") == std::string::npos);
  CHECK(d.json().find("hunter2") == std::string::npos);
}

TEST_CASE("rights: denied by default, the error names what failed") {
  World w;
  REQUIRE(w.diagnostics.text() == "");
  CHECK(w.ask("sda", "H49.02", "onestop/dossier", {"H49.01"}) == "một cửa");
  CHECK(w.ask("sdb", "000.05.02.H49", "onestop/dossier", {"vxp.saas.03"}) == "một cửa");
  CHECK(w.ask("nobody", "H49.02", "onestop/dossier", {}) == "LT-4003 principal nobody has no right at all");
  CHECK(w.ask("sdb", "H49.03", "onestop/dossier", {"H49"}) == "LT-4003 from: sdb may not send in the name of H49.03");
  CHECK(w.ask("sdb", "H49.02", "edxml/document", {"H49"}) == "LT-4003 type: sdb may not send edxml/document");
  CHECK(w.ask("sdb", "H49.02", "onestop/dossier", {"H49", "G22", "H26"}) ==
        "LT-4003 to: sdb may not send onestop/dossier to G22, H26");
  CHECK(w.ask("sdb", "nonsense", "onestop/dossier", {"H49"}).rfind("LT-3110", 0) == 0);
  CHECK(info(Code::not_allowed).http_status == 403);
}

TEST_CASE("rights add up over receivers but not over senders") {
  World w;
  CHECK(w.ask("sda", "H49.02", "onestop/dossier", {"H49", "G22"}) == "một cửa, cổng quốc gia");
  CHECK(w.ask("sda", "H49.02.05", "edxml/document", {"G01"}) == "văn bản");
  CHECK(w.ask("sda", "H49.02", "edxml/document", {"G01"}) == "LT-4003 type: sda may not send edxml/document");
}

TEST_CASE("a message without From or without receivers is judged by what it has") {
  World w;
  CHECK(w.ask("sdb", "", "onestop/dossier", {}) == "một cửa");
  CHECK(w.ask("sdb", "", "edxml/document", {}) == "LT-4003 type: sdb may not send edxml/document");
}

TEST_CASE("dangling names in rights are reported") {
  World w("- principals: [sdx]\n  from: [H 49]\n  types: [onestop/dosier]\n  to: []\n  purpose: p\n");
  CHECK(test::places(w.diagnostics) ==
        "LT-1007@r.yaml:1:16 LT-1007@r.yaml:2:10 LT-1007@r.yaml:3:11 LT-1006@r.yaml:4:7");
}
