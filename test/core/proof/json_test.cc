#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <set>

#include "core/codec/base64.h"
#include "core/mapping/date_pattern.h"
#include "test/core/proof/bed.h"

using namespace lt;
using namespace lt::proof;
using namespace lt::proof::test;

namespace {

std::vector<std::string> shipped_schemas() {
  const std::filesystem::path root = std::string(LT_SOURCE_DIR) + "/schemas";
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    if (entry.path().string().ends_with(".schema.json"))
      out.push_back(std::filesystem::relative(entry.path(), root).generic_string());
  std::sort(out.begin(), out.end());
  return out;
}

// How many of `seeds` documents are not valid by the checker; the first of them is told.
size_t refused(const schema::Model& model, const Generator& generator, uint64_t seeds) {
  const auto compiled = schema::CompiledSchema::compile(
      std::shared_ptr<const schema::Model>(std::shared_ptr<const schema::Model>(), &model));
  REQUIRE(compiled.has_value());
  size_t out = 0;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    const Document document = generator.document(seed);
    const bool good = schema::is_valid(*compiled, document.tree.root());
    CHECK(document.valid == good);
    if (!good && out++ == 0)
      MESSAGE(model.file << " seed " << seed << ": " << problems_of(model, document) << "\n" << json_of(document));
  }
  return out;
}

void walk(const Node* node, const std::string& path, const std::function<void(const std::string&, const Node*)>& see) {
  see(path, node);
  for (const Node* child = node->first; child != nullptr; child = child->next)
    walk(child, node->kind == Kind::array ? path + "[]" : path + "." + std::string(child->name), see);
}

}  // namespace

TEST_CASE("documents of every shipped JSON Schema are valid") {
  const auto names = shipped_schemas();
  REQUIRE(names.size() >= 10);
  for (const std::string& name : names) {
    CAPTURE(name);
    const Bed bed = Bed::file(name);
    CHECK(refused(*bed.model, bed.generator(), 300) == 0);
    Taste everything;
    everything.undeclared = everything.other_spellings = true;
    CHECK(refused(*bed.model, bed.generator({}, everything), 100) == 0);
  }
}

