#include "core/codec/edxml_write.h"

#include <doctest/doctest.h>

#include "core/base/hash.h"
#include "core/codec/base64.h"
#include "core/codec/edxml.h"
#include "core/codec/edxml_read.h"
#include "core/codec/xml.h"
#include "core/codec/zip.h"
#include "core/message/tree.h"

using namespace lt;
using namespace lt::codec;
using namespace std::chrono_literals;

namespace {

const Wall kAt{std::chrono::milliseconds(1'795'138'200'123)};  // 2026-11-20T08:30:00.123+07:00

std::string every_byte(size_t size) {
  std::string out;
  for (size_t i = 0; i < size; ++i) out.push_back(static_cast<char>((i * 7 + i / 251) & 0xFF));
  return out;
}

DocumentOut sample() {
  DocumentOut document;
  document.from = {.id = "H22.10",
                   .in_charge = "UBND tỉnh",
                   .name = "Sở Tư pháp",
                   .address = "",
                   .email = "stp@example.vn",
                   .telephone = "",
                   .fax = "",
                   .website = ""};
  document.to.resize(2);
  document.to[0].id = "H49.02";
  document.to[1].id = "G15.01";
  document.document_id = "H22.10,2026/11/20,267/STP-VP";
  document.code_number = "267";
  document.code_notation = "STP-VP";
  document.place = "Hạ Long";
  document.promulgated = 2026y / 11 / 20;
  document.subject = "V/v phối hợp <xác minh> & trả lời";
  document.signer_name = "Nguyễn Văn A";
  document.priority = 2;
  document.answers.push_back({"H49.02", "9/UBND", 2026y / 1 / 5, "H49.02,2026/01/05,9/UBND"});
  document.hops.push_back({"H22.10", kAt});
  document.bussiness.type = 2;
  document.bussiness.reason = "Sửa nơi nhận";
  document.bussiness.document_id = "H22.10,2026/11/19,260/STP-VP";
  document.attachments.resize(2);
  document.attachments[0].name = "Công văn 267.pdf";
  document.attachments[0].bytes = every_byte(200'000);
  document.attachments[1].name = "Danh sách.xlsx";
  document.attachments[1].bytes = every_byte(777);
  document.attachments[1].zipped = false;
  return document;
}

std::string text_of(const Tree& tree, std::initializer_list<std::string_view> path) {
  const Node* node = tree.root();
  for (const auto name : path) {
    node = node ? node->find(name) : nullptr;
  }
  REQUIRE(node != nullptr);
  return std::string(node->text);
}

}  // namespace

TEST_CASE("a written document parses, in the shape deployed receivers want") {
  const auto file = write_edxml_document(sample());
  REQUIRE(file.has_value());
  CHECK(file->find("<edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\"><edXML:edXMLEnvelope ") !=
        std::string::npos);
  CHECK(file->find("<AttachmentEncoded><Attachment><ContentId>cid:") != std::string::npos);
  CHECK(file->find("<edXML:ContentTransferEncoded xmlns:edXML=") != std::string::npos);

  Tree tree;
  REQUIRE(parse_xml(*file, tree).has_value());
  REQUIRE(canonicalise_edxml(tree).has_value());
  CHECK_FALSE(is_edxml_status(tree.root()));
  const auto header = {std::string_view("edXMLEnvelope"), std::string_view("edXMLHeader"),
                       std::string_view("MessageHeader")};
  const Node* message = tree.root();
  for (const auto name : header) message = message->find(name);
  std::string order;
  for (const Node* child = message->first; child; child = child->next) {
    CHECK(child->ns == kEdxmlNamespace);
    order += std::string(child->name) + ' ';
  }
  CHECK(order ==
        "From To To DocumentId Code PromulgationInfo DocumentType Subject SignerInfo OtherInfo ResponseFor "
        "SteeringType ");
  CHECK(text_of(tree, {"edXMLEnvelope", "edXMLHeader", "MessageHeader", "PromulgationInfo", "PromulgationDate"}) ==
        "2026/11/20");
  CHECK(text_of(tree, {"edXMLEnvelope", "edXMLHeader", "MessageHeader", "Subject"}) ==
        "V/v phối hợp <xác minh> & trả lời");
  CHECK(text_of(tree, {"edXMLEnvelope", "edXMLHeader", "TraceHeaderList", "TraceHeader", "Timestamp"}) ==
        "2026/11/20 08:30:00");
}

TEST_CASE("manifest and attachments are joined by content id; the bytes come back as they were") {
  const DocumentOut document = sample();
  const auto file = write_edxml_document(document);
  REQUIRE(file.has_value());
  const auto read = read_edxml(*file);
  REQUIRE(read.has_value());
  REQUIRE(read->attachments.size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    CHECK(read->attachments[i].name == document.attachments[i].name);
    CHECK(read->attachments[i].sha256 == hex(sha256(document.attachments[i].bytes)));
    CHECK(read->attachments[i].size == document.attachments[i].bytes.size());
    const std::string id = "<ContentId>cid:" + uuid_of(document.document_id + '#' + std::to_string(i));
    CHECK(file->find(id) != std::string::npos);
    CHECK(file->find("<edXML:" + id.substr(1)) != std::string::npos);
  }

  const std::string opening = "ContentTransferEncoded xmlns:edXML=\"" + std::string(kEdxmlNamespace) + "\">";
  const size_t begin = file->find(opening) + opening.size();
  const auto carried = decode_base64(std::string_view(*file).substr(begin, file->find('<', begin) - begin));
  REQUIRE(carried.has_value());
  CHECK(carried->starts_with("PK"));
  UnzipSingleSource unzipped(std::make_unique<MemorySource>(*carried));
  std::string bytes(document.attachments[0].bytes.size() + 1, '\0');
  size_t filled = 0;
  for (;;) {
    const auto n = unzipped.read(bytes.data() + filled, bytes.size() - filled);
    REQUIRE(n.has_value());
    if (*n == 0) break;
    filled += *n;
  }
  bytes.resize(filled);
  CHECK(bytes == document.attachments[0].bytes);
  CHECK(is_wrapper_name(unzipped.entry_name(), document.attachments[0].name));
}

TEST_CASE("reading a document tells its target and its hops; the header hash sees every lost element but no hop") {
  DocumentOut document = sample();
  const auto read = read_edxml(*write_edxml_document(document));
  REQUIRE(read.has_value());
  CHECK(read->from == "H22.10");
  CHECK(read->to == std::vector<std::string>{"H49.02", "G15.01"});
  CHECK(read->target == "H22.10,2026/11/19,260/STP-VP");
  CHECK(read->hops == std::vector<std::string>{"H22.10"});
  document.hops.push_back({"H22", kAt});
  CHECK(read_edxml(*write_edxml_document(document))->header_hash == read->header_hash);
  document.bussiness.reason.clear();
  CHECK(read_edxml(*write_edxml_document(document))->header_hash != read->header_hash);
}

TEST_CASE("a written status message parses and has neither trace nor body") {
  StatusOut status;
  status.from.id = "H49.02";
  status.about = {"H22.10", "267/STP-VP", 2026y / 11 / 20, "H22.10,2026/11/20,267/STP-VP"};
  status.staff.staff = "Trần Thị B";
  status.code = "03";
  status.description = "Đã tiếp nhận";
  status.at = kAt;
  const auto file = write_edxml_status(status);
  REQUIRE(file.has_value());
  CHECK(file->find("TraceHeaderList") == std::string::npos);
  CHECK(file->find("edXMLBody") == std::string::npos);
  const auto read = read_edxml(*file);
  REQUIRE(read.has_value());
  CHECK(read->status);
  CHECK(read->status_code == "03");
  CHECK(read->to == std::vector<std::string>{"H22.10"});
  CHECK(read->document_id == "H22.10,2026/11/20,267/STP-VP");
}

TEST_CASE("what XML cannot hold is refused; a file without a receiver is no document") {
  DocumentOut document = sample();
  document.subject = std::string("a\x01");
  CHECK(write_edxml_document(document).error().code == Code::bad_xml);
  document = sample();
  document.to.clear();
  CHECK(read_edxml(*write_edxml_document(document)).error().code == Code::bad_xml);
}
