#include "core/workshop/sheet.h"

#include <doctest/doctest.h>

#include "core/base/env.h"

using namespace lt;
using namespace lt::workshop;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

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
