#include "core/schema/schema_store.h"

#include <fstream>

#include "core/codec/edxml.h"
#include "core/codec/xml.h"
#include "core/config/yaml.h"
#include "test/core/schema/json_text.h"
#include "test/support/scratch.h"

using namespace lt;
using namespace lt::schema;

namespace {

const SchemaStore& store() {
  static const auto loaded = [] {
    config::Diagnostics diagnostics;
    auto out = SchemaStore::load(system_env(), std::string(LT_SOURCE_DIR) + "/schemas", diagnostics);
    REQUIRE_MESSAGE(out != nullptr, diagnostics.text());
    return out;
  }();
  return *loaded;
}

Error broken(const char* type, const std::string& document) {
  const auto tree = tree_of(document);
  const auto checked = store().find(type)->check(tree->root());
  REQUIRE_FALSE(checked.has_value());
  return checked.error();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

const std::string kDossier =
    R"({"MaHoSo":"H49.02.05-260815-0042","MaTTHC":"2.000488","TenTTHC":"Cấp Phiếu lý lịch tư pháp",
 "ChuHoSo":"Nguyễn Văn A","LoaiDoiTuong":"1","TrichYeuHoSo":"Cấp phiếu số 1","NgayTiepNhan":"20260815083000",
 "TrangThaiHoSo":"2","DonViXuLy":"Bộ phận Một cửa","MaDonViTiepNhan":"H49.02.05","TruongLa":{"x":1},
 "TaiLieuNop":[{"TenTepDinhKem":"a.pdf","NoiDungTep":"QUJD","LoaiNoiDung":"application/pdf"},{"TenTepDinhKem":"b.pdf"}],
 "ToKhaiLLTP":{"HoTen":"Nguyễn Văn A","GioiTinh":"1","NgaySinh":"1985","LoaiGiayTo":"3","SoGiayTo":"001085012345",
  "DienThoai":"0900000000","ThuongTru":{"MaTinh":"22"},"LoaiPhieu":"1","MucDich":"Xin việc","SoLuongCap":1,
  "CuTru":[{"TuNgay":"2001","NoiCuTru":"Hạ Long"}]}})";

}  // namespace

TEST_CASE("every schema and type file of the house loads") {
  for (const char* type : {"onestop/dossier", "onestop/progress", "judicial/submit", "judicial/result",
                           "edxml/document", "edxml/status", "bench/dossier", "portal/progress"})
    CHECK_MESSAGE(store().find(type) != nullptr, type);
  CHECK(store().find("onestop/nothing") == nullptr);
  REQUIRE(store().model("bench/dossier.xsd") != nullptr);
  CHECK(store().model("bench/dossier.xsd")->format == Format::xml);
}

TEST_CASE("a one-stop dossier: accepted with unknown fields, refused where the schema says") {
  const MessageType& type = *store().find("onestop/dossier");
  const auto tree = tree_of(kDossier);
  const auto checked = type.check(tree->root());
  CHECK_MESSAGE(checked.has_value(), (checked ? "" : checked.error().text()));
  CHECK(broken("onestop/dossier", replaced(kDossier, "H49.02.05-260815-0042", "H49-1")).place.path == "$.MaHoSo");
  CHECK(broken("onestop/dossier", replaced(kDossier, "\"TrangThaiHoSo\":\"2\"", "\"TrangThaiHoSo\":\"11\"")).code ==
        Code::value_not_allowed);
  CHECK(broken("onestop/dossier", replaced(kDossier, "\"HoTen\"", "\"hoTen\"")).place.path == "$.ToKhaiLLTP.HoTen");
  CHECK(broken("onestop/dossier", replaced(kDossier, "\"1985\"", "\"15/8/85\"")).code == Code::bad_pattern);
}

TEST_CASE("what a dossier says of itself") {
  const auto tree = tree_of(kDossier);
  const auto found = extract(store().find("onestop/dossier")->file, tree->root());
  REQUIRE(found.has_value());
  REQUIRE(found->keys.size() == 2);
  CHECK(found->keys[0] == BusinessKey{"MaHoSo", "H49.02.05-260815-0042"});
  CHECK(found->order_key == "dossier:H49.02.05-260815-0042");
  CHECK(found->dedupe_key.empty());
  CHECK(found->from == "H49.02.05");
  REQUIRE(found->attachments.size() == 1);
  CHECK(found->attachments[0].path == "$.TaiLieuNop[0].NoiDungTep");
  CHECK(found->attachments[0].name == "a.pdf");
  CHECK(found->attachments[0].content_type == "application/pdf");
  const auto without = tree_of("{}");
  const auto refused = extract(store().find("onestop/dossier")->file, without->root());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::missing_field);
  CHECK(refused.error().place.path == "$.MaHoSo");
}

