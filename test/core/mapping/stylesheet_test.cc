// A stylesheet instead of rules.
#include <filesystem>
#include <fstream>

#include "core/mapping/mapping_store.h"
#include "test/core/mapping/fixture.h"

using namespace lt;
using namespace lt::mapping;
using lt::mapping::test::has;

namespace {

std::string xsd(const std::string& root, const std::string& ns = "") {
  const std::string target = ns.empty() ? "" : " targetNamespace=\"" + ns + "\" elementFormDefault=\"qualified\"";
  return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"" + target + "><xs:element name=\"" + root +
         "\"><xs:complexType><xs:sequence><xs:element name=\"Ten\" type=\"xs:string\"/><xs:element name=\"Tep\" "
         "type=\"xs:string\" minOccurs=\"0\"/></xs:sequence></xs:complexType></xs:element></xs:schema>";
}
std::string sheet(const std::string& body) {
  return "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">\n" + body +
         "\n</xsl:stylesheet>\n";
}
const std::string kGreets =
    "<xsl:template match=\"/HoSo\"><D xmlns=\"urn:d\"><Ten xmlns:a=\"urn:a\" a:so=\"1\">Ông <xsl:value-of "
    "select=\"Ten\"/></Ten></D></xsl:template>";

// A folder with mappings/m.map.yaml, its stylesheet and two schemas.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/lienthong-stylesheet-XXXXXX";
    REQUIRE(mkdtemp(name));
    root_ = name;
    put("schemas/source.xsd", xsd("HoSo"));
    put("schemas/target.xsd", xsd("D", "urn:d"));
    put("schemas/target.json", R"({"type":"object"})");
  }
  ~Folder() { std::filesystem::remove_all(root_); }
  void put(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_ + "/" + path).parent_path());
    std::ofstream(root_ + "/" + path) << text;
  }
  MappingStore::Entry load(
      const std::string& style, const std::string& more = "",
      const std::string& target = "{format: xml, schema: target.xsd, root: D, ns: {\"\": urn:d}}") {
    std::filesystem::remove(root_ + "/mappings/m.xsl");
    if (!style.empty()) put("mappings/m.xsl", style);
    put("mappings/m.map.yaml",
        "mapping: m\nversion: 1\nsource: {format: xml, schema: source.xsd, root: HoSo}\ntarget: " + target +
            "\nxslt: m.xsl\n" + more);
    out = {};
    return MappingStore::load_file(system_env(), root_ + "/mappings/m.map.yaml", root_ + "/schemas", out);
  }
  // "m.xsl:2 LT-1124" of each finding.
  std::vector<std::string> findings() const {
    std::vector<std::string> all;
    for (const auto& at : out.findings())
      all.push_back(at.place.file.substr(at.place.file.rfind('/') + 1) + ":" + std::to_string(at.place.line) + " " +
                    code_text(at.code));
    return all;
  }
  config::Diagnostics out;

 private:
  std::string root_;
};
using Found = std::vector<std::string>;

// The output, or the error.
std::string translate(const Mapping& mapping, const std::string& document) {
  Tree source, target;
  REQUIRE(codec::parse_xml(std::string_view(document), source));
  Node* const kept = target.make(Kind::null);
  target.set_root(kept);
  if (auto done = run(mapping, source.root(), target, {}); !done) {
    CHECK(target.root() == kept);
    return done.error().text() + " | " + done.error().hint;
  }
  auto encoded = encode(mapping, *target.root());
  REQUIRE_MESSAGE(encoded, encoded.error().text());
  return encoded->text();
}

}  // namespace

TEST_CASE("a stylesheet translates, with the namespaces of the file and its own") {
  Folder folder;
  const auto entry = folder.load(sheet(kGreets), "reverse: none\n");
  REQUIRE_MESSAGE(entry.mapping, folder.out.text());
  CHECK(folder.out.findings().empty());
  CHECK(translate(*entry.mapping, "<HoSo><Ten>Nguyễn Văn A</Ten></HoSo>") ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<D xmlns=\"urn:d\" xmlns:n1=\"urn:a\"><Ten n1:so=\"1\">Ông Nguyễn "
        "Văn "
        "A</Ten></D>");
  CHECK(entry.mapping->label() == "m@1");
}

