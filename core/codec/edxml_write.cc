#include "core/codec/edxml_write.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/codec/base64.h"
#include "core/codec/edxml.h"
#include "core/codec/zip.h"

namespace lt::codec {
namespace {

constexpr std::string_view kPrefix = "edXML:";

// Appends elements; remembers the first text that no XML document may hold.
class Writer {
 public:
  void open(std::string_view name, std::string_view attributes = {}) {
    out_ += fmt::format("<{}{}{}>", prefix_, name, attributes);
  }
  void close(std::string_view name) { out_ += fmt::format("</{}{}>", prefix_, name); }
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    open(name);
    escape(name, value);
    close(name);
  }
  void number(std::string_view name, int value) { text(name, std::to_string(value)); }
  void date(std::string_view name, const std::chrono::year_month_day& day) {
    if (day.ok())
      text(name, fmt::format("{:04}/{:02}/{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                             static_cast<unsigned>(day.day())));
  }
  void time(std::string_view name, Wall at) { text(name, edxml_timestamp(at)); }
  void raw(std::string_view text) { out_ += text; }
  void set_prefix(std::string_view prefix) { prefix_ = prefix; }

  Result<std::string> finish() {
    if (!bad_.empty()) return fail(Code::bad_xml, bad_ + " has a character that XML does not allow");
    return std::move(out_);
  }

 private:
  void escape(std::string_view name, std::string_view value) {
    if (!is_utf8(value) && bad_.empty()) bad_ = name;
    for (const char c : value) {
      if (c == '<')
        out_ += "&lt;";
      else if (c == '>')
        out_ += "&gt;";
      else if (c == '&')
        out_ += "&amp;";
      else
        out_ += c;
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 && c != '\n' && c != '\t' && bad_.empty()) bad_ = name;
    }
  }

  std::string out_;
  std::string_view prefix_;
  std::string bad_;
};

void write_organ(Writer& out, std::string_view name, const OrganOut& organ) {
  out.open(name);
  out.text("OrganId", organ.id);
  out.text("OrganizationInCharge", organ.in_charge);
  out.text("OrganName", organ.name);
  out.text("OrganAdd", organ.address);
  out.text("Email", organ.email);
  out.text("Telephone", organ.telephone);
  out.text("Fax", organ.fax);
  out.text("Website", organ.website);
  out.close(name);
}

void write_staff(Writer& out, const StaffOut& staff) {
  if (staff.department.empty() && staff.staff.empty() && staff.mobile.empty() && staff.email.empty()) return;
  out.open("StaffInfo");
  out.text("Department", staff.department);
  out.text("Staff", staff.staff);
  out.text("Mobile", staff.mobile);
  out.text("Email", staff.email);
  out.close("StaffInfo");
}

void write_response(Writer& out, const ResponseOut& response) {
  out.open("ResponseFor");
  out.text("OrganId", response.organ_id);
  out.text("Code", response.code);
  out.date("PromulgationDate", response.promulgated);
  out.text("DocumentId", response.document_id);
  out.close("ResponseFor");
}

void open_file(Writer& out) {
  out.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  out.open("edXML", fmt::format(" xmlns=\"{}\"", kEdxmlNamespace));
  out.set_prefix(kPrefix);
  out.open("edXMLEnvelope", fmt::format(" xmlns:edXML=\"{}\"", kEdxmlNamespace));
  out.open("edXMLHeader");
}

void write_codes(Writer& out, const DocumentOut& document) {
  out.text("DocumentId", document.document_id);
  out.open("Code");
  out.text("CodeNumber", document.code_number);
  out.text("CodeNotation", document.code_notation);
  out.close("Code");
  out.open("PromulgationInfo");
  out.text("Place", document.place);
  out.date("PromulgationDate", document.promulgated);
  out.close("PromulgationInfo");
  out.open("DocumentType");
  out.number("Type", document.type);
  out.number("TypeDetail", document.type_detail);
  out.text("TypeName", document.type_name);
  out.close("DocumentType");
}

void write_other(Writer& out, const DocumentOut& document) {
  out.open("OtherInfo");
  out.number("Priority", document.priority);
  out.text("SphereOfPromulgation", document.sphere);
  out.text("TyperNotation", document.typer_notation);
  out.number("PromulgationAmount", document.copies);
  out.number("PageAmount", document.pages);
  if (!document.appendixes.empty()) {
    out.open("Appendixes");
    for (const auto& appendix : document.appendixes) out.text("Appendix", appendix);
    out.close("Appendixes");
  }
  out.close("OtherInfo");
}

void write_message_header(Writer& out, const DocumentOut& document) {
  out.open("MessageHeader");
  write_organ(out, "From", document.from);
  for (const auto& organ : document.to) write_organ(out, "To", organ);
  write_codes(out, document);
  out.text("Subject", document.subject);
  out.text("Content", document.content);
  if (!document.signer_name.empty()) {
    out.open("SignerInfo");
    out.text("Competence", document.signer_competence);
    out.text("Position", document.signer_position);
    out.text("FullName", document.signer_name);
    out.close("SignerInfo");
  }
  out.date("DueDate", document.due);
  if (!document.to_places.empty()) {
    out.open("ToPlaces");
    for (const auto& place : document.to_places) out.text("Place", place);
    out.close("ToPlaces");
  }
  write_other(out, document);
  for (const auto& answer : document.answers) write_response(out, answer);
  out.number("SteeringType", document.steering_type);
  out.close("MessageHeader");
}

void write_trace(Writer& out, const DocumentOut& document) {
  const BussinessOut& bussiness = document.bussiness;
  out.open("TraceHeaderList");
  for (const auto& hop : document.hops) {
    out.open("TraceHeader");
    out.text("OrganId", hop.organ_id);
    out.time("Timestamp", hop.at);
    out.close("TraceHeader");
  }
  out.open("Bussiness");
  out.number("BussinessDocType", bussiness.type);
  out.text("BussinessDocReason", bussiness.reason);
  out.text("DocumentId", bussiness.document_id);
  out.number("Paper", bussiness.paper);
  write_staff(out, bussiness.staff);
  if (!bussiness.replaced.empty()) {
    out.open("ReplacementInfoList");
    for (const auto& id : bussiness.replaced) {
      out.open("ReplacementInfo");
      out.text("DocumentId", id);
      out.close("ReplacementInfo");
    }
    out.close("ReplacementInfoList");
  }
  out.close("Bussiness");
  out.close("TraceHeaderList");
}

std::string content_id(const DocumentOut& document, size_t i) {
  const auto& attachment = document.attachments[i];
  return attachment.content_id.empty() ? uuid_of(fmt::format("{}#{}", document.document_id, i)) : attachment.content_id;
}

void write_manifest(Writer& out, const DocumentOut& document) {
  out.open("edXMLBody");
  out.open("edXMLManifest", " version=\"1.0\"");
  for (size_t i = 0; i < document.attachments.size(); ++i) {
    const auto& attachment = document.attachments[i];
    out.open("Reference");
    out.text("ContentId", "cid:" + content_id(document, i));
    out.text("ContentType", attachment.content_type);
    out.text("AttachmentName", attachment.name);
    out.text("Description", attachment.description);
    out.close("Reference");
  }
  out.close("edXMLManifest");
  out.close("edXMLBody");
}

Result<std::string> carried(const AttachmentOut& attachment, const std::string& id) {
  if (!attachment.zipped) return encode_base64(attachment.bytes);
  const size_t dot = attachment.name.rfind('.');
  const std::string entry = id + (dot == std::string::npos ? std::string() : attachment.name.substr(dot));
  Base64EncodingSource encoded(
      std::make_unique<ZipSingleSource>(std::make_unique<MemorySource>(attachment.bytes), entry));
  std::string out;
  char piece[16 << 10];
  for (;;) {
    LT_ASSIGN(const size_t n, encoded.read(piece, sizeof piece));
    if (n == 0) return out;
    out.append(piece, n);
  }
}

Result<void> write_attachments(Writer& out, const DocumentOut& document) {
  if (document.attachments.empty()) return {};
  out.open("AttachmentEncoded");
  for (size_t i = 0; i < document.attachments.size(); ++i) {
    const auto& attachment = document.attachments[i];
    const std::string id = content_id(document, i);
    LT_ASSIGN(const std::string bytes, carried(attachment, id));
    out.open("Attachment");
    out.text("ContentId", "cid:" + id);
    out.text("AttachmentName", attachment.name);
    out.text("Description", attachment.description);
    out.text("ContentType", attachment.content_type);
    out.set_prefix(kPrefix);
    out.open("ContentTransferEncoded", fmt::format(" xmlns:edXML=\"{}\"", kEdxmlNamespace));
    out.raw(bytes);
    out.close("ContentTransferEncoded");
    out.set_prefix({});
    out.close("Attachment");
  }
  out.close("AttachmentEncoded");
  return {};
}

}  // namespace

std::string uuid_of(std::string_view text) {
  const Sha256 digest = sha256(text);
  Id id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  // Version 8 and the usual variant (RFC 9562): a UUID by our own recipe.
  id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0F) | 0x80);
  id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id.text();
}

Result<std::string> write_edxml_document(const DocumentOut& document) {
  Writer out;
  open_file(out);
  write_message_header(out, document);
  write_trace(out, document);
  out.close("edXMLHeader");
  write_manifest(out, document);
  out.close("edXMLEnvelope");
  out.set_prefix({});
  LT_TRY(write_attachments(out, document));
  out.close("edXML");
  return out.finish();
}

Result<std::string> write_edxml_status(const StatusOut& status) {
  Writer out;
  open_file(out);
  out.open("MessageHeader");
  write_organ(out, "From", status.from);
  write_response(out, status.about);
  write_staff(out, status.staff);
  out.text("StatusCode", status.code);
  out.text("Description", status.description);
  out.time("Timestamp", status.at);
  out.close("MessageHeader");
  out.close("edXMLHeader");
  out.close("edXMLEnvelope");
  out.set_prefix({});
  out.close("edXML");
  return out.finish();
}

}  // namespace lt::codec
