// The canonical schemas, their code lists and the ready tables: complete, and in agreement with one another.
#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "core/schema/code_list.h"
#include "core/schema/schema_store.h"
#include "test/core/schema/json_text.h"

using namespace lt;
using namespace lt::schema;

namespace {

const std::string kRoot = LT_SOURCE_DIR;
const std::string kCodes = kRoot + "/schemas/canonical/codes/", kTables = kRoot + "/mappings/tables/";
const std::set<std::string_view> kMarks = {"", "S", "C", "D", "B", "(?)"};
constexpr const char* kTypes[] = {"dossier", "progress", "document", "document-status", "result-paper", "payment"};

const SchemaStore& store() {
  static const auto loaded = [] {
    config::Diagnostics diagnostics;
    auto out = SchemaStore::load(system_env(), kRoot + "/schemas", diagnostics);
    REQUIRE_MESSAGE(out != nullptr, diagnostics.text());
    return out;
  }();
  return *loaded;
}

std::string file_of(const std::string& name) { return "canonical/" + name + ".schema.json"; }

// Every member of every `properties` below `node`, with its path.
void each_field(const Node* node, const std::string& path,
                const std::function<void(const Node*, const std::string&)>& say) {
  for (const Node* child = node->first; child != nullptr; child = child->next) {
    const std::string below = child->name.empty() ? path : path + "/" + std::string(child->name);
    if (child->name == "properties")
      for (const Node* field = child->first; field != nullptr; field = field->next)
        say(field, below + "/" + std::string(field->name));
    each_field(child, below, say);
  }
}

config::CsvTable csv(const std::string& path) {
  config::Diagnostics diagnostics;
  auto out = config::parse_csv_file(system_env(), path, diagnostics);
  CHECK_MESSAGE(diagnostics.ok(), diagnostics.text());
  return out;
}

CodeList list(const std::string& name) {
  config::Diagnostics diagnostics;
  auto out = CodeList::load_file(system_env(), kCodes + name + ".csv", diagnostics);
  CHECK_MESSAGE(diagnostics.ok(), diagnostics.text());
  return out;
}

CodeTable table(const std::string& path) {
  config::Diagnostics diagnostics;
  auto out = CodeTable::load_file(system_env(), path, diagnostics);
  CHECK_MESSAGE(diagnostics.ok(), diagnostics.text());
  return out;
}

std::vector<std::string> cells(std::string_view line) {
  std::vector<std::string> out;
  for (size_t at = line.find('|'); at != line.npos && at + 1 < line.size();) {
    const size_t end = std::min(line.find('|', at + 1), line.size());
    std::string_view cell = line.substr(at + 1, end - at - 1);
    while (!cell.empty() && cell.front() == ' ') cell.remove_prefix(1);
    while (!cell.empty() && cell.back() == ' ') cell.remove_suffix(1);
    out.emplace_back(cell);
    at = end;
  }
  return out;
}

// The rows of a README's catalogue: the cells of each line that begins with "| `name.csv`".
std::map<std::string, std::vector<std::string>> catalogue(const std::string& readme) {
  std::map<std::string, std::vector<std::string>> out;
  const std::string text = read_source_file(readme);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const auto row = cells(std::string_view(text).substr(at, end - at));
    at = end + 1;
    const size_t ending = row.empty() ? std::string::npos : row[0].find(".csv`");
    if (ending != std::string::npos) out[row[0].substr(1, ending - 1)] = row;
  }
  return out;
}

std::set<std::string> csv_files(const std::string& folder) {
  std::set<std::string> out;
  const auto names = system_env().list(folder);
  REQUIRE(names);
  for (const std::string& name : *names)
    if (name.size() > 4 && name.substr(name.size() - 4) == ".csv") out.insert(name.substr(0, name.size() - 4));
  return out;
}

template <class T>
std::set<std::string> names_of(const std::map<std::string, T>& map) {
  std::set<std::string> out;
  for (const auto& [name, value] : map) out.insert(name);
  return out;
}

}  // namespace

TEST_CASE("every field of the canonical schemas has its name, its meaning and its source") {
  size_t fields = 0;
  for (const std::string name : kTypes) {
    CHECK_MESSAGE(store().find("canonical/" + name) != nullptr, name);
    const auto tree = tree_of(read_source_file("schemas/" + file_of(name)));
    each_field(tree->root(), name, [&](const Node* field, const std::string& path) {
      ++fields;
      for (const char* keyword : {"title", "description", "x-source"}) {
        const Node* said = field->find(keyword);
        CHECK_MESSAGE((said != nullptr && said->text.size() > 2), (path + " lacks " + keyword));
      }
      if (const Node* mark = field->find("x-certainty"))
        CHECK_MESSAGE((kMarks.count(mark->text) == 1 && !mark->text.empty()), path);
      if (const Node* open = field->find("additionalProperties")) CHECK_MESSAGE(open->flag, path);
    });
  }
  CHECK(fields > 250);
}