TEST_CASE("a stylesheet is one-way: said once, every field is lossy, no promise holds") {
  Folder folder;
  auto entry = folder.load(sheet(kGreets));
  CHECK(folder.findings() == Found{"m.map.yaml:5 LT-1123"});
  CHECK(folder.out.ok());
  REQUIRE(entry.mapping);
  CHECK_FALSE(entry.reverse);
  CHECK(entry.reversal.overall == Fidelity::lossy);
  CHECK(entry.reversal.find("$.Ten")->why.text() == "a stylesheet is one-way");
  entry = folder.load(sheet(kGreets), "reverse: lossy\n");
  CHECK_MESSAGE(folder.out.findings().empty(), folder.out.text());
  entry = folder.load(sheet(kGreets), "reverse: canonical\n");
  CHECK(folder.findings() == Found{"m.map.yaml:6 LT-1122"});
  CHECK(has(folder.out.text(), "reverse: canonical is promised, but a stylesheet is one-way"));
}

TEST_CASE("what is wrong with a stylesheet is said with its line") {
  Folder folder;
  CHECK_FALSE(folder.load(sheet("<xsl:template match=\"/[\"/>"), "reverse: none\n").mapping);
  CHECK(folder.findings() == Found{"m.xsl:2 LT-1124"});
  folder.load("<xsl:stylesheet", "reverse: none\n");
  REQUIRE(folder.findings().size() == 1);
  CHECK(has(folder.findings()[0], "m.xsl:"));
  CHECK(has(folder.findings()[0], "LT-1124"));
  folder.load(sheet(kGreets), "reverse: none\n", "{format: json, schema: target.json}");
  CHECK(folder.findings() == Found{"m.map.yaml:5 LT-1003"});
  folder.load(sheet(kGreets), "rules:\n  - Ten: Ten\n");
  CHECK(has(folder.out.text(), "rules or xslt, not both"));
  CHECK_FALSE(folder.out.ok());
  folder.load(sheet(kGreets), "reverse: none\n", "{format: xml, schema: target.xsd, root: E}");
  CHECK(folder.findings() == Found{"m.map.yaml:4 LT-1102"});
}

TEST_CASE("a stylesheet that is not there is named where the mapping names it") {
  Folder folder;
  CHECK_FALSE(folder.load("", "reverse: none\n").mapping);
  CHECK_MESSAGE(folder.findings() == Found{"m.map.yaml:5 LT-1010"}, folder.out.text());
}

TEST_CASE("what a stylesheet says while it runs, another root, and a file in the document are errors of the run") {
  Folder folder;
  auto entry = folder.load(
      sheet("<xsl:template match=\"/HoSo\"><xsl:message terminate=\"yes\">thieu ten</xsl:message></xsl:template>"),
      "reverse: none\n");
  REQUIRE_MESSAGE(entry.mapping, folder.out.text());
  const std::string ended = translate(*entry.mapping, "<HoSo><Ten/></HoSo>");
  CHECK(has(ended, "LT-2112"));
  CHECK(has(ended, "thieu ten"));
  CHECK(has(ended, "m.xsl"));
  entry = folder.load(sheet("<xsl:template match=\"/HoSo\"><E/></xsl:template>"), "reverse: none\n");
  const std::string other = translate(*entry.mapping, "<HoSo><Ten/></HoSo>");
  CHECK(has(other, "LT-2109"));
  CHECK(has(other, "m.map.yaml:5"));
  entry = folder.load(sheet(kGreets), "reverse: none\n");
  CHECK(has(translate(*entry.mapping, "<Khac><Ten/></Khac>"), "LT-2102"));
  const std::string with_file =
      translate(*entry.mapping, "<HoSo><Ten>a</Ten><Tep>" + std::string(100'000, 'A') + "</Tep></HoSo>");
  CHECK(has(with_file, "LT-3004"));
  CHECK(has(with_file, "$.Tep"));
  CHECK(has(with_file, "by rules"));
}
