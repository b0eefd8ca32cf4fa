#include "core/base/text.h"
#include "test/core/mapping/fixture.h"

using namespace lt;
using namespace lt::mapping::test;

namespace {

const std::string kOpen = R"({"type":"object"})";

std::string one(const std::string& rule, const std::string& more = {}) {
  return head() + more + "rules:\n  - " + rule + "\n";
}

}  // namespace

TEST_CASE("plain copies keep the text of numbers and strings") {
  Bench m(
      R"({"type":"object","properties":{"a":{"type":"string"},"n":{"type":"number"},"b":{"type":"boolean"},"g":{"type":"object","properties":{"x":{"type":"string"}}}}})",
      R"({"type":"object","properties":{"A":{"type":"string"},"N":{"type":"number"},"S":{"type":"string"},"B":{"type":"boolean"},"D":{"type":"object","properties":{"X":{"type":"string"}}}}})",
      head() + "rules:\n  - A: a\n  - N: n\n  - S: n\n  - B: b\n  - D.X: g.x\n");
  CHECK(m(R"({"a":"007","n":9007199254740993,"b":true,"g":{"x":"y"}})") ==
        R"({"A":"007","N":9007199254740993,"S":"9007199254740993","B":true,"D":{"X":"y"}})");
  CHECK(m(R"({"n":1.10})") == R"({"N":1.10,"S":"1.10"})");
  CHECK(m(R"({"a":null})") == "{}");
}

TEST_CASE("types come from the target schema, and what does not fit is refused") {
  const std::string target = R"({"type":"object","properties":{"N":{"type":"integer"},"B":{"type":"boolean"}}})";
  Bench number(kOpen, target, one("N: n"));
  CHECK(number(R"({"n":"12"})") == R"({"N":12})");
  CHECK(has(number(R"({"n":"007"})"), "LT-2102 m.map.yaml:6:5 at $.n"));
  CHECK_FALSE(has(number(R"({"n":"bi-mat"})"), "bi-mat"));
  Bench lax(kOpen, target, one("N: {from: n, as: integer}"));
  CHECK(lax(R"({"n":"007"})") == R"({"N":7})");
  CHECK(lax(R"({"n":"-0012"})") == R"({"N":-12})");
  CHECK(lax(R"({"n":"+9007199254740993"})") == R"({"N":9007199254740993})");
  CHECK(has(lax(R"({"n":"1.5"})"), "LT-2102"));
  Bench boolean(kOpen, target, one("B: {from: b, as: boolean}"));
  CHECK(boolean(R"({"b":"1"})") == R"({"B":true})");
  CHECK(boolean(R"({"b":"false"})") == R"({"B":false})");
  CHECK(has(boolean(R"({"b":"co"})"), "LT-2102"));
}

TEST_CASE("const, default, when_absent") {
  CHECK(Bench(kOpen, kOpen, one("V: {const: \"1.0\"}"))("{}") == R"({"V":"1.0"})");
  CHECK(Bench(kOpen, kOpen, one("V: {const: 1.0}"))("{}") == R"({"V":1.0})");
  CHECK(Bench(kOpen, kOpen, one("V: {const: true}"))("{}") == R"({"V":true})");
  CHECK(Bench(kOpen, R"({"type":"object","properties":{"V":{"type":"string"}}})", one("V: {const: 12}"))("{}") ==
        R"({"V":"12"})");
  Bench fallback(kOpen, kOpen, one("Fee: {from: LePhi, as: decimal, default: 0}"));
  CHECK(fallback("{}") == R"({"Fee":0})");
  CHECK(fallback(R"({"LePhi":null})") == R"({"Fee":0})");
  CHECK(fallback(R"({"LePhi":"12000.50"})") == R"({"Fee":12000.50})");
  CHECK(Bench(kOpen, kOpen, one("V: {from: a, when_absent: null}"))("{}") == R"({"V":null})");
  CHECK(Bench(kOpen, kOpen, one("V: {from: a, when_absent: empty}"))("{}") == R"({"V":""})");
  CHECK(Bench(kOpen, kOpen, one("V: {from: a, when_absent: omit}"))("{}") == "{}");
  CHECK(Bench(kOpen, kOpen, one("V: {each: a, when_absent: empty}"))("{}") == R"({"V":[]})");
}

TEST_CASE("groups, root and parent") {
  Bench m(kOpen, kOpen,
          head() +
              "rules:\n  - P:\n      from: nguoi\n      rules:\n        - Ten: ten\n        - Ma: ^.ma\n        - Goc: "
              "$.ma\n  - K.L.M: ma\n  - Q:\n      rules:\n        - R: ma\n");
  CHECK(m(R"({"ma":"1","nguoi":{"ten":"An"}})") ==
        R"({"P":{"Ten":"An","Ma":"1","Goc":"1"},"K":{"L":{"M":"1"}},"Q":{"R":"1"}})");
  CHECK(m(R"({"nguoi":{}})") == "{}");
  CHECK(m(R"({"ma":"1"})") == R"({"K":{"L":{"M":"1"}},"Q":{"R":"1"}})");
  CHECK(has(m(R"({"nguoi":[1]})"), "LT-2102"));
}