TEST_CASE("each keyword of a JSON Schema is met") {
  const char* const schemas[] = {
      R"({"type":"string","minLength":3,"maxLength":5})",
      R"({"type":"string","minLength":1200})",
      R"({"type":"string","pattern":"^[A-Z]{2}$","maxLength":2})",
      R"({"type":"string","pattern":"^\\d+$","minLength":6,"maxLength":8})",
      R"({"allOf":[{"type":"string","pattern":"^[a-z]+$"},{"pattern":"x"},{"minLength":4}]})",
      R"({"type":"string","format":"date"})",
      R"({"type":"string","format":"time"})",
      R"({"type":"string","format":"date-time"})",
      R"({"type":"string","format":"email","maxLength":12})",
      R"({"type":"string","format":"uri","minLength":20})",
      R"({"format":"uuid","type":"string"})",
      R"({"type":"string","contentEncoding":"base64","minLength":5,"maxLength":9})",
      R"({"type":"integer","minimum":3,"maximum":3})",
      R"({"type":"integer","exclusiveMinimum":-5,"exclusiveMaximum":5,"multipleOf":3})",
      R"({"type":"number","minimum":0.5,"maximum":0.75,"multipleOf":0.05})",
      R"({"type":"integer","multipleOf":0.7})",
      R"({"type":"integer","minimum":9007199254740993})",
      R"({"type":"number","maximum":-1e20})",
      R"({"type":"integer","minimum":1e17})",
      R"({"type":"integer","maximum":-1e17})",
      R"({"allOf":[{"type":"integer","multipleOf":4},{"multipleOf":6},{"minimum":10}]})",
      R"({"type":["null","boolean","integer"]})",
      R"({"enum":[1,"a",null,{"a":[1,2]},[3]]})",
      R"({"const":{"a":1}})",
      R"({"type":"integer","enum":["a",1.5,2.0,[3]]})",
      R"({"type":"array","items":{"type":"null"},"minItems":300})",
      R"({"allOf":[{"enum":["a","b","c"]},{"enum":["b","c","d"]},{"not":{"const":"c"}}]})",
      R"({"type":"object","required":["a","z"],"properties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer"}})",
      R"({"type":"object","properties":{"a":{},"b":{}},"additionalProperties":false,"minProperties":1,"maxProperties":1})",
      R"({"type":"object","minProperties":4,"maxProperties":5,"propertyNames":{"pattern":"^[a-z]{2,3}$"}})",
      R"({"type":"object","propertyNames":{"enum":["x","y"]},"additionalProperties":{"type":"boolean"}})",
      R"({"type":"object","patternProperties":{"^so_":{"type":"integer"},"_ngay$":{"type":"integer","minimum":5}},"additionalProperties":false})",
      R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"},"c":{"type":"string"}},"dependencies":{"a":["b"],"b":{"required":["d"],"properties":{"d":{"type":"integer"}}}}})",
      R"({"type":"array","items":{"type":"string"},"minItems":2,"maxItems":3})",
      R"({"type":"array","items":[{"type":"string"},{"type":"integer"}],"additionalItems":false,"minItems":1})",
      R"({"type":"array","items":[{"type":"string"}],"additionalItems":{"type":"boolean"},"minItems":3})",
      R"({"type":"array","items":{"enum":["a","b","c"]},"uniqueItems":true,"minItems":2})",
      R"({"type":"array","items":{"type":"integer"},"contains":{"const":7},"maxItems":4})",
      R"({"type":"array","items":{"type":"array","items":{"type":"boolean"},"maxItems":2},"maxItems":3})",
      R"({"anyOf":[{"type":"string","maxLength":2},{"type":"integer","minimum":5}]})",
      R"({"oneOf":[{"type":"integer","multipleOf":3},{"type":"integer","multipleOf":5}]})",
      R"({"type":"object","oneOf":[{"required":["a"]},{"required":["b"]}],"properties":{"a":{"type":"string"},"b":{"type":"integer"}}})",
      R"({"type":"object","required":["Loai"],"properties":{"Loai":{"enum":["CN","TC"]},"MaSoThue":{"type":"string"}},
          "if":{"properties":{"Loai":{"const":"TC"}}},"then":{"required":["MaSoThue"]},"else":{"not":{"required":["MaSoThue"]}}})",
      R"({"not":{"type":"object"},"type":["object","string"]})",
      R"({"type":"object","properties":{"ten":{"type":"string"},"con":{"$ref":"#"}},"required":["ten"],"additionalProperties":false})",
      R"({"$ref":"#/definitions/cay","definitions":{"cay":{"type":"object","required":["nhanh"],"properties":{"nhanh":{"type":"array","items":{"$ref":"#/definitions/cay"}}}}}})",
      R"({"definitions":{"n":{"anyOf":[{"type":"object","required":["x"],"properties":{"x":{"$ref":"#/definitions/n"}}},{"type":"string"}]}},"$ref":"#/definitions/n"})",
      R"({"type":"object","properties":{"a":false,"b":true},"required":["b"]})",
      R"({"properties":{"a":{"type":"integer"}},"required":["a"]})",
      R"({})",
      R"(true)",
  };
  for (const char* schema : schemas) {
    CAPTURE(std::string(schema));
    const Bed bed = Bed::text(schema);
    CHECK(refused(*bed.model, bed.generator(), 200) == 0);
  }
}

