#include "core/workshop/sheet.h"

#include <doctest/doctest.h>

#include "core/base/env.h"
#include "core/base/hash.h"
#include "core/mapping/reason.h"
#include "test/core/workshop/bench.h"

using namespace lt;
using namespace lt::workshop;

namespace {

using workshop::test::has;

struct Signed {
  mapping::MappingStore::Entry entry;
  SheetRequest request;
  explicit Signed(const std::string& file) {
    config::Diagnostics found;
    const std::string root = LT_SOURCE_DIR;
    entry = mapping::MappingStore::load_file(system_env(), root + "/mappings/" + file, root + "/schemas", found);
    REQUIRE_MESSAGE(entry.mapping, found.text());
    request.entry = &entry;
    request.sha256 = "abc123";
    config::CsvTable rows = config::parse_csv("source,target,ten\n1,A,\"<b>&\"\"|\"\n", "t.csv", found);
    request.tables.push_back({"states", "t.csv", "def456", rows});
  }
};

}  // namespace

TEST_CASE("the sheet names fields, titles, rules, tables, what is left out, hashes and two signers") {
  Signed at("judicial/judicial-to-onestop.map.yaml");
  const std::string text = sheet(at.request);
  for (const char* part :
       {"judicial-to-onestop @ 1", "abc123", "def456", "Mã hồ sơ một cửa điện tử", "tra bảng status", "chép nguyên",
        "luôn là \"phieu-ly-lich-tu-phap.pdf\"", "chỉ khi exists phieuLLTP", "không khôi phục đủ",
        "Trường không chuyển", "ketQuaXuLy.loaiPhieu", "impossible-day", "Đại diện bên gửi", "Đại diện bên nhận",
        "yyyyMMddHHmmss", "### KetQua &lt;- ketQuaXuLy", "&lt;b&gt;&amp;\"\\|"})
    CHECK_MESSAGE(has(text, part), std::string(part));
  at.request.vietnamese = false;
  const std::string english = sheet(at.request);
  CHECK(has(english, "table status; code not in the table: held"));
  CHECK_FALSE(has(english, "chép nguyên"));
}

TEST_CASE("as HTML it is one page without scripts or outside resources, everything escaped") {
  Signed at("judicial/onestop-to-judicial.map.yaml");
  at.request.html = true;
  const std::string page = sheet(at.request);
  CHECK(page.starts_with("<!DOCTYPE html>"));
  CHECK(has(page, "size: A4"));
  CHECK(has(page, "&lt;b&gt;&amp;&quot;|"));
  CHECK_FALSE(has(page, "<b>"));
  CHECK_FALSE(has(page, "<script"));
  CHECK_FALSE(has(page, "http"));
  CHECK(has(page, "ngày yyyyMMddHHmmss -&gt; dd/MM/yyyy"));
  CHECK(has(page, "mỗi phần tử của $.TaiLieuNop thành một phần tử"));
}

TEST_CASE("why a field does not come back is said in the language of the sheet") {
  const workshop::test::Folder folder;
  const auto entry =
      folder.open(workshop::test::kHead + workshop::test::kTables + workshop::test::kRules + workshop::test::kIgnore);
  SheetRequest request;
  request.entry = &entry;
  const std::string text = sheet(request);
  CHECK(has(text, "không khôi phục đủ: mất, trừ khi Loai == 'TC'"));
  CHECK(has(text, "không khôi phục đủ(Loai, Ghi)"));
  CHECK_FALSE(has(text, "lossy"));
  request.vietnamese = false;
  const std::string english = sheet(request);
  CHECK(has(english, "lossy: it is lost unless Loai == 'TC'"));
  CHECK(has(english, "lossy(Loai, Ghi)"));
  // every reason has both texts, and shows what it is about
  using Is = mapping::Reason::Is;
  for (int is = static_cast<int>(Is::no_rule); is <= static_cast<int>(Is::joined_changed); ++is) {
    const mapping::Reason reason(static_cast<Is>(is), "A1", "B2");
    CHECK_MESSAGE((!reason.text(true).empty() && !reason.text(false).empty()), is);
    CHECK(reason.text(true) != reason.text(false));
    CHECK(has(reason.text(true), "A1") == has(reason.text(false), "A1"));
    CHECK(has(reason.text(true), "B2") == has(reason.text(false), "B2"));
  }
  CHECK(mapping::Reason().text(true).empty());
}