TEST_CASE("each: arrays stay arrays, items keep their order, index counts") {
  const std::string schema =
      R"({"type":"object","properties":{"ds":{"type":"array","items":{"type":"object","properties":{"t":{"type":"string"},"con":{"type":"array","items":{"type":"string"}}}}},"ma":{"type":"string"}}})";
  const std::string target =
      R"({"type":"object","properties":{"L":{"type":"array","items":{"type":"object"}},"S":{"type":"array","items":{"type":"string"}},"One":{"type":"array","items":{"type":"string"}}}})";
  Bench m(schema, target,
          head() +
              "rules:\n  - L:\n      each: ds\n      rules:\n        - T: t\n        - I: {index: 1}\n        - Ma: "
              "^.ma\n        - C: {each: con}\n  - One: ma\n");
  CHECK(m(R"({"ma":"m","ds":[{"t":"a","con":["x","y"]}]})") ==
        R"({"L":[{"T":"a","I":1,"Ma":"m","C":["x","y"]}],"One":["m"]})");
  CHECK(m(R"({"ds":[{"t":"a"},{},{"t":"c"}]})") == R"({"L":[{"T":"a","I":1},{"I":2},{"T":"c","I":3}]})");
  CHECK(m(R"({"ds":[]})") == R"({"L":[]})");
  CHECK(m("{}") == "{}");
  CHECK(has(m(R"({"ds":{"t":"a"}})"), "is not an array"));
}

TEST_CASE("dates: any pattern to any other, and the calendar is checked both ways") {
  const auto convert = [](const std::string& from, const std::string& to, const std::string& text) {
    return Bench(kOpen, kOpen,
                 one("D: {from: d, type: t}", "types:\n  t: {pattern: \"" + from + "\", to: \"" + to + "\"}\n"))(
        R"({"d":")" + text + "\"}");
  };
  CHECK(convert("dd/MM/yyyy", "iso-date", "29/02/2024") == R"({"D":"2024-02-29"})");
  CHECK(convert("iso-date", "dd/MM/yyyy", "2024-02-29") == R"({"D":"29/02/2024"})");
  CHECK(convert("yyyyMMddHHmmss", "iso-datetime", "20260701083000") == R"({"D":"2026-07-01T08:30:00+07:00"})");
  CHECK(convert("iso-datetime", "yyyyMMddHHmmss", "2026-06-30T23:30:00Z") == R"({"D":"20260701063000"})");
  CHECK(convert("iso-datetime", "dd/MM/yyyy", "2026-12-31T20:00:00.5+00:00") == R"({"D":"01/01/2027"})");
  CHECK(convert("d/M/yyyy", "yyyyMMdd", "1/7/2026") == R"({"D":"20260701"})");
  CHECK(convert("dd/MM/yyyy", "iso-date", "") == "{}");
  for (const char* bad :
       {"31/02/2026", "29/02/2023", "00/01/2026", "1/1/2026", "01/13/2026", "01/01/2026 ", "01/01/26"})
    CHECK_MESSAGE(has(convert("dd/MM/yyyy", "iso-date", bad), "LT-2104 m.map.yaml:8:5 at $.d"), bad);
  CHECK(has(convert("iso-date", "dd/MM/yyyy", "2026-02-31"), "LT-2104"));
  CHECK(has(convert("iso-datetime", "dd/MM/yyyy", "2026-02-01T24:00:00Z"), "LT-2104"));
}

TEST_CASE("tables: hold, reject, keep, default, and rows by day") {
  const std::vector<std::pair<std::string, std::string>> tables = {
      {"s", "source,target\n1,MOT\n2,HAI\n"},
      {"w", "source,target,valid_from,valid_to\n27001,00277,2020-01-01,2025-06-30\n27001,00301,2025-07-01,\n"}};
  const auto with = [&](const std::string& rule) {
    return Bench(kOpen, kOpen, one(rule, "tables:\n  s: s.csv\n  w: {file: w.csv, as_of: $.ngay}\n"), tables);
  };
  const Bench hold = with("S: {from: s, table: s}");
  CHECK(hold(R"({"s":"2"})") == R"({"S":"HAI"})");
  CHECK(hold(R"({"s":2})") == R"({"S":"HAI"})");
  const std::string error = hold(R"({"s":"99"})");
  CHECK(has(error, "LT-2103 m.map.yaml:9:5 at $.s"));
  CHECK(has(error, "S <- s value \"99\": no row in table s (2 rows)"));
  CHECK(has(with("S: {from: s, table: s, unmapped: reject}")(R"({"s":"99"})"), "LT-2105"));
  CHECK(with("S: {from: s, table: s, unmapped: keep}")(R"({"s":"99"})") == R"({"S":"99"})");
  CHECK(with("S: {from: s, table: s, unmapped: {default: KHAC}}")(R"({"s":"99"})") == R"({"S":"KHAC"})");
  const Bench dated = with("W: {from: w, table: w}");
  CHECK(dated(R"({"w":"27001","ngay":"2024-01-01"})") == R"({"W":"00277"})");
  CHECK(dated(R"({"w":"27001","ngay":"20250701083000"})") == R"({"W":"00301"})");
  CHECK(dated(R"({"w":"27001"})") == R"({"W":"00301"})");
  CHECK(has(dated(R"({"w":"27001","ngay":"hom nay"})"), "LT-2104"));
}