TEST_CASE("what no document can satisfy is reported as not valid") {
  for (const char* schema :
       {R"(false)", R"({"type":"integer","minimum":4,"maximum":3})",
        R"({"type":"object","required":["a"],"properties":{"a":{"$ref":"#"}}})",
        R"({"allOf":[{"type":"string"},{"type":"integer"}]})",
        R"({"type":"object","required":["a","b"],"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"}}})",
        R"({"type":"array","items":{"type":"integer"},"minItems":4000000000})",
        R"({"type":"string","minLength":4000000000})", R"({"type":"integer","enum":[1.5,"a"]})", R"({"not":{}})"}) {
    CAPTURE(std::string(schema));
    const Bed bed = Bed::text(schema);
    CHECK_FALSE(bed.generator().document(1).valid);
  }
}

TEST_CASE("numbers beyond 2^53, negative ones and fractions that end in 0 are drawn") {
  const Bed bed = Bed::text(R"({"type":"number"})");
  const Generator generator = bed.generator();
  size_t beyond = 0, negative = 0, fractions = 0, ending = 0;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    const std::string text = json_of(generator.document(seed));
    beyond += text.starts_with("900719925474") && text.find('.') == text.npos;
    negative += text[0] == '-';
    fractions += text.find('.') != text.npos;
    ending += text.find('.') != text.npos && text.back() == '0';
  }
  CHECK(beyond > 5);
  CHECK(negative > 20);
  CHECK(fractions > 50);
  CHECK(ending > 10);
}

TEST_CASE("a seed is one document, and its numbers are the same one") {
  const Bed bed = Bed::file("onestop/dossier.schema.json");
  const Generator generator = bed.generator();
  std::set<std::string> different;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const Document once = generator.document(seed), again = generator.document(seed);
    const std::string text = json_of(once);
    CHECK(text == json_of(again));
    CHECK(text == json_of(generator.replay(once.choices.values)));
    different.insert(text);
  }
  CHECK(different.size() > 95);
}

TEST_CASE("every declared field comes and stays away, every list is empty, of one and of many, every code is taken") {
  const Bed bed = Bed::file("onestop/dossier.schema.json");
  const Generator generator = bed.generator();
  std::map<std::string, size_t> seen, empty, one, many;
  std::map<std::string, std::set<std::string>> texts;
  std::map<std::string, size_t> parents;
  constexpr size_t kSeeds = 1'500;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Document document = generator.document(seed);
    walk(document.tree.root(), "$", [&](const std::string& path, const Node* node) {
      ++seen[path];
      if (node->kind == Kind::object) ++parents[path];
      if (node->kind == Kind::text && node->text.size() < 5) texts[path].insert(std::string(node->text));
      if (node->kind == Kind::array) ++(node->count == 0 ? empty : node->count == 1 ? one : many)[path];
    });
  }
  size_t optional = 0, coded = 0, lists = 0;
  for (const schema::PathEntry& entry : bed.model->paths()) {
    CAPTURE(entry.path);
    std::string field = entry.path;
    if (field.ends_with("[]")) {
      field.resize(field.size() - 2);
      ++lists;
      CHECK(empty[field] > 0);
      CHECK(one[field] > 0);
      CHECK(many[field] > 0);
    }
    CHECK(seen[field] > 0);
    const std::string parent = field.substr(0, field.rfind('.'));
    if (!entry.found.steps.back()->required) {
      ++optional;
      CHECK(seen[field] < parents[parent]);
    }
    const auto& allowed = bed.model->type(entry.found.type).allowed;
    if (!allowed) continue;
    ++coded;
    for (const auto& literal : *allowed) CHECK_MESSAGE(texts[field].contains(literal.text), literal.text);
  }
  CHECK(optional > 50);
  CHECK(coded > 5);
  CHECK(lists > 5);
}

