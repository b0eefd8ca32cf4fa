// Blobs, sizes and the heap.
#include "core/codec/lift.h"
#include "core/mapping/mapping_store.h"
#include "test/core/config/memory_env.h"
#include "test/core/mapping/count_new.h"
#include "test/core/mapping/fixture.h"

using namespace lt;
using namespace lt::mapping;
using namespace lt::mapping::test;

namespace {

const std::string kFile =
    R"({"type":"object","required":["Tep"],"properties":{"Ten":{"type":"string"},"Tep":{"type":"string"}}})";
const std::string kRich =
    R"({"type":"object","properties":{"Files":{"type":"array","items":{"type":"object","properties":{"Ten":{"type":"string"},"Tep":{"type":"string"},"ma":{"type":"integer"},"ngay":{"type":"string"}}}}}})";
const std::string kFiles = R"({"type":"object","properties":{"Files":{"type":"array","items":)" + kFile + "}}}";
const std::string kTargetFiles =
    R"({"type":"object","properties":{"F":{"type":"array","items":{"type":"object","properties":{"N":{"type":"string"},"C":{"type":"string"}}}}}})";

std::string base64_of(size_t size) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out(size, 'A');
  uint32_t seed = 7;
  for (char& c : out) c = kLetters[(seed = seed * 1664525u + 1013904223u) >> 26];
  return out;
}

std::string read_all(ByteSource& source) {
  std::string out(32 << 20, '\0');
  size_t at = 0;
  while (true) {
    const auto n = source.read(out.data() + at, 100'003);
    REQUIRE(n);
    if (*n == 0) break;
    at += *n;
  }
  out.resize(at);
  return out;
}

// A source over part of a body, opened by whoever sends.
OpenRange ranges_of(const std::string& body) {
  return [&body](const BlobRange& range) -> Result<std::unique_ptr<ByteSource>> {
    return std::unique_ptr<ByteSource>(
        std::make_unique<MemorySource>(std::string_view(body).substr(range.offset, range.length)));
  };
}

}  // namespace

TEST_CASE("10 MB of base64 pass as a hole, byte for byte, with a known size") {
  Bench m(
      kFiles, kTargetFiles,
      head() +
          "rules:\n  - F:\n      each: Files\n      rules:\n        - N: Ten\n        - C: {blob: Tep, as: base64}\n");
  REQUIRE_MESSAGE(m.mapping, m.out.text());
  const std::string blob = base64_of(10 << 20);
  const std::string body = R"({"Files":[{"Ten":"a","Tep":")" + blob + R"("},{"Ten":"b","Tep":"QUJD"}]})";
  MemorySource stream(body);
  Tree source, target;
  REQUIRE(codec::parse_json(stream, source));
  REQUIRE(run(*m.mapping, source.root(), target, m.context));
  auto encoded = encode(*m.mapping, *target.root());
  REQUIRE(encoded);
  CHECK(encoded->holes == 1);
  CHECK(encoded->segments[1].verbatim);
  auto opened = open_segments(std::move(*encoded), {ranges_of(body), {}, {}});
  REQUIRE(opened);
  const std::string sent = read_all(**opened);
  CHECK((*opened)->size() == sent.size());
  CHECK(sent == R"({"F":[{"N":"a","C":")" + blob + R"("},{"N":"b","C":"QUJD"}]})");
}

TEST_CASE("base64 with line ends in XML becomes one line in JSON, and its size is known") {
  const std::string xsd =
      R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="R"><xs:complexType><xs:sequence><xs:element name="Tep" type="xs:base64Binary"/></xs:sequence></xs:complexType></xs:element></xs:schema>)";
  Bench m(xsd, R"({"type":"object","properties":{"C":{"type":"string"}}})",
          head("xml", "json") + "rules:\n  - C: {blob: Tep}\n");
  REQUIRE_MESSAGE(m.mapping, m.out.text());
  const std::string blob = base64_of(200'000);
  std::string wrapped;
  for (size_t at = 0; at < blob.size(); at += 76) wrapped.append(blob.substr(at, 76)).append("\n");
  const std::string body = "<R><Tep>" + wrapped + "</Tep></R>";
  Tree source, target;
  REQUIRE(codec::parse_xml(std::string_view(body), source));
  REQUIRE(run(*m.mapping, source.root(), target, m.context));
  auto encoded = encode(*m.mapping, *target.root());
  REQUIRE(encoded);
  auto opened = open_segments(std::move(*encoded), {ranges_of(body), {}, {}});
  REQUIRE(opened);
  const std::string sent = read_all(**opened);
  CHECK(sent == "{\"C\":\"" + blob + "\"}");
  CHECK((*opened)->size() == sent.size());
}