TEST_CASE("match, normalize and when") {
  const Bench match(kOpen, kOpen, one("C: {from: c, match: '^\\d\\.\\d{6}$'}"));
  CHECK(match(R"({"c":"1.004884"})") == R"({"C":"1.004884"})");
  CHECK(has(match(R"({"c":"x"})"), "LT-2102"));
  const Bench nfc(kOpen, kOpen, one("C: {from: c, normalize: nfc}"));
  CHECK(nfc("{\"c\":\"Nguye\u0302\u0303n\"}") == "{\"C\":\"Nguy\u1ec5n\"}");
  CHECK(nfc("{\"c\":\"Nguy\u1ec5n \u0110\"}") == "{\"C\":\"Nguy\u1ec5n \u0110\"}");
  const Bench when(kOpen, kOpen, one("T: {from: t, when: \"Loai == 'TC' and not (muc < 3 or exists bo)\"}"));
  CHECK(when(R"({"t":"1","Loai":"TC","muc":10})") == R"({"T":"1"})");
  CHECK(when(R"({"t":"1","Loai":"CN","muc":10})") == "{}");
  CHECK(when(R"({"t":"1","Loai":"TC","muc":"2"})") == "{}");
  CHECK(when(R"({"t":"1","Loai":"TC","muc":3,"bo":1})") == "{}");
}

TEST_CASE("parts split a text, join puts it together again") {
  const std::string pattern = "'^(?<Agency>[0-9A-Z.]+)-(?<Day>\\d{6})-(?<Serial>\\d{4,7})$'";
  const Bench parts(kOpen, kOpen, one("Code: {parts: MaHoSo, pattern: " + pattern + ", fields: {Day: Ngay.Nop}}"));
  CHECK(parts(R"({"MaHoSo":"H26.15-240517-0042"})") ==
        R"({"Code":{"Agency":"H26.15","Ngay":{"Nop":"240517"},"Serial":"0042"}})");
  CHECK(has(parts(R"({"MaHoSo":"H26"})"), "LT-2102"));
  const Bench join(kOpen, kOpen, one("MaHoSo: {join: Code, pattern: " + pattern + ", fields: {Day: Ngay.Nop}}"));
  CHECK(join(R"({"Code":{"Agency":"H26.15","Ngay":{"Nop":"240517"},"Serial":"0042"}})") ==
        R"({"MaHoSo":"H26.15-240517-0042"})");
  CHECK(has(join(R"({"Code":{"Agency":"H26.15","Ngay":{"Nop":"24-0517"},"Serial":"0042"}})"), "LT-2102"));
  CHECK(has(join(R"({"Code":{"Agency":"H26.15","Serial":"0042"}})"), "LT-2101"));
  CHECK(join("{}") == "{}");
  const Bench here(kOpen, kOpen, one(".: {parts: MaHoSo, pattern: " + pattern + "}"));
  CHECK(has(here(R"({"MaHoSo":"H26.15-240517-0042"})"), R"({"Agency":"H26.15","Day":"240517")"));
}

TEST_CASE("rest: keep lets unknown fields travel") {
  Bench m(R"({"type":"object","properties":{"a":{"type":"string"},"bo":{"type":"string"}}})", kOpen,
          head() + "rest: keep\nignore: {source: [bo]}\nrules:\n  - A: a\n");
  CHECK(m(R"({"a":"1","bo":"x","moi":[1,{"k":null}],"so":1.50})") == R"({"A":"1","moi":[1,{"k":null}],"so":1.50})");
}

TEST_CASE("a required target without a value is an error that names both paths") {
  Bench m(
      R"({"type":"object","required":["g"],"properties":{"g":{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}}})",
      R"({"type":"object","required":["G"],"properties":{"G":{"type":"object","required":["A"],"properties":{"A":{"type":"string"}}}}})",
      head() + "rules:\n  - G:\n      from: g\n      rules:\n        - A: a\n");
  const std::string error = m(R"({"g":{}})");
  CHECK(has(error, "LT-2101 m.map.yaml:9:11"));
  CHECK(has(error, "G.A <- a"));
  CHECK(has(m("{}"), "LT-2101 m.map.yaml:6:5"));
}

TEST_CASE("a long code is shown in whole characters") {
  const Bench bench(R"({"type":"object","properties":{"S":{"type":"string"}}})",
                    R"({"type":"object","properties":{"T":{"type":"string"}}})",
                    head() + "tables: {t: t.csv}\nrules:\n  - T: {from: S, table: t}\n",
                    {{"t", "source,target\n1,A\n"}});
  std::string code = "x";
  for (int i = 0; i < 40; ++i) code += "ế";
  const std::string said = bench("{\"S\":\"" + code + "\"}");
  CHECK(has(said, "LT-2103"));
  CHECK(is_utf8(said));
}