TEST_CASE("domains: codes, dates, forms, base64, always, never") {
  const Bed bed = Bed::file("onestop/dossier.schema.json");
  Domains domains;
  domains["$.TrangThaiHoSo"].values = {"4", "77", "9"};
  domains["$.NgayTiepNhan"].date_pattern = "yyyyMMddHHmmss";
  domains["$.NgayHenTra"].presence = Domain::Presence::always;
  domains["$.NgayHenTra"].date_pattern = "yyyyMMddHHmmss";
  domains["$.GhiChu"].presence = Domain::Presence::never;
  domains["$.MaHoSo"].pattern = "^(?P<Agency>H[0-9]{2})-(?P<Day>\\d{6})-(?P<Serial>\\d{4})$";
  domains["$.TaiLieuNop[]"].presence = Domain::Presence::always;
  domains["$.TaiLieuNop[].NoiDungTep"] = {Domain::Presence::always, {}, "", "", true};
  domains["$.ThongTinKhac"] = {Domain::Presence::always, {"<a>1</a>", "<a>2</a>"}, "", "", false};
  const Generator generator = bed.generator(domains);
  const auto date = mapping::DatePattern::parse("yyyyMMddHHmmss");
  const auto code = PatternText::parse(domains["$.MaHoSo"].pattern);
  REQUIRE(date.has_value());
  std::set<std::string> states, embedded;
  size_t leap = 0;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    const Document document = generator.document(seed);
    CHECK(document.valid);
    const Node* root = document.tree.root();
    states.insert(std::string(root->find("TrangThaiHoSo")->text));
    embedded.insert(std::string(root->find("ThongTinKhac")->text));
    mapping::Moment moment;
    for (const char* field : {"NgayTiepNhan", "NgayHenTra"}) {
      CHECK(date->read(root->find(field)->text, moment));
      leap += moment.month == 2 && moment.day == 29;
    }
    CHECK(root->find("GhiChu") == nullptr);
    CHECK(code->matches(root->find("MaHoSo")->text));
    REQUIRE(root->find("TaiLieuNop")->count > 0);
    const Node* content = root->find("TaiLieuNop")->first->find("NoiDungTep");
    REQUIRE(content != nullptr);
    CHECK(codec::decode_base64(content->text).has_value());
  }
  // 77 is no code of the schema; the other two are.
  CHECK(states == std::set<std::string>{"4", "9"});
  CHECK(embedded.size() == 2);
  CHECK(leap > 5);
}

TEST_CASE("a domain wins over the schema, and the document says it is not valid") {
  const Bed bed = Bed::text(R"({"type":"object","required":["a"],"properties":{"a":{"enum":["1","2"]}}})");
  Domains domains;
  domains["$.a"].values = {"x"};
  const Document document = bed.generator(domains).document(1);
  CHECK(json_of(document) == R"({"a":"x"})");
  CHECK_FALSE(document.valid);
  domains["$.a"].values = {};
  domains["$.a"].presence = Domain::Presence::never;
  CHECK(json_of(bed.generator(domains).document(1)) == "{}");
  domains["$.a"].pattern = "(";
  CHECK_FALSE(Generator::make(*bed.model, "", domains).has_value());
  CHECK_FALSE(Generator::make(*bed.model, "b").has_value());
}

TEST_CASE("domains of numbers, of true and false, and of names with dots") {
  const Bed bed = Bed::text(R"({"type":"object","required":["n","m","b","c.d","e"],"properties":{"n":{"type":"integer"},
    "m":{"type":"number"},"b":{"type":"boolean"},"c.d":{"type":"array","items":{"type":"string"}},
    "e":{"type":["null","string"]}}})");
  Domains domains;
  domains["$.n"].values = {"7", "x", "12"};
  domains["$.m"].pattern = "^[1-9]\\.5$";
  domains["$.b"].values = {"true"};
  domains["$.c.d[]"].values = {"một", "hai"};
  domains["$.e"].presence = Domain::Presence::always;
  const Generator generator = bed.generator(domains);
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const Document document = generator.document(seed);
    CHECK(document.valid);
    const Node* root = document.tree.root();
    CHECK((root->find("n")->text == "7" || root->find("n")->text == "12"));
    CHECK(root->find("m")->text.substr(1) == ".5");
    CHECK(root->find("b")->flag);
    CHECK(root->find("e")->kind == Kind::text);
    for (const Node* item = root->find("c.d")->first; item != nullptr; item = item->next)
      CHECK((item->text == "một" || item->text == "hai"));
  }
}