TEST_CASE("an enum beside x-codes has the codes of the list, no more and no less") {
  size_t lists = 0, enums = 0;
  for (const std::string name : kTypes) {
    for (const Type& type : store().model(file_of(name))->types) {
      if (type.codes.empty()) continue;
      ++lists;
      const auto found = store().code_list(type.codes);
      REQUIRE_MESSAGE(found, type.codes);
      if (!type.allowed) continue;
      ++enums;
      std::set<std::string> allowed, codes;
      for (const Literal& literal : *type.allowed) allowed.insert(literal.text);
      for (const CodeEntry& entry : found->entries()) codes.insert(entry.code);
      CHECK_MESSAGE(allowed == codes, (type.place.text() + " " + type.codes));
    }
  }
  CHECK(lists > 20);
  CHECK(enums >= 9);
}

TEST_CASE("what the one-stop agreement has, the canonical dossier has in the same form") {
  const Model &canonical = *store().model(file_of("dossier")), &agreed = *store().model("onestop/dossier.schema.json");
  size_t compared = 0;
  for (const PathEntry& entry : agreed.paths()) {
    if (entry.path.rfind("$.ToKhaiLLTP", 0) == 0 || entry.path == "$") continue;
    const auto found = canonical.lookup(entry.path);
    REQUIRE_MESSAGE((found.has_value() && found->declared()), entry.path);
    const Type &ours = canonical.type(found->type), &theirs = agreed.type(entry.found.type);
    CHECK_MESSAGE(ours.kinds == theirs.kinds, entry.path);
    CHECK_MESSAGE(ours.patterns == theirs.patterns, entry.path);
    CHECK_MESSAGE(ours.max_length == theirs.max_length, entry.path);
    CHECK_MESSAGE(found->optional == entry.found.optional, entry.path);
    ++compared;
  }
  CHECK(compared > 60);
}

TEST_CASE("every code list loads, says how sure it is, and stands in the catalogue with its number of rows") {
  const auto known = catalogue("schemas/canonical/codes/README.md");
  CHECK(names_of(known) == csv_files(kCodes));
  for (const auto& [name, row] : known) {
    CAPTURE(name);
    CHECK(std::to_string(list(name).entries().size()) == row.at(2));
    const auto text = csv(kCodes + name + ".csv");
    const size_t certainty = text.column("certainty"), source = text.column("source");
    REQUIRE(certainty != config::CsvTable::npos);
    for (const auto& fields : text.rows) {
      CHECK_MESSAGE(kMarks.count(fields[certainty].text) == 1, text.place(fields[certainty]).text());
      CHECK(!fields[source].text.empty());
    }
  }
}

TEST_CASE("every ready table loads, uses codes of its lists only, and repeats their names rightly") {
  const auto known = catalogue("mappings/tables/README.md");
  CHECK(names_of(known) == csv_files(kTables));
  for (const auto& [name, row] : known) {
    CAPTURE(name);
    const CodeTable codes = table(kTables + name + ".csv");
    CHECK(std::to_string(codes.rows().size()) == row.at(3));
    const CodeList from = list(row.at(1));
    std::vector<CodeList> to;
    for (const char* each : {"tinh-63", "tinh-34"})
      if (row.at(2).find(each) != std::string::npos) to.push_back(list(each));
    if (name == "tinh-63--34") to.push_back(list("tinh-63"));
    if (to.empty()) to.push_back(list(row.at(2)));
    const auto text = csv(kTables + name + ".csv");
    const size_t source_name = text.column("source_name"), target_name = text.column("target_name");
    for (size_t i = 0; i < codes.rows().size(); ++i) {
      const CodeRow& each = codes.rows()[i];
      CAPTURE(each.line);
      REQUIRE(from.find(each.source) != nullptr);
      if (source_name != config::CsvTable::npos) CHECK(text.rows[i][source_name].text == from.find(each.source)->name);
      // A day on which the row holds; none when it holds on all.
      std::optional<Day> day;
      if (each.from != kEver) day = each.from;
      if (each.to != kNever) day = each.to;
      const CodeEntry* there = nullptr;
      for (const CodeList& in : to)
        if (there == nullptr) there = in.find(each.target, day);
      REQUIRE(there != nullptr);
      if (target_name != config::CsvTable::npos) CHECK(text.rows[i][target_name].text == there->name);
    }
  }
}

