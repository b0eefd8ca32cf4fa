// What a document-management system looks at in an edXML file: whole in memory, for simulators and tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lt::codec {

struct EdxmlAttachment {
  std::string name;
  std::string sha256;  // hex, of the unwrapped bytes
  uint64_t size = 0;
};

struct EdxmlFile {
  bool status = false;  // a status message, else a document
  std::string from;
  std::vector<std::string> to;  // of a status: whose document it is about
  std::string document_id;      // of a status: of the document it is about
  std::string target;           // document this one recalls, updates, replaces or answers; "" = none
  std::string code_number, code_notation;
  std::string about_code;         // of a status: ResponseFor/Code
  std::string promulgated;        // PromulgationDate as written
  std::string status_code;        // two digits
  std::vector<std::string> hops;  // OrganId of each TraceHeader
  // Hash of every element of the header with its path and text, the hops aside: equal when a relay kept them all.
  std::string header_hash;
  std::vector<EdxmlAttachment> attachments;
};
// Errors of parse_xml, canonicalise_edxml and the base64 of an attachment; bad_xml without a sender, a DocumentId, or a
// receiver.
Result<EdxmlFile> read_edxml(std::string_view file);

}  // namespace lt::codec