TEST_CASE("some documents are full, some bare, most between") {
  const Bed bed = Bed::file("insurance/query.schema.json");
  const Generator generator = bed.generator();
  std::map<uint32_t, size_t> counts;
  for (uint64_t seed = 1; seed <= 500; ++seed) ++counts[generator.document(seed).tree.root()->count];
  CHECK(counts[5] > 50);  // the required ones
  CHECK(counts[6] > 50);
  CHECK(counts[7] > 50);
}

TEST_CASE("a failing document shrinks to the smallest that fails") {
  const Bed bed = Bed::file("onestop/dossier.schema.json");
  const Generator generator = bed.generator();
  const auto broken = [](const Document& document) {
    const Node* files = document.tree.root()->find("TaiLieuNop");
    if (files == nullptr || files->kind != Kind::array) return false;
    for (const Node* file = files->first; file != nullptr; file = file->next) {
      const Node* kind = file->find("LoaiNoiDung");
      if (kind != nullptr && kind->text.size() > 3) return true;
    }
    return false;
  };
  size_t shrunk_ones = 0;
  for (uint64_t seed = 1; seed <= 200 && shrunk_ones < 5; ++seed) {
    const Document failing = generator.document(seed);
    if (!broken(failing)) continue;
    ++shrunk_ones;
    const ShrunkDocument small = shrink(generator, failing, broken);
    CAPTURE(json_of(small.document));
    CAPTURE(small.attempts);
    CHECK(small.document.valid);
    const Node* root = small.document.tree.root();
    CHECK(root->count == 11);  // the ten required fields and this one
    REQUIRE(root->find("TaiLieuNop") != nullptr);
    CHECK(root->find("TaiLieuNop")->count == 1);
    const Node* file = root->find("TaiLieuNop")->first;
    CHECK(file->count == 2);  // its name is required
    CHECK(file->find("LoaiNoiDung")->text == "aaaa");
    CHECK(file->find("TenTepDinhKem")->text == "a");
    CHECK(root->find("TrangThaiHoSo")->text == "1");
  }
  CHECK(shrunk_ones == 5);
}

TEST_CASE("shrinking knows numbers only, and stops when told") {
  const auto fails = [](const std::vector<uint64_t>& values) -> std::optional<Choices> {
    uint64_t sum = 0;
    for (const uint64_t value : values) sum += value;
    if (sum < 17) return std::nullopt;
    return Choices{values, {}};
  };
  const Choices failing{{0, 40, 3, 0, 900, 2, 0}, {{1, 3}}};
  const Shrunk small = shrink(failing, fails);
  CHECK(small.choices.values.size() <= 2);
  uint64_t sum = 0;
  for (const uint64_t value : small.choices.values) sum += value;
  CHECK(sum == 17);
  CHECK(shrink(failing, fails, 3).attempts == 3);
}

TEST_CASE("how fast documents are drawn (printed, nothing asserted)") {
  using Clock = std::chrono::steady_clock;
  for (const char* name : {"bench/dossier.schema.json", "onestop/dossier.schema.json", "bench/dossier.xsd"}) {
    const Bed bed = Bed::file(name);
    const Generator generator = bed.generator();
    const auto begin = Clock::now();
    size_t count = 0, nodes = 0;
    for (; count < 5'000; ++count) nodes += generator.document(count).tree.nodes();
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    CHECK(nodes > count);
    std::cout << name << ": " << static_cast<size_t>(static_cast<double>(count) / seconds) << " documents/s of "
              << nodes / count << " nodes\n";
  }
}
