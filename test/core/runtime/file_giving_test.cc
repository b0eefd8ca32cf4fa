// Which files get an address, and what is said when one cannot: by a delivery that waits, by the configuration.
#include <doctest/doctest.h>

#include <set>

#include "test/core/runtime/file_house.h"

using namespace lt;
using namespace lt::runtime;
using namespace lt::runtime::test;
using namespace std::chrono_literals;

TEST_CASE("files of the parts of a split message have addresses of their own") {
  FileHouse house;
  write_file(house.bed.schemas + "/files/lo.schema.json",
             R"({"type":"object","properties":{"lo":{"type":"array","items":{"$ref":"ho-so.schema.json"}}}})");
  write_file(house.bed.schemas + "/files/lo.type.yaml",
             "type: files/lo\nformat: json\nschema: lo.schema.json\nsplit: \"$.lo[]\"\ntitle: {vi: thử, en: test}\n");
  house.bed.configure(replaced(replaced(setup(house.partner.url()), "type: files/ho-so", "type: files/lo"),
                               "types: [files/ho-so]", "types: [files/lo]"));
  const auto reloaded = house.bed.reload();
  REQUIRE_MESSAGE(reloaded, reloaded.error().text());
  REQUIRE(house.bed
              .post("/in", R"({"lo":[)" + document(item("a.pdf", "noiDung", "one")) + "," +
                               document(item("a.pdf", "noiDung", "two")) + "]}")
              .status == 202);
  REQUIRE(house.partner.until_got(2));
  std::set<std::string> fetched;
  for (const auto& got : house.partner.got()) fetched.insert(ask(house.bed, addresses(got.body).at(0)).body);
  CHECK(fetched == std::set<std::string>{"one", "two"});
}

