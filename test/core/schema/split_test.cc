// Types whose messages have several parts, and answers.
#include "core/base/limits.h"
#include "core/codec/xml.h"
#include "core/config/yaml.h"
#include "core/schema/schema_store.h"
#include "test/core/schema/json_text.h"

using namespace lt;
using namespace lt::schema;

namespace {

TypeFile read(const std::string& text, config::Diagnostics& diagnostics) {
  const auto value = config::parse_yaml("type: x/t\ntitle: {vi: t, en: t}\n" + text, "x/t.type.yaml", diagnostics);
  return read_type_file(value, "x/t.type.yaml", diagnostics);
}
TypeFile type_of(const std::string& text) {
  config::Diagnostics diagnostics;
  TypeFile type = read(text, diagnostics);
  REQUIRE_MESSAGE(diagnostics.ok(), diagnostics.text());
  return type;
}
std::string refused(const std::string& text) {
  config::Diagnostics diagnostics;
  read(text, diagnostics);
  REQUIRE_FALSE(diagnostics.ok());
  return diagnostics.text();
}

const std::string kSteps =
    "format: json\nsplit: \"$.data[]\"\n"
    "business_keys: [{name: HoSo, path: \"$.data[].hs\"}, {name: Goi, path: $.so}]\n"
    "order_key: {space: dossier, path: \"$.data[].hs\"}\n"
    "sender: {path: $.tu}\nreceivers: {path: \"$.data[].den\", or: [$.den]}\n"
    "correlation: {path: \"$.data[].hs\", role: answer}\n"
    "answers: {path: \"$.data[].tt\", read: [\"04\"], refused: [\"3\"]}\n";

}  // namespace

TEST_CASE("keys that lead through the group are read in each part, the others in the whole") {
  const TypeFile type = type_of(kSteps);
  const auto tree = tree_of(R"({"so":"G-1","tu":"H49","den":["H01","H02"],"data":[
      {"hs":"A","den":"H03","tt":4},{"hs":"B","tt":"03"},{"hs":"A","den":["H03","H04"],"tt":"1"}]})");
  const auto extracted = extract(type, tree->root());
  REQUIRE(extracted);
  CHECK(extracted->from == "H49");
  CHECK(extracted->order_key.empty());
  CHECK(extracted->keys == std::vector<BusinessKey>{{"HoSo", "A"}, {"Goi", "G-1"}, {"HoSo", "B"}});
  CHECK(extracted->receivers == std::vector<std::string>{"H03", "H01", "H02", "H04"});
  REQUIRE(extracted->parts.size() == 3);
  CHECK(extracted->parts[1].order_key == "dossier:B");
  CHECK(extracted->parts[1].keys == std::vector<BusinessKey>{{"HoSo", "B"}, {"Goi", "G-1"}});
  CHECK(extracted->parts[1].receivers == std::vector<std::string>{"H01", "H02"});
  CHECK(extracted->parts[2].receivers == std::vector<std::string>{"H03", "H04"});
  CHECK(extracted->ties == std::vector<Tie>{{"dossier:A", true, 1, AnswerKind::read, "4"},
                                            {"dossier:B", true, 2, AnswerKind::refused, "03"},
                                            {"dossier:A", true, 3, AnswerKind::noted, "1"}});
}

TEST_CASE("no part, too many parts, a part without its key: refused, with the place") {
  const TypeFile type = type_of(kSteps);
  const auto code_of = [&](const std::string& document) {
    const auto tree = tree_of(document);
    const auto extracted = extract(type, tree->root());
    REQUIRE_FALSE(extracted);
    return extracted.error();
  };
  CHECK(code_of(R"({"tu":"H49","data":[]})").code == Code::bad_parts);
  CHECK(code_of(R"({"tu":"H49"})").code == Code::bad_parts);
  std::string many = R"({"tu":"H49","data":[{"hs":"A"})";
  for (size_t i = 0; i < limits::kSplitParts; ++i) many += R"(,{"hs":"A"})";
  CHECK(code_of(many + "]}").code == Code::bad_parts);
  const Error missing = code_of(R"({"tu":"H49","data":[{"hs":"A"},{"tt":"1"}]})");
  CHECK(missing.code == Code::missing_field);
  CHECK(missing.place.path == "$.data[1]");
  CHECK(code_of(R"({"data":[{"hs":"A"}]})").code == Code::missing_field);
}

TEST_CASE("a list without anything around it splits too; its parts must have one sender") {
  const TypeFile type = type_of("format: json\nsplit: $\norder_key: {space: s, path: $.k}\nsender: {path: $.tu}\n");
  const auto tree = tree_of(R"([{"k":"1","tu":"H49"},{"k":"2","tu":"H49"}])");
  const auto extracted = extract(type, tree->root());
  REQUIRE(extracted);
  CHECK(extracted->parts.size() == 2);
  CHECK(extracted->from == "H49");
  const auto mixed = tree_of(R"([{"k":"1","tu":"H49"},{"k":"2","tu":"H50"}])");
  CHECK(extract(type, mixed->root()).error().code == Code::schema_violation);
}

TEST_CASE("repeated elements of XML are parts") {
  const TypeFile type = type_of("format: xml\nsplit: $.Steps.Step\norder_key: {space: s, path: $.Steps.Step.@id}\n");
  Tree tree;
  REQUIRE(codec::parse_xml("<Call><Steps><Step id=\"1\"/><Other/><Step id=\"2\"><X/></Step></Steps></Call>", tree));
  const auto extracted = extract(type, tree.root());
  REQUIRE(extracted);
  REQUIRE(extracted->parts.size() == 2);
  CHECK(extracted->parts[1].order_key == "s:2");
}

TEST_CASE("what a type that splits cannot have is said when it is read") {
  CHECK(refused("format: json\nsplit: $.data\ndedupe_key: {path: $.data.id}\n").find("tells whole messages apart") !=
        std::string::npos);
  CHECK(refused("format: xml\ndialect: edxml\nsplit: $.a\n").find("no edXML file") != std::string::npos);
  CHECK(refused("format: json\nanswers: {path: $.tt}\n").find("only a type that answers") != std::string::npos);
}

TEST_CASE("a correlation is of the order key's space unless it says otherwise; a request has no status") {
  const auto ties = [](const std::string& more) {
    const TypeFile type = type_of("format: json\norder_key: {space: dossier, path: $.k}\n" + more);
    const auto tree = tree_of(R"({"k":"1","tt":"02"})");
    const auto extracted = extract(type, tree->root());
    REQUIRE(extracted);
    return extracted->ties;
  };
  CHECK(ties("").empty());
  CHECK(ties("correlation: {path: $.k, role: request}\n") ==
        std::vector<Tie>{{"dossier:1", false, 0, AnswerKind::noted, ""}});
  CHECK(ties("correlation: {path: $.k, role: answer, space: x}\nanswers: {path: $.tt, refused: [\"2\"]}\n") ==
        std::vector<Tie>{{"x:1", true, 0, AnswerKind::refused, "02"}});
}

TEST_CASE("a part is a document of the schema that the whole refers to, and of no other") {
  config::Diagnostics diagnostics;
  const auto store = SchemaStore::load(system_env(), std::string(LT_SOURCE_DIR) + "/schemas", diagnostics);
  REQUIRE(store);
  const MessageType& progress = *store->find("portal/progress");
  CHECK(progress.parts_are(*store->model("portal/step.schema.json")));
  CHECK_FALSE(progress.parts_are(*store->model("portal/progress.schema.json")));
  CHECK_FALSE(progress.parts_are(*store->model("onestop/progress.schema.json")));
}
