#include <algorithm>

#include "test/core/mapping/fixture.h"

using namespace lt;
using namespace lt::mapping::test;

namespace {

const std::string kSource = R"({"type":"object","required":["MaHoSo"],"additionalProperties":false,"properties":{
  "MaHoSo":{"type":"string"},"TrangThai":{"type":"string"},"Ngay":{"type":"string"},"Bo":{"type":"string"},
  "NguoiNop":{"type":"object","additionalProperties":false,"properties":{"HoTen":{"type":"string"}}},
  "TaiLieu":{"type":"array","items":{"type":"object","additionalProperties":false,"properties":{"Ten":{"type":"string"}}}}}})";
const std::string kTarget =
    R"({"type":"object","required":["Id","Name","Due"],"additionalProperties":false,"properties":{
  "Id":{"type":"string"},"Name":{"type":"string"},"Due":{"type":"string"},"Status":{"type":"string"},"Extra":{"type":"object","properties":{"X":{"type":"string"}}},
  "Files":{"type":"array","items":{"type":"object","properties":{"Title":{"type":"string"}}}}}})";

bool says(const Bench& bench, std::string_view part) { return has(bench.out.text(), part); }

}  // namespace

TEST_CASE("a file of planted mistakes: every one at its line and column, in one run") {
  Bench bench(kSource, kTarget,
              "mapping: m\n"                                                // 1
              "version: 1\n"                                                // 2
              "source: {format: json, schema: source.json}\n"               // 3
              "target: {format: json, schema: target.json}\n"               // 4
              "types:\n"                                                    // 5
              "  d: {pattern: dd/MM/yy, to: iso-date}\n"                    // 6
              "rules:\n"                                                    // 7
              "  - Id: MaHoSoo\n"                                           // 8
              "  - Idd: MaHoSo\n"                                           // 9
              "  - Name: NguoiNop.HoTen\n"                                  // 10
              "  - Status: {from: TrangThai, tabel: s}\n"                   // 11
              "  - Status: {from: TrangThai, table: s, back: x}\n"          // 12
              "  - Extra.X: {from: Ngay, type: dd, match: '(['}\n"          // 13
              "  - Extra.Y: {from: MaHoSo, when: \"MaHoSo == 'x' and\"}\n"  // 14
              "  - Extra.Z: {from: MaHoSo, when: \"not MaHoSos == 1\"}\n"   // 15
              "  - Files:\n"                                                // 16
              "      each: MaHoSo\n"                                        // 17
              "      rules:\n"                                              // 18
              "        - Title: TaiLieu.Ten\n"                              // 19
              "  - Extra.N: NguoiNop\n");                                   // 20
  CHECK(bench.findings() == std::vector<std::string>{"3:32 LT-1107", "3:32 LT-1107", "6:16 LT-1113", "7:1 LT-1103",
                                                     "8:9 LT-1101", "9:5 LT-1102", "10:5 LT-1104", "11:31 LT-1105",
                                                     "12:5 LT-1108", "12:47 LT-1006", "13:33 LT-1112", "13:44 LT-1113",
                                                     "14:53 LT-1106", "15:40 LT-1101", "17:13 LT-1109",
                                                     "20:14 LT-1110"});
  INFO(bench.out.text());
  CHECK(says(bench, R"(did you mean "MaHoSo"?)"));
  CHECK(says(bench, R"(did you mean "Id"?)"));
  CHECK(says(bench, R"(did you mean "table"?)"));
  CHECK(says(bench, "$.Due is required"));
  CHECK(says(bench, "no rule uses $.Bo"));
}

TEST_CASE("unused and unfed fields are silenced by ignore, and ignore is checked too") {
  const std::string rules = "rules:\n  - Id: MaHoSo\n  - Name: {from: NguoiNop.HoTen, default: '-'}\n";
  Bench quiet(kSource, kTarget, head() + "ignore: {source: [TrangThai, Ngay, Bo, TaiLieu], target: [Due]}\n" + rules);
  CHECK_MESSAGE(quiet.out.findings().empty(), quiet.out.text());
  Bench loud(kSource, kTarget, head() + "ignore: {source: [TrangThay], target: [Due]}\n" + rules);
  CHECK(loud.findings() ==
        std::vector<std::string>{"3:32 LT-1107", "3:32 LT-1107", "3:32 LT-1107", "3:32 LT-1107", "5:19 LT-1101"});
}

TEST_CASE("an optional source for a required target needs a default, and a when can withhold it") {
  const auto lint = [](const std::string& rule) {
    return Bench(kSource, R"({"type":"object","required":["N"],"properties":{"N":{"type":"string"}}})",
                 head() + "rules:\n  - N: " + rule +
                     "\nignore: {source: [MaHoSo, TrangThai, Ngay, Bo, NguoiNop, TaiLieu]}\n")
        .findings();
  };
  CHECK(lint("Bo") == std::vector<std::string>{"6:5 LT-1104"});
  CHECK(lint("{from: Bo, default: x}").empty());
  CHECK(lint("{from: Bo, when_absent: empty}").empty());
  CHECK(lint("MaHoSo").empty());
  CHECK(lint("{from: MaHoSo, when: 'exists Bo'}") == std::vector<std::string>{"6:5 LT-1104"});
}