TEST_CASE("a file of an XML document gets an address: in a repeated element with attributes, short and long") {
  Bed bed;
  Partner partner(bed.clock);
  use_files(bed);
  write_file(bed.schemas + "/files/van-ban.xsd", R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="VanBan"><xs:complexType><xs:sequence>
  <xs:element name="Tep" maxOccurs="unbounded"><xs:complexType><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="ten" type="xs:string"/>
  </xs:extension></xs:simpleContent></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element></xs:schema>)");
  write_file(bed.schemas + "/files/van-ban.type.yaml",
             "type: files/van-ban\nformat: xml\nschema: van-ban.xsd\ntitle: {vi: thử, en: test}\n");
  write_file(bed.mappings + "/files.map.yaml",
             "mapping: files\nversion: 1\nsource: {format: xml, schema: files/van-ban.xsd, root: VanBan}\n"
             "target: {format: json, schema: files/package.schema.json}\nrules:\n  - tep:\n      each: Tep\n"
             "      rules:\n        - noiDung: {blob: ., as: url, name: \"@ten\"}\n");
  bed.configure(replaced(replaced(setup(partner.url()), "type: files/ho-so", "type: files/van-ban"),
                         "types: [files/ho-so]", "types: [files/van-ban]"));
  bed.start();
  const std::string large(150'000, 'x');
  REQUIRE(bed.post("/in",
                   "<VanBan><Tep ten=\"một &amp; hai.txt\">" + codec::encode_base64("bytes") + "</Tep><Tep ten=\"b\">" +
                       codec::encode_base64(large) + "</Tep></VanBan>",
                   {{"Content-Type", "application/xml"}})
              .status == 202);
  REQUIRE(partner.until_got(1));
  const auto given = addresses(partner.got()[0].body);
  REQUIRE(given.size() == 2);
  CHECK(given[0].ends_with("/m%E1%BB%99t%20%26%20hai.txt"));
  CHECK(ask(bed, given[0]).body == "bytes");
  CHECK(ask(bed, given[1]).body == large);
}

TEST_CASE("no address is given to a file that could not be served") {
  FileHouse house;
  REQUIRE(
      house.bed.post("/in", R"({"ma":"M1","tep":[{"ten":"a","noiDung":"QUJD"},{"ten":"b","goi":"QUJD"}]})").status ==
      202);
  REQUIRE(house.bed.until([&] { return house.bed.lane("out").held == 1; }));
  const auto waiting = house.bed.pending().at(0);
  CHECK(waiting.code == Code::bad_zip);
  CHECK(waiting.detail.find("$.tep[1].goi") != std::string::npos);
  CHECK(house.partner.calls() == 0);
}

TEST_CASE("a file inside an embedded document gets no address, also not that of another file at its path") {
  FileHouse house;
  write_file(house.bed.folder() + "/mappings/files.map.yaml",
             "mapping: files\nversion: 2\nsource: {format: json, schema: files/ho-so.schema.json}\n"
             "target: {format: json, schema: files/package.schema.json}\nrules:\n  - .:\n      from: ma\n"
             "      embedded: json\n      rules: [{ma: {blob: ma, as: url}}]\n");
  const auto reloaded = house.bed.reload();
  REQUIRE_MESSAGE(reloaded, reloaded.error().text());
  REQUIRE(house.bed.post("/in", R"({"ma":"{\"ma\":\"QUJD\"}"})").status == 202);
  REQUIRE(house.bed.until([&] { return house.bed.lane("out").held == 1; }));
  const auto waiting = house.bed.pending().at(0);
  CHECK(waiting.code == Code::bad_embedded);
  CHECK(waiting.detail.find("$.ma") != std::string::npos);
  CHECK(house.partner.calls() == 0);
}

TEST_CASE("a path too long for an address holds the delivery, with its place") {
  FileHouse house;
  const std::string name(400, 'x');
  std::string schema = R"({"type":"string"})", path, body = "\"QUJD\"";
  for (int i = 0; i < 8; ++i) {
    schema = R"({"type":"object","properties":{")" + name + R"(":)" + schema + "}}";
    body = "{\"" + name + "\":" + body + "}";
    path += (path.empty() ? "" : ".") + name;
  }
  write_file(house.bed.schemas + "/files/ho-so.schema.json", schema);
  write_file(house.bed.folder() + "/mappings/files.map.yaml",
             "mapping: files\nversion: 2\nsource: {format: json, schema: files/ho-so.schema.json}\n"
             "target: {format: json, schema: files/package.schema.json}\nrules:\n  - ma: {blob: " +
                 path + ", as: url}\n");
  const auto reloaded = house.bed.reload();
  REQUIRE_MESSAGE(reloaded, reloaded.error().text());
  REQUIRE(house.bed.post("/in", body).status == 202);
  REQUIRE(house.bed.until([&] { return house.bed.lane("out").held == 1; }));
  const auto waiting = house.bed.pending().at(0);
  CHECK(waiting.code == Code::too_large);
  CHECK(waiting.detail.find("$." + name) != std::string::npos);
  CHECK(house.partner.calls() == 0);
}

TEST_CASE("a mapping that comes to give addresses holds what waits for it where nobody serves files") {
  Bed bed;
  Partner partner(bed.clock);
  partner.answer(503);
  use_files(bed);
  write_mapping(bed, "");
  bed.configure(setup(partner.url(), ""));
  bed.start();
  REQUIRE(bed.post("/in", document(item("a.pdf", "noiDung", "bytes"))).status == 202);
  REQUIRE(bed.until([&] { return partner.calls() > 0; }));
  write_mapping(bed, ", as: url, name: ten");
  bed.configure(replaced(setup(partner.url(), ""), ", mapping: files", ""));
  const auto reloaded = bed.reload();
  REQUIRE_MESSAGE(reloaded, reloaded.error().text());
  const size_t tried = partner.calls();
  REQUIRE(bed.until([&] { return bed.lane("out").held == 1; }, 500ms));
  CHECK(bed.pending().at(0).detail.find("`files.serve` is not configured") != std::string::npos);
  CHECK(partner.calls() == tried);
}

TEST_CASE("a mapping that gives addresses wants somebody who serves them, and the section is checked") {
  const auto found = [](const std::string& serve, const std::string& more = "") {
    Bed bed;
    use_files(bed);
    bed.configure(setup("http://127.0.0.1:1", serve) + more);
    config::Diagnostics diagnostics;
    adapter::Registry registry;
    adapter::register_adapters(registry);
    const auto graph = build_graph(read_bus_config(system_env(), bed.folder() + "/bus.yaml", diagnostics), registry,
                                   system_env(), diagnostics);
    CHECK((graph != nullptr) == diagnostics.ok());
    return diagnostics.text();
  };
  const auto has = [](const std::string& text, const std::string& what) {
    CHECK_MESSAGE(text.find(what) != std::string::npos, text);
  };
  const std::string good = "url: \"https://tep.example/tep\"";
  CHECK(found(good) == "");
  has(found(""), "mapping \"files\" gives files an address (as: url), and nobody serves them there");
  has(found(""), "add files: {serve: {listener: ..., url: https://...}}");
  has(found("", "files: {serve: {listener: man, " + good + "}}\n"), "no listener \"man\"");
  has(found("", "files: {serve: {listener: main}}\n"), "url");
  has(found("url: tep.example"), "begins with neither http:// nor https://");
  has(found("url: \"https://tep.example/tep?a=1\""), "no query");
  has(found("url: \"https://tep.example/a&b\""), "no query");
  has(found(good + ", path: tep"), "begins with a slash");
  has(found(good + ", valid: 1s"), "valid");
  CHECK(found(good + ", valid: 14d") == "");
  has(found(good + ", valid: 13d"), "a delivery is tried again for 7d, and addresses of files change after 156h");
  has(found(good + ", valid: 100d"), "bodies can be read for 90d only");
}
