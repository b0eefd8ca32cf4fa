// Each law can be broken, and what a mapping knows of its fields.
#include "test/core/proof/subject.h"

using namespace lt;
using namespace lt::proof;
using namespace lt::proof::test;

namespace {

// The first law that is broken, and where: "same_source $.A".
std::string broken_in(const mapping::MappingStore::Entry& entry) {
  const Proof proof = proved(entry, 200);
  if (proof.ok()) return "";
  REQUIRE(!proof.broken.empty());
  CHECK(proof.broken[0].text().find("LT-1126") == 0);
  return std::string(name_of(proof.broken[0].law)) + " " + proof.broken[0].field;
}

// The way back as another mapping between the same schemas has it.
void go_back_as(Subject& subject, const Subject& other) { subject.entry.reverse = other.entry.reverse; }

}  // namespace

TEST_CASE("a field that does not come back as promised is told, with the smallest document") {
  const std::string rules = "rules:\n  - C: {from: A, normalize: nfc}\n  - D: B\n";
  Subject subject(object(texts("A B")), object(texts("C D")), rules);
  CHECK(broken_in(subject.entry) == "");
  for (auto& field : subject.entry.reversal.fields) field.fidelity = mapping::Fidelity::exact;
  CHECK(broken_in(subject.entry) == "same_source $.A");
  const Proof proof = proved(subject.entry), again = proved(subject.entry);
  CHECK(proof.text() == again.text());
  CHECK(proof.broken[0].text().find("--seed 11\n") != std::string::npos);
  CHECK(proof.broken[0].smallest.size() < 40);
  CHECK(proof.broken[0].smallest.find("\"B\"") == std::string::npos);
  CHECK(proof.broken[0].rule.line == 6);
}

TEST_CASE("a way back that is another one is told") {
  const std::string source = object(texts("A B")), target = object(texts("C D"));
  Subject subject(source, target, "rules:\n  - C: A\n  - D: B\n");
  go_back_as(subject, Subject(source, target, "rules:\n  - C: B\n  - D: A\n"));
  CHECK(broken_in(subject.entry).substr(0, 13) == "same_source $");
  // Canonical fields may differ, what they become may not.
  for (auto& field : subject.entry.reversal.fields) field.fidelity = mapping::Fidelity::canonical;
  CHECK(broken_in(subject.entry).substr(0, 13) == "same_target $");
  go_back_as(subject, Subject(source, target, "rules:\n  - C: {from: A, match: '^a*$'}\n  - D: B\n"));
  CHECK(broken_in(subject.entry) == "comes_back $.C");
}

TEST_CASE("lists that come back shorter are told") {
  const std::string source = object(list("L", object(texts("T K")))), target = object(list("A", object(texts("T K"))));
  const std::string rules = "rules:\n  - A:\n      each: L\n      rules:\n        - T: T\n        - K: K\n";
  Subject subject(source, target, rules);
  CHECK(broken_in(subject.entry) == "");
  mapping::Inverse inverse = mapping::invert(subject.entry.file, subject.entry.parts);
  inverse.file.rules[0].where = mapping::Text{"exists T", {}};
  config::Diagnostics out;
  subject.entry.reverse = mapping::compile(inverse.file, mapping::reversed(subject.entry.parts), out);
  REQUIRE_MESSAGE(subject.entry.reverse, out.text());
  CHECK(broken_in(subject.entry) == "same_source $.L");
}

TEST_CASE("a document the target refuses is told, unless the mapping ignores the field") {
  const std::string source = object(texts("A"));
  Subject subject(source, object(texts("C")), "rules:\n  - C: A\n");
  const Subject strict(source, object(R"("C":{"type":"string","maxLength":3})"), "unfit: hold\nrules:\n  - C: A\n");
  subject.entry.models.push_back(subject.entry.models[1]);  // `parts` points into it
  subject.entry.models[1] = strict.entry.models[1];
  CHECK(broken_in(subject.entry) == "valid $.C");
  subject.entry.file.ignore_target.push_back({"C", {}});
  CHECK(broken_in(subject.entry) == "");
}

TEST_CASE("undeclared fields that get lost are told") {
  const std::string open = R"({"type":"object","properties":{"A":{"type":"string"}}})";
  Subject subject(open, open, "rest: keep\nrules:\n  - A: A\n");
  go_back_as(subject, Subject(open, open, "rules:\n  - A: A\n"));
  CHECK(broken_in(subject.entry).substr(0, 6) == "rest $");
}

TEST_CASE("a mapping that refuses most of what it is meant for is told") {
  const std::string one = R"("A":{"type":"string","enum":["x","y","z"]})";
  const Subject never("{\"required\":[\"A\"]," + object(one).substr(1), object(texts("C")),
                      "rules:\n  - C: {from: A, match: '^none$'}\n");
  CHECK(broken_in(never.entry) == "translates $");
}

TEST_CASE("what a mapping knows of its fields") {
  const Subject subject(
      object(texts("S D Ma N B Loai") + R"(,"M":{"type":"integer"},)" + list("L", object(texts("K")))),
      object(texts("S D Id Agency N C") + "," + list("L", object(texts("K")))),
      "tables:\n  t: t.csv\ntypes:\n  d: {pattern: dd/MM/yyyy, to: iso-date}\nrules:\n"
      "  - S: {from: S, table: t, when_absent: hold}\n  - D: {from: D, type: d}\n  - Id: Ma\n"
      "  - .: {parts: Ma, pattern: '^(?<Agency>[A-Z]+)-[0-9]+$'}\n  - N: {from: N, when: \"M >= 3 and Loai == 'TC'\"}\n"
      "  - C: {blob: B, as: base64}\n  - L:\n      each: L\n      rules:\n        - K: {from: K, table: t}\n",
      {{"t.csv", "source,target\n1,A\n2,B\n"}});
  const Domains source = domains_of(subject.entry, End::source), target = domains_of(subject.entry, End::target);
  CHECK(source.at("$.S").values == std::vector<std::string>{"1", "2"});
  CHECK(source.at("$.S").presence == Domain::Presence::always);
  CHECK(target.at("$.S").values == std::vector<std::string>{"A", "B"});
  CHECK(source.at("$.D").date_pattern == "dd/MM/yyyy");
  CHECK(target.at("$.D").date_pattern == "iso-date");
  CHECK(source.at("$.Ma").pattern.find("[A-Z]+") != std::string::npos);
  CHECK(source.at("$.M").values == std::vector<std::string>{"2", "3", "4"});
  CHECK(source.at("$.Loai").values == std::vector<std::string>{"KHAC", "TC", "khác"});
  CHECK(source.at("$.B").base64);
  CHECK(source.at("$.L[].K").values == std::vector<std::string>{"1", "2"});
}
