// Single faults as people make them, and which of lint and proof finds each: neither needs an example for it.
#include "test/core/config/memory_env.h"
#include "test/core/proof/bed.h"
#include "test/core/proof/mutants.h"

using namespace lt;
using namespace lt::proof;
using namespace lt::proof::test;

namespace {

MappingStore::Entry shipped(const std::string& file) {
  config::Diagnostics out;
  const std::string root = LT_SOURCE_DIR;
  auto entry = MappingStore::load_file(system_env(), root + "/mappings/" + file, root + "/schemas", out);
  REQUIRE_MESSAGE(entry.mapping, out.text());
  return entry;
}

// JSON to JSON, of text schemas.
MappingStore::Entry written(const std::string& source, const std::string& target, const std::string& rules) {
  const auto object = [](const std::string& fields) {
    return R"({"type":"object","additionalProperties":false,"properties":{)" + fields + "}}";
  };
  lt::test::MemoryEnv env;
  env.files["s/source.json"] = object(source);
  env.files["s/target.json"] = object(target);
  env.files["m.map.yaml"] =
      "mapping: m\nversion: 1\nsource: {format: json, schema: source.json}\ntarget: {format: json, schema: "
      "target.json}\n" +
      rules;
  config::Diagnostics out;
  auto entry = MappingStore::load_file(env, "m.map.yaml", "s", out);
  REQUIRE_MESSAGE(entry.mapping, out.text());
  return entry;
}

// Without the examples: they are not to be needed.
std::string found_by(MappingStore::Entry base, const std::function<void(Mutant&, std::vector<Spot>&)>& plant) {
  base.file.examples.clear();
  Mutant mutant{base.file, base.parts, {}};
  std::vector<Spot> all;
  spots(mutant.file.rules, "$", all);
  plant(mutant, all);
  std::string told;
  switch (catcher_of(base, mutant, 200, &told)) {
    case Catcher::lint:
      return "lint " + told.substr(0, 7);
    case Catcher::proof:
      return "proof";
    default:
      return "nobody";
  }
}

Rule& rule(std::vector<Spot>& all, const std::string& target) {
  for (Spot& spot : all)
    if (spot.rule->target.text == target) return *spot.rule;
  REQUIRE_MESSAGE(false, target);
  return *all.front().rule;
}

void put_table(Mutant& mutant, const std::string& name, const std::string& csv) {
  config::Diagnostics out;
  mutant.parts.tables[name] = std::make_shared<const schema::CodeTable>(
      schema::CodeTable::load(config::parse_csv(csv, name + ".csv", out), out));
  REQUIRE_MESSAGE(out.ok(), out.text());
}

}  // namespace

TEST_CASE("a dropped field is found by lint") {
  const auto base = shipped("bench/dossier-json-to-xml.map.yaml");
  CHECK(found_by(base, [](Mutant&, std::vector<Spot>& all) {
          for (Spot& spot : all)
            if (spot.rule->target.text == "Note") return void(spot.list->pop_back());
        }) == "lint LT-1103");
  const auto optional = shipped("judicial/onestop-to-judicial.map.yaml");
  CHECK(found_by(optional, [](Mutant& mutant, std::vector<Spot>&) {
          auto& rules = mutant.file.rules.back().rules;
          std::erase_if(rules, [](const Rule& at) { return at.target.text == "nycEmail"; });
        }) == "lint LT-1107");
}

TEST_CASE("a date pattern with day and month exchanged is found where a schema says what a day is") {
  const auto base = written(R"("D":{"type":"string","format":"date"})", R"("E":{"type":"string","format":"date"})",
                            "types:\n  d: {pattern: yyyy-MM-dd, to: iso-date}\nrules:\n  - E: {from: D, type: d}\n");
  const auto with = [&](const char* pattern, const char* to) {
    return found_by(base, [&](Mutant& mutant, std::vector<Spot>&) {
      mutant.file.types[0].pattern.text = pattern;
      mutant.file.types[0].to.text = to;
    });
  };
  CHECK(with("yyyy-MM-dd", "iso-date") == "nobody");
  CHECK(with("yyyy-MM-dd", "yyyy-dd-MM") == "proof");
  CHECK(with("yyyy-dd-MM", "iso-date") == "proof");
  CHECK(with("yyyy-MM-dd", "dd/MM/yyyy") != "nobody");
  // Where both sides know digits only, an example has to tell.
  CHECK(found_by(shipped("insurance/insurance-query.map.yaml"), [](Mutant& mutant, std::vector<Spot>&) {
          mutant.file.types[0].pattern.text = "MM/dd/yyyy";
        }) == "nobody");
}

TEST_CASE("items that where leaves out are found where the mapping promises to lose nothing") {
  const auto base = shipped("bench/dossier-json-to-xml.map.yaml");
  const auto by = found_by(base, [](Mutant&, std::vector<Spot>& all) {
    Rule& each = rule(all, "Steps.Step");
    each.where = Text{"seq > 1", each.target.place};
  });
  CHECK(by == "lint LT-1122");
  const auto filtered = found_by(base, [](Mutant&, std::vector<Spot>& all) {
    rule(all, "Attachments.Attachment").source.text = "attachments[mime='application/pdf']";
  });
  CHECK(filtered == "lint LT-1107");
}

TEST_CASE("a swapped table row is found by lint, by the names of the codes") {
  const auto base = shipped("judicial/judicial-to-onestop.map.yaml");
  const auto by = found_by(base, [](Mutant& mutant, std::vector<Spot>&) {
    put_table(mutant, "status", "source,target\n1,1\n2,3\n3,2\n4,4\n5,5\n6,6\n7,7\n8,8\n9,9\n10,10\n");
  });
  CHECK(by == "lint LT-1121");
}