TEST_CASE("a mapping that says reverse: none promises nothing field by field") {
  const workshop::test::Folder folder;
  const auto entry =
      folder.open(workshop::test::kHead + workshop::test::kTables + workshop::test::kRules + "reverse: none\n");
  SheetRequest request;
  request.entry = &entry;
  CHECK(has(sheet(request), "| Khả năng đi ngược | không có: chỉ một chiều |"));
  CHECK_FALSE(has(sheet(request), "không khôi phục đủ"));
}

namespace {

std::string xsd(const std::string& roots) {
  std::string out = "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">";
  for (size_t at = 0; at < roots.size();) {
    const size_t end = std::min(roots.find(' ', at), roots.size());
    out += "<xs:element name=\"" + roots.substr(at, end - at) +
           "\"><xs:complexType><xs:sequence><xs:element name=\"Ten\" type=\"xs:string\"/></xs:sequence>"
           "</xs:complexType></xs:element>";
    at = end + 1;
  }
  return out + "</xs:schema>";
}

}  // namespace

TEST_CASE("a schema without titles is called by its root element") {
  const workshop::test::Folder folder;
  folder.put("schemas/s.xsd", xsd("Khac HoSo"));
  folder.put("schemas/t.xsd", xsd("Goi"));
  const auto entry = folder.open(
      "mapping: m\nversion: 1\nsource: {format: xml, schema: s.xsd, root: HoSo}\n"
      "target: {format: xml, schema: t.xsd, root: Goi}\nrules:\n  - Ten: Ten\n");
  SheetRequest request;
  request.entry = &entry;
  const std::string text = sheet(request);
  CHECK(has(text, "| Tên | HoSo -&gt; Goi |"));
  CHECK(has(text, "| Nguồn | HoSo (s.xsd, XML) |"));
  CHECK(has(text, "| Đích | Goi (t.xsd, XML) |"));
}

TEST_CASE("the sheet of a stylesheet says where its rules are, what is checked, and that there is no way back") {
  const workshop::test::Folder folder;
  folder.put("schemas/s.xsd", xsd("HoSo"));
  folder.put("schemas/t.xsd", xsd("Goi"));
  const std::string style =
      "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"><xsl:template "
      "match=\"/\"><Goi><Ten>x</Ten></Goi></xsl:template></xsl:stylesheet>\n";
  folder.put("maps/m.xsl", style);
  const std::string yaml =
      "mapping: m\nversion: 1\nsource: {format: xml, schema: s.xsd, root: HoSo}\n"
      "target: {format: xml, schema: t.xsd, root: Goi}\nreverse: none\nxslt: m.xsl\n";
  const auto entry = folder.open(yaml);
  SheetRequest request;
  request.entry = &entry;
  const std::string text = sheet(request);
  CHECK(has(text, "| Khả năng đi ngược | không khôi phục đủ: XSLT chỉ có một chiều |"));
  CHECK(has(text, "Luật nằm trong tệp XSLT m.xsl"));
  CHECK(has(text, "phần tử gốc Goi. Phần còn lại không so với lược đồ đích"));
  CHECK(has(text, "SHA-256 " + hex(sha256(style))));
  CHECK_FALSE(has(text, "Trường đích"));
  request.vietnamese = false;
  CHECK(has(sheet(request), "The rules stand in the XSLT file m.xsl"));
  CHECK(has(sheet(request), "| Reversibility | lossy: a stylesheet is one-way |"));
}