TEST_CASE("an edXML document: receivers, urgency, and an answer ordered behind what it answers") {
  const std::string head =
      R"(<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader><MessageHeader>
<From><OrganId>H49.01</OrganId></From><To><OrganId>H49.02</OrganId></To><To><OrganId>H49.03</OrganId></To>
<DocumentId>H49.01,2026/08/15,12/UBND</DocumentId><OtherInfo><Priority>3</Priority></OtherInfo>)";
  const std::string tail =
      R"(</MessageHeader><TraceHeaderList><Bussiness><BussinessDocType>0</BussinessDocType></Bussiness>
</TraceHeaderList></edXMLHeader></edXMLEnvelope><AttachmentEncoded><Attachment><AttachmentName>a.pdf</AttachmentName>
<ContentTransferEncoded>QUJD</ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>)";
  const std::string answer =
      "<ResponseFor><DocumentId>X,1</DocumentId></ResponseFor><ResponseFor><DocumentId>Y</DocumentId></ResponseFor>";
  for (const auto& [text, key] : {std::pair(head + tail, "document:H49.01,2026/08/15,12/UBND"),
                                  std::pair(head + answer + tail, "document:X,1")}) {
    Tree tree;
    REQUIRE(codec::parse_xml(std::string_view(text), tree).has_value());
    REQUIRE(codec::canonicalise_edxml(tree).has_value());
    const auto found = extract(store().find("edxml/document")->file, tree.root());
    REQUIRE(found.has_value());
    CHECK(found->order_key == key);
    CHECK(found->receivers == std::vector<std::string>{"H49.02", "H49.03"});
    CHECK(found->urgency == 3);
    REQUIRE(found->attachments.size() == 1);
    CHECK(found->attachments[0].name == "a.pdf");
  }
}

TEST_CASE("a type file's mistakes are all named with line and column") {
  config::Diagnostics diagnostics;
  const std::string text =
      "type: bench/other\nformat: json\nschema: dossier.schema.json\ntitle: {vi: a, en: b}\n"
      "order_key: {space: x, path: $.dossier.cod}\npersonal:\n  - $.applicant.fullname\n  - $..x\n";
  const config::Value value = config::parse_yaml(text, "schemas/bench/dossier.type.yaml", diagnostics);
  const TypeFile type = read_type_file(value, "bench/dossier.type.yaml", diagnostics);
  check_paths(type, *store().model("bench/dossier.schema.json"), diagnostics);
  const std::string said = diagnostics.text();
  CHECK(said.find("dossier.type.yaml:5:29") != std::string::npos);
  CHECK(said.find("did you mean \"code\"?") != std::string::npos);
  CHECK(said.find("dossier.type.yaml:7:5") != std::string::npos);
  CHECK(said.find("did you mean \"fullName\"?") != std::string::npos);
  CHECK(said.find("dossier.type.yaml:8:5") != std::string::npos);
  CHECK(said.find("bench/other") != std::string::npos);
}

TEST_CASE("a type of XML is checked against its XSD, from the root that it names") {
  const test::Scratch scratch;
  const auto put = [&](const char* name, const std::string& text) {
    std::ofstream(scratch.path() + "/" + name) << text;
  };
  put("two.xsd",
      "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><xs:element name=\"A\" type=\"xs:date\"/>"
      "<xs:element name=\"B\" type=\"xs:date\"/></xs:schema>");
  put("two.type.yaml", "type: two\nformat: xml\nschema: two.xsd\nroot: A\ntitle: {vi: thử, en: test}\n");
  config::Diagnostics diagnostics;
  const auto loaded = SchemaStore::load(system_env(), scratch.path(), diagnostics);
  REQUIRE_MESSAGE(loaded != nullptr, diagnostics.text());
  const auto problem = [&](std::string_view document) {
    Tree tree;
    REQUIRE(codec::parse_xml(document, tree).has_value());
    const auto checked = loaded->find("two")->check(tree.root());
    return checked ? Code::none : checked.error().code;
  };
  CHECK(problem("<A>2026-07-01</A>") == Code::none);
  CHECK(problem("<A>2026-07-00</A>") == Code::bad_pattern);
  CHECK(problem("<B>2026-07-01</B>") == Code::unknown_field);
}

TEST_CASE("an XSD that cannot be compiled keeps the schemas from loading, at its line") {
  const test::Scratch scratch;
  std::ofstream(scratch.path() + "/a.xsd")
      << "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n<xs:element name=\"A\" type=\"xs:date\" "
         "default=\"today\"/></xs:schema>";
  std::ofstream(scratch.path() + "/a.type.yaml") << "type: a\nformat: xml\nschema: a.xsd\ntitle: {vi: thử, en: test}\n";
  config::Diagnostics diagnostics;
  CHECK(SchemaStore::load(system_env(), scratch.path(), diagnostics) == nullptr);
  CHECK(diagnostics.text().find("a.xsd:2") != std::string::npos);
  CHECK(diagnostics.text().find("the default value of \"A\" is none of its type") != std::string::npos);
}