TEST_CASE("the form of the file is checked with positions") {
  Bench bench(kSource, kTarget,
              head() +
                  "tabels: {}\nrules:\n  - Id: MaHoSo\n    Name: MaHoSo\n  - Name: {from: MaHoSo, const: x}\n  - Due: "
                  "{unmapped: sometimes, from: MaHoSo}\n");
  const auto found = bench.findings();
  for (const char* want : {"5:1 LT-1002", "7:5 LT-1003", "9:26 LT-1003", "10:21 LT-1006"})
    CHECK_MESSAGE(std::find(found.begin(), found.end(), want) != found.end(), want << "\n" << bench.out.text());
}

namespace {

std::string fields(const std::string& properties, const std::string& required = "") {
  return R"({"type":"object","additionalProperties":false,"required":[)" + required + R"(],"properties":{)" +
         properties + "}}";
}
// What lint says of one rule from S to T.
std::string fit(const std::string& source, const std::string& target, const std::string& rule,
                const std::vector<std::pair<std::string, std::string>>& tables = {}) {
  Bench bench(fields("\"S\":" + source), fields("\"T\":" + target),
              head() +
                  "types:\n  d: {pattern: dd/MM/yyyy, to: iso-date}\n  m: {pattern: dd/MM/yyyy, to: iso-datetime}\n" +
                  (tables.empty() ? "" : "tables: {t: t.csv}\n") + "rules:\n  - T: " + rule + "\n",
              tables);
  std::string out;
  for (const auto& at : bench.out.findings()) out += (out.empty() ? "" : "; ") + code_text(at.code) + " " + at.message;
  return out;
}

}  // namespace

TEST_CASE("what the target can refuse: types, lengths, patterns, enumerations, bounds") {
  const std::string text = R"({"type":"string"})";
  CHECK(fit(text, text, "S").empty());
  CHECK(has(fit(R"({"type":"string","maxLength":9})", R"({"type":"string","maxLength":5})", "S"),
            "LT-1118 $.T can be up to 9 characters, but the field takes 5 (target.json:"));
  CHECK(fit(R"({"type":"string","maxLength":5})", R"({"type":"string","maxLength":5})", "S").empty());
  CHECK(fit(R"({"type":"string","maxLength":9})", R"({"type":"string","maxLength":5})", "{from: S, unfit: hold}")
            .empty());
  CHECK(has(fit(text, R"({"type":"string","minLength":1})", "S"), "can be empty text"));
  CHECK(fit(R"({"type":"string","pattern":"^[0-9]+$"})", R"({"type":"string","minLength":1})", "S").empty());
  CHECK(has(fit(text, R"({"type":"string","pattern":"^[0-9]+$"})", "S"), "the field takes ^[0-9]+$"));
  CHECK(fit(text, R"({"type":"string","pattern":"^[0-9]+$"})", "{from: S, match: '^[0-9]+$'}").empty());
  CHECK(has(fit(R"({"enum":["1","2","3"]})", R"({"enum":["1","2"]})", "S"), R"(LT-1118 $.T can be "3")"));
  CHECK(has(fit(R"({"enum":["1","2","3"]})", R"({"enum":["a","b"]})", "S"), "LT-1117"));
  CHECK(has(fit(text, R"({"enum":["a","b"]})", "S"), "takes 2 values only"));
  CHECK(has(fit(text, R"({"enum":["a","b"]})", "{const: c}"), "LT-1117"));
  CHECK(fit(text, R"({"enum":["a","b"]})", "{const: a}").find("LT-1117") == std::string::npos);
  CHECK(has(fit(text, R"({"type":"integer"})", "S"), "the field takes numbers"));
  CHECK(fit(text, R"({"type":"integer"})", "{from: S, as: integer}").empty());
  CHECK(has(fit(text, R"({"type":"integer"})", "{from: S, as: decimal}"), "whole"));
  CHECK(has(fit(R"({"type":"integer","maximum":9})", R"({"type":"integer","maximum":5})", "S"), "ends at 5"));
  CHECK(fit(R"({"type":"integer","minimum":1,"maximum":5})", R"({"type":"integer","minimum":0,"maximum":5})", "S")
            .empty());
  CHECK(has(fit(text, R"({"type":"string","format":"date"})", "S"), "takes date"));
  CHECK(fit(text, R"({"type":"string","format":"date"})", "{from: S, type: d}").empty());
  CHECK(has(fit(text, R"({"type":"string","format":"date"})", "{from: S, type: m}"),
            "dateTime, but the field takes date"));
  CHECK(has(fit(text, R"({"type":"string","maxLength":3})", "{from: S, default: abcd}"), "LT-1118"));
  CHECK(fit(text, R"({"type":"string","maxLength":40})", "{envelope: message_id}").find("LT-1118") ==
        std::string::npos);
  CHECK(has(fit(text, R"({"type":"string","maxLength":39})", "{envelope: message_id}"), "LT-1118"));
}

