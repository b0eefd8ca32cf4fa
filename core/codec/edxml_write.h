// Writes edXML files (QCVN 102:2016/BTTTT) the way the national SDK does: for simulators and tests, whole in memory.
//
// Some receivers look for the literal prefix `edXML:` below the root and not for its namespace, so it is always
// written; AttachmentEncoded and Attachment stand without it, and the last child of an Attachment declares and carries
// it again. Elements come in the order of the SDK; what is empty is left out. Dates are yyyy/MM/dd, timestamps Vietnam
// time.
//
// Error bad_xml for characters that XML does not allow.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace lt::codec {

inline constexpr std::string_view kEdxmlNamespace = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

struct OrganOut {
  std::string id;
  std::string in_charge, name, address, email, telephone, fax, website;
};

struct StaffOut {
  std::string department, staff, mobile, email;
};

// A document that is answered, or that a status is about.
struct ResponseOut {
  std::string organ_id;
  std::string code;  // "267/VPCP-TTĐT"
  std::chrono::year_month_day promulgated{};
  std::string document_id;
};

struct HopOut {
  std::string organ_id;
  Wall at{};
};

struct BussinessOut {
  int type = 0;  // 0 new, 1 recall, 2 update, 3 replacement
  std::string reason;
  std::string document_id;  // what is recalled or updated
  int paper = 0;
  StaffOut staff;
  std::vector<std::string> replaced;  // ids of the documents this one replaces
};

struct AttachmentOut {
  std::string name;  // "Công văn 267.pdf"
  std::string content_type = "application/pdf";
  std::string description;
  std::string bytes;
  bool zipped = true;      // as the SDK does: a ZIP of one entry "<uuid>.<extension>"; else the bytes as they are
  std::string content_id;  // a UUID; "" = made from the document id and the place in the list
};

struct DocumentOut {
  OrganOut from;
  std::vector<OrganOut> to;
  std::string document_id;  // "<OrganId>,yyyy/MM/dd,<number>/<notation>"
  std::string code_number, code_notation;
  std::string place;
  std::chrono::year_month_day promulgated{};
  int type = 18, type_detail = 0;
  std::string type_name = "Công văn";
  std::string subject, content;
  std::string signer_competence, signer_position, signer_name;
  std::chrono::year_month_day due{};
  std::vector<std::string> to_places;
  int priority = 0;  // 0 normal ... 4 timed express
  std::string sphere, typer_notation;
  int copies = 1, pages = 1;
  std::vector<std::string> appendixes;
  std::vector<ResponseOut> answers;
  int steering_type = 1;
  std::vector<HopOut> hops;
  BussinessOut bussiness;
  std::vector<AttachmentOut> attachments;
};
Result<std::string> write_edxml_document(const DocumentOut& document);

struct StatusOut {
  OrganOut from;
  ResponseOut about;
  StaffOut staff;
  std::string code;  // "01", "03", ...
  std::string description;
  Wall at{};
};
Result<std::string> write_edxml_status(const StatusOut& status);

// A UUID that is the same for the same text.
std::string uuid_of(std::string_view text);

}  // namespace lt::codec