TEST_CASE("63 provinces became 34: lists, tables, agencies and the judicial mapping tell the same") {
  const auto before = parse_day("2025-06-30"), after = parse_day("2025-07-01");
  const CodeTable provinces = table(kTables + "tinh-63--34.csv"), agencies = table(kTables + "dinh-danh-tinh--34.csv"),
                  numbers = table(kTables + "dinh-danh-tinh--ma-tinh.csv");
  const CodeList now = list("tinh-34");
  std::set<std::string> reached;
  const auto old = csv(kCodes + "tinh-63.csv");
  REQUIRE(old.rows.size() == 63);
  for (const auto& fields : old.rows) {
    const std::string &code = fields[old.column("code")].text, &heir = fields[old.column("successor")].text,
                      &agency = fields[old.column("agency")].text;
    CAPTURE(code);
    CHECK(provinces.forward(code, before)->target == code);
    REQUIRE(provinces.forward(code, after)->target == heir);
    CHECK(provinces.forward(heir, after)->target == heir);
    CHECK(provinces.forward(provinces.reverse(heir, after)->source, after)->target == heir);
    CHECK(numbers.forward(agency, before)->target == code);
    CHECK(numbers.forward(agencies.forward(agency, after)->target, after)->target == heir);
    reached.insert(heir);
  }
  CHECK(reached.size() == 34);
  CHECK(now.entries().size() == 34);
  for (const std::string& code : reached) CHECK(now.find(code) != nullptr);
  // The way back is the old province of the same name.
  CHECK(provinces.reverse("44", after)->source == "45");
  const CodeTable judicial = table(kRoot + "/mappings/judicial/tables/ma-tinh.csv");
  for (const CodeRow& row : judicial.rows())
    CHECK_MESSAGE(numbers.forward(row.source, after)->target == row.target, row.source);
  const auto directory = csv(kRoot + "/schemas/agencies/agencies.csv");
  for (const auto& fields : directory.rows) {
    const std::string& code = fields[directory.column("code")].text;
    const std::string& heir = fields[directory.column("successors")].text;
    if (code[0] == 'H') CHECK(agencies.forward(code, after)->target == (heir.empty() ? code : heir));
  }
}

TEST_CASE("the channel table tells what the judicial mapping tells") {
  const CodeTable ours = table(kTables + "kenh-thuc-hien--lltp.csv"),
                  theirs = table(kRoot + "/mappings/judicial/tables/kenh-thuc-hien.csv");
  REQUIRE(ours.rows().size() == theirs.rows().size());
  for (const CodeRow& row : theirs.rows()) {
    CHECK(ours.forward(row.source)->target == row.target);
    CHECK(ours.reverse(row.target)->source == theirs.reverse(row.target)->source);
  }
}

TEST_CASE("canonical messages: checked, and what they say of themselves") {
  const MessageType& document = *store().find("canonical/document");
  const auto text = [](const std::string& more, const std::string& priority) {
    return R"({"From":{"OrganId":"H49.01"},"To":[{"OrganId":"H49.02"},{"OrganId":"000.00.00.G22"}],
      "DocumentId":"H49.01,2026/08/15,12/UBND","Code":{"CodeNumber":"12","CodeNotation":"UBND"},
      "PromulgationInfo":{"PromulgationDate":"2026/08/15"},"Subject":"V/v","La":1,"OtherInfo":{"Priority":")" +
           priority + "\"}" + more + "}";
  };
  const auto fresh = tree_of(text("", "3"));
  const auto checked = document.check(fresh->root());
  REQUIRE_MESSAGE(checked, checked.error().text());
  const auto found = extract(document.file, fresh->root());
  REQUIRE(found);
  CHECK(found->order_key == "document:H49.01,2026/08/15,12/UBND");
  CHECK(found->from == "H49.01");
  CHECK(found->receivers == std::vector<std::string>{"H49.02", "000.00.00.G22"});
  CHECK(found->urgency == 3);
  const auto recall =
      tree_of(text(R"(,"TraceHeaderList":{"Bussiness":{"BussinessDocType":"1","DocumentId":"X"}})", "0"));
  REQUIRE(document.check(recall->root()));
  CHECK(extract(document.file, recall->root())->order_key == "document:X");
  CHECK_FALSE(document.check(tree_of(text("", "5"))->root()));

  const MessageType& status = *store().find("canonical/document-status");
  const auto answer = [](const std::string& code) {
    return tree_of(R"({"From":{"OrganId":"H49.02"},"ResponseFor":{"OrganId":"H49.01","DocumentId":"X"},
      "StatusCode":")" +
                   code + R"(","Timestamp":"2026/08/15 08:30:00"})");
  };
  CHECK(status.check(answer("03")->root()));
  CHECK(extract(status.file, answer("03")->root())->order_key == "document:X");
  CHECK_FALSE(status.check(answer("14")->root()));

  const MessageType& payment = *store().find("canonical/payment");
  CHECK(payment.check(tree_of(R"({"MaThamChieu":"dvc1","SoTien":"150000","ThoiGianGD":"20260815083000"})")->root()));
  CHECK_FALSE(
      payment.check(tree_of(R"({"MaThamChieu":"dvc1","SoTien":"150.000","ThoiGianGD":"20260815083000"})")->root()));
}