TEST_CASE("what the target can refuse: how many items a list has") {
  const auto list = [](const std::string& name, const std::string& bounds) {
    return "\"" + name + R"(":{"type":"array","items":{"type":"string"})" + bounds + "}";
  };
  const auto lint = [&](const std::string& from, const std::string& to, const std::string& more = "") {
    Bench m(fields(list("S", from)), fields(list("T", to)), head() + "rules:\n  - T: {each: S" + more + "}\n");
    return m.out.text();
  };
  const std::string ten = R"(,"maxItems":10)", five = R"(,"maxItems":5)";
  CHECK(has(lint(ten, five), "LT-1118: $.T can be up to 10 items, but the field takes 5 (target.json:"));
  CHECK(has(lint("", five), "any number of items, but the field takes 5"));
  CHECK(lint(five, ten).empty());
  CHECK(lint(ten, five, ", unfit: hold").empty());
  CHECK(has(lint("", R"(,"minItems":1)"), "0 items, but the field asks for 1"));
  CHECK(lint(R"(,"minItems":2)", R"(,"minItems":1)").empty());
  CHECK(has(lint(R"(,"minItems":2)", R"(,"minItems":1)", ", where: \". != 'x'\""), "0 items"));
  CHECK(has(lint(R"(,"minItems":6)", five), "LT-1117"));
  CHECK(has(lint(five, R"(,"minItems":6)"), "LT-1117"));

  const Bench held(fields(list("S", "")), fields(list("T", R"(,"minItems":1,"maxItems":2)")),
                   head() + "rules:\n  - T: {each: S, unfit: hold}\n");
  CHECK(held(R"({"S":["a","b"]})") == R"({"T":["a","b"]})");
  CHECK(held(R"({})") == R"({})");
  CHECK(has(held(R"({"S":["a","b","c"]})"), "LT-2109 m.map.yaml:6:5 at $.S"));
  CHECK(has(held(R"({"S":["a","b","c"]})"), "gives 3 items, but the field takes 2"));
  CHECK(has(held(R"({"S":[]})"), "gives 0 items, but the field asks for 1"));

  const auto xsd = [](const std::string& name, const std::string& occurs) {
    return R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="R"><xs:complexType><xs:sequence>)"
           R"(<xs:element name="V" type="xs:string" minOccurs="0"/><xs:element name=")" +
           name + "\" type=\"xs:string\" " + occurs + "/></xs:sequence></xs:complexType></xs:element></xs:schema>";
  };
  Bench xml(xsd("S", R"(minOccurs="0" maxOccurs="unbounded")"), xsd("T", R"(minOccurs="0" maxOccurs="2")"),
            head("xml", "xml") + "rules:\n  - V: V\n  - T: {each: S}\n");
  CHECK(has(xml.out.text(), "LT-1118: $.T can be any number of items, but the field takes 2"));
  CHECK(has(xml("<R><V>v</V><S>a</S><S>b</S></R>"), "<T>a</T><T>b</T>"));
  CHECK(has(xml("<R><V>v</V><S>a</S><S>b</S><S>c</S></R>"), "gives 3 items, but the field takes 2"));
}

TEST_CASE("what can be refused is checked when a document is mapped, and held") {
  const Bench bench(fields(R"("S":{"type":"string"})"), fields(R"("T":{"type":"string","maxLength":3})"),
                    head() + "rules:\n  - T: {from: S, unfit: hold}\n");
  CHECK(bench(R"({"S":"đủữ"})") == R"({"T":"đủữ"})");
  const std::string refused = bench(R"({"S":"Nguyễn"})");
  CHECK(has(refused, "LT-2109 m.map.yaml:6:5 at $.S"));
  CHECK_MESSAGE(has(refused, "at most 3 characters"), refused);
  CHECK(!has(refused, "Nguy"));
}

TEST_CASE("tables against the codes of both schemas") {
  const auto with = [](const std::string& csv, const std::string& rule = "{from: S, table: t}") {
    return fit(R"({"enum":["1","2","3"]})", R"({"type":"string","pattern":"^[AB]$"})", rule, {{"t", csv}});
  };
  CHECK(with("source,target,preferred\n1,A,x\n2,B,\n3,A,\n").empty());
  CHECK(with("source,target\n1,A\n2,B\n") == "LT-1119 table t (t.csv) has no row for \"3\" of source.json");
  CHECK(with("source,target\n1,A\n2,B\n", "{from: S, table: t, unmapped: reject}").empty());
  CHECK(has(with("source,target\n1,A\n2,B\n3,C\n"), "LT-1120 target \"C\" is a value that target.json refuses"));
  CHECK(has(with("source,target,preferred\n1,A,x\n2,B,\n3,A,\n4,A,\n"), "LT-1120 source \"4\""));
}