TEST_CASE("small base64 stays text and is checked; a long text is no field for a plain copy between formats") {
  Bench m(kFile, R"({"type":"object"})", head() + "ignore: {source: [Ten]}\nrules:\n  - C: {blob: Tep}\n");
  CHECK(m(R"({"Tep":"QUJD"})") == R"({"C":"QUJD"})");
  CHECK(has(m(R"({"Tep":"khong phai!"})"), "LT-2102"));
  Bench reference(kFile, R"({"type":"object"})",
                  head() + "ignore: {source: [Ten]}\nrules:\n  - C: {blob: Tep, as: reference}\n");
  CHECK(reference(R"({"Tep":"khong phai!"})") == R"({"C":"khong phai!"})");
}

TEST_CASE("a run allocates nothing per field or item beyond the arena") {
  Bench m(kRich, kTargetFiles,
          head() +
              "tables:\n  t: t.csv\ntypes:\n  d: {pattern: dd/MM/yyyy, to: iso-date}\nrules:\n  - F:\n      each: "
              "Files\n      rules:\n"
              "        - N: {from: Ten, normalize: nfc, when: \"Ten != 'x'\"}\n        - C: {blob: Tep}\n        - I: "
              "{index: 1}\n        - T: {from: ma, table: t}\n        - D: {from: ngay, type: d}\n",
          {{"t", "source,target\n1,MOT\n"}});
  REQUIRE_MESSAGE(m.mapping, m.out.text());
  const auto cost = [&](size_t items) {
    std::string text = R"({"Files":[)";
    for (size_t i = 0; i < items; ++i)
      text +=
          std::string(i ? "," : "") + "{\"Ten\":\"H\u1ed3 s\u01a1\",\"Tep\":\"QUJD\",\"ma\":1,\"ngay\":\"01/07/2026\"}";
    text += "]}";
    Tree source, target;
    REQUIRE(codec::parse_json(std::move(text), source));
    REQUIRE(run(*m.mapping, source.root(), target, m.context));
    target.clear();
    const size_t before = allocations();
    const bool done = lt::mapping::run(*m.mapping, source.root(), target, m.context).has_value();
    const size_t after = allocations();
    REQUIRE(done);
    return after - before;
  };
  CHECK(cost(1) == 0);
  CHECK(cost(1'000) == 0);
}

TEST_CASE("all shipped mappings load without a finding and are found by name") {
  config::Diagnostics out;
  const std::string root = LT_SOURCE_DIR;
  const auto store = MappingStore::load(system_env(), root + "/mappings", root + "/schemas", out);
  CHECK_MESSAGE(out.findings().empty(), out.text());
  REQUIRE(!store.entries().empty());
  for (const auto& [name, entry] : store.entries()) {
    REQUIRE_MESSAGE(entry.mapping, name);
    CHECK_MESSAGE(!entry.file.examples.empty(), name);
  }
  CHECK(store.get("dossier-json-to-xml"));
  const auto missing = store.get("dossier-json-to-xm");
  REQUIRE(!missing);
  CHECK(code_text(missing.error().code) == "LT-1114");
  CHECK(has(missing.error().hint, "dossier-json-to-xml"));
  CHECK(store.find("dossier-json-to-xml")->label() == "dossier-json-to-xml@1");
}

TEST_CASE("two rows of a table exchanged: the names of their codes disagree") {
  lt::test::MemoryEnv env;
  const auto put = [&](const std::string& name, const std::string& text) { env.files[name] = text; };
  put("/s/codes/a.csv", "code,name\n1,Mới đăng ký\n2,Đang xử lý\n3,Khác\n");
  put("/s/codes/b.csv", "code,name\nN,Mới đăng ký\nP,Đang xử lý\nX,Loại khác\n");
  const auto schema = [](const char* list) {
    return std::string(R"({"type":"object","properties":{"S":{"type":"string","x-codes":"codes/)") + list + ".csv\"}}}";
  };
  put("/s/a.schema.json", schema("a"));
  put("/s/b.schema.json", schema("b"));
  put("/m/m.map.yaml",
      "mapping: m\nversion: 1\nsource: {format: json, schema: a.schema.json}\n"
      "target: {format: json, schema: b.schema.json}\ntables: {t: t.csv}\nrules:\n  - S: {from: S, table: t}\n");
  const auto lint = [&](const std::string& csv) {
    put("/m/t.csv", csv);
    config::Diagnostics out;
    MappingStore::load_file(env, "/m/m.map.yaml", "/s", out);
    return out.text();
  };
  CHECK(lint("source,target\n1,N\n2,P\n3,X\n").empty());
  const std::string exchanged = lint("source,target\n1,P\n2,N\n3,X\n");
  INFO(exchanged);
  CHECK(exchanged.find("/m/t.csv:2:1: warning LT-1121: 1 is \"Mới đăng ký\", but P is \"Đang xử lý\"; "
                       "\"Mới đăng ký\" is N there") != std::string::npos);
  CHECK(exchanged.find("/m/t.csv:3:1: warning LT-1121") != std::string::npos);
  CHECK(lint("source,target\n1,N\n2,P\n").find("LT-1119") != std::string::npos);
  CHECK(lint("source,target\n1,N\n2,P\n3,Z\n").find("target \"Z\" is not in /s/codes/b.csv") != std::string::npos);
}
