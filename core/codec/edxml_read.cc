#include "core/codec/edxml_read.h"

#include <algorithm>

#include "core/base/hash.h"
#include "core/codec/base64.h"
#include "core/codec/edxml.h"
#include "core/codec/xml.h"
#include "core/codec/zip.h"
#include "core/message/tree.h"

namespace lt::codec {
namespace {

const Node* at(const Node* node, std::initializer_list<std::string_view> path) {
  for (const auto name : path) node = node ? node->find(name) : nullptr;
  return node;
}

std::string text_at(const Node* node, std::initializer_list<std::string_view> path) {
  const Node* found = at(node, path);
  return found && found->kind == Kind::text ? std::string(found->text) : std::string();
}

void list_elements(const Node* node, const std::string& path, std::vector<std::string>& out) {
  for (const Node* child = node->first; child; child = child->next) {
    if (child->name == "TraceHeader") continue;
    std::string line = path + '/' + std::string(child->name);
    list_elements(child, line, out);
    if (child->name == "TraceHeaderList") continue;  // the first hop brings it
    if (child->kind == Kind::text) line += '=' + std::string(child->text);
    out.push_back(std::move(line));
  }
}

std::string hash_of_header(const Node* header) {
  std::vector<std::string> lines;
  list_elements(header, {}, lines);
  std::sort(lines.begin(), lines.end());
  Sha256Stream hash;
  for (const auto& line : lines) hash.update(line + '\n');
  return hex(hash.finish()).substr(0, 16);
}

Result<EdxmlAttachment> read_attachment(const Node* node, std::string_view file) {
  EdxmlAttachment out;
  out.name = text_at(node, {"AttachmentName"});
  const Node* carried = node->find("ContentTransferEncoded");
  if (carried && carried->kind == Kind::object) carried = carried->find("#text");
  std::string_view encoded;
  if (carried && carried->kind == Kind::text) encoded = carried->text;
  if (carried && carried->kind == Kind::blob) encoded = file.substr(carried->blob.offset, carried->blob.length);
  LT_ASSIGN(const std::string bytes, decode_base64(encoded));
  MemorySource source(bytes);
  LT_ASSIGN(const Unwrapped unwrapped, sniff_single_zip(source, out.name));
  out.sha256 = hex(unwrapped.sha256);
  out.size = unwrapped.size;
  return out;
}

void read_document_header(const Node* header, EdxmlFile& out) {
  const Node* message = header->find("MessageHeader");
  for (const Node* child = message->first; child; child = child->next)
    if (child->name == "To") out.to.push_back(text_at(child, {"OrganId"}));
  out.document_id = text_at(message, {"DocumentId"});
  out.code_number = text_at(message, {"Code", "CodeNumber"});
  out.code_notation = text_at(message, {"Code", "CodeNotation"});
  out.promulgated = text_at(message, {"PromulgationInfo", "PromulgationDate"});
  const Node* traces = header->find("TraceHeaderList");
  out.target = text_at(traces, {"Bussiness", "DocumentId"});
  if (out.target.empty())
    out.target = text_at(traces, {"Bussiness", "ReplacementInfoList", "ReplacementInfo", "DocumentId"});
  if (out.target.empty()) out.target = text_at(message, {"ResponseFor", "DocumentId"});
  for (const Node* hop = traces ? traces->first : nullptr; hop; hop = hop->next)
    if (hop->name == "TraceHeader") out.hops.push_back(text_at(hop, {"OrganId"}));
}

void read_status_header(const Node* message, EdxmlFile& out) {
  out.to = {text_at(message, {"ResponseFor", "OrganId"})};
  out.document_id = text_at(message, {"ResponseFor", "DocumentId"});
  out.about_code = text_at(message, {"ResponseFor", "Code"});
  out.promulgated = text_at(message, {"ResponseFor", "PromulgationDate"});
  out.status_code = text_at(message, {"StatusCode"});
}

}  // namespace

Result<EdxmlFile> read_edxml(std::string_view file) {
  Tree tree;
  LT_TRY(parse_xml(file, tree));
  LT_TRY(canonicalise_edxml(tree));
  const Node* header = at(tree.root(), {"edXMLEnvelope", "edXMLHeader"});
  EdxmlFile out;
  out.status = is_edxml_status(tree.root());
  out.from = text_at(header, {"MessageHeader", "From", "OrganId"});
  if (out.status)
    read_status_header(header->find("MessageHeader"), out);
  else
    read_document_header(header, out);
  const bool nowhere = out.to.empty() || std::find(out.to.begin(), out.to.end(), std::string()) != out.to.end();
  if (out.from.empty() || out.document_id.empty() || nowhere)
    return fail(Code::bad_xml, "the header lacks From/OrganId, a DocumentId or the OrganId of a receiver");
  out.header_hash = hash_of_header(header);
  const Node* attachments = tree.root()->find("AttachmentEncoded");
  for (const Node* node = attachments ? attachments->first : nullptr; node; node = node->next) {
    if (node->name != "Attachment") continue;
    LT_ASSIGN(auto attachment, read_attachment(node, file));
    out.attachments.push_back(std::move(attachment));
  }
  return out;
}

}  // namespace lt::codec
