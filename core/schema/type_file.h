// Type files: what the bus must know of a message type before any mapping: schema, keys, sender, receivers, files.
//
//   type: onestop/dossier                 # folder and name of the file
//   format: json
//   schema: dossier.schema.json           # beside the file; left out = open content, only well-formedness is asked
//   title: {vi: Hồ sơ một cửa, en: One-stop dossier}
//   business_keys: [{name: MaHoSo, path: $.MaHoSo}]
//   order_key: {space: dossier, path: $.MaHoSo}
//   sender: {path: $.MaDonViTiepNhan}
//   attachments: [{path: "$.TaiLieuNop[].NoiDungTep", name: TenTepDinhKem, carrier: base64}]
//
// A message of several parts (ten steps of several dossiers in one call) names the repeated group they stand in:
//   split: $.data[]                       # "$" when the document itself is a list
// A path of a key that leads through the group is read in each part, any other in the whole document. Each part is
// routed, ordered and delivered as if it had been sent alone; it stays one message, one record, one body.
//
// An answer says what it answers, and how its status is to be read; codes are compared without leading zeros:
//   correlation: {path: $.MaHoSo, role: answer}
//   answers: {path: $.TrangThaiHoSo, read: ["4", "9"], refused: ["3"]}
//
// Every path is checked against the schema at load, with file:line:col and the nearest name. A key may name several
// paths (`or`): the first that the document has counts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/spec.h"
#include "core/message/body.h"
#include "core/message/message.h"
#include "core/schema/doc_path.h"
#include "core/schema/model.h"

namespace lt::schema {

// Where a key is read: in the document and, of a type that splits, in one part of it.
struct Scope {
  const Node* root = nullptr;
  const Node* part = nullptr;
};
// One path, or several to try in order.
struct KeyPaths {
  config::Located<std::string> path;
  std::vector<config::Located<std::string>> or_else;
  std::vector<DocPath> compiled;
  std::vector<DocPath> in_part;  // the same from the part on; empty() where a path does not lead through `split`
  std::optional<std::string_view> first_text(const Scope& scope) const;
  // Of the first path that the document has.
  std::vector<std::string_view> texts(const Scope& scope, size_t most) const;
};
struct BusinessKeyRule : KeyPaths {
  std::string name;
};
struct OrderKeyRule : KeyPaths {
  std::string space;
};
enum class CorrelationRole : uint8_t { request, answer };
// Requests and answers find one another by a value of one space, that of the order key unless said otherwise. A later
// request of the same value is told apart from an earlier one when the value is a business key of both.
struct CorrelationRule : KeyPaths {
  CorrelationRole role = CorrelationRole::request;
  std::string space;
};
struct AnswersRule : KeyPaths {
  std::vector<config::Located<std::string>> read, refused;
  AnswerKind kind_of(std::string_view code) const;
};
// `name` and `content_type` are paths from the object that holds the content; of Carrier::part that is a name.
struct AttachmentRule {
  config::Located<std::string> path;
  config::Located<std::string> name, content_type;
  Carrier carrier = Carrier::base64;
  DocPath content, name_path, type_path;
};
enum class TypeKeyClass : uint8_t { personal, document };
enum class Dialect : uint8_t { none, edxml };
struct Titles {
  std::string vi, en;
};

struct TypeFile {
  std::string type;  // "onestop/dossier"
  Format format = Format::json;
  Dialect dialect = Dialect::none;  // edxml: canonicalised before its paths are read
  std::string schema;               // relative to the schemas root once loaded; "" = open content
  std::string root;                 // root element, where the XSD has several
  Titles title;
  std::string description;
  std::vector<BusinessKeyRule> business_keys;
  std::optional<OrderKeyRule> order_key;
  std::optional<KeyPaths> dedupe_key, sender, receivers, urgency, trace;
  std::optional<CorrelationRule> correlation;
  std::optional<AnswersRule> answers;
  std::optional<config::Located<std::string>> split;
  DocPath split_path;
  std::vector<config::Located<std::string>> personal;  // masked everywhere, never logged
  std::vector<DocPath> personal_paths;
  TypeKeyClass key_class = TypeKeyClass::personal;
  std::vector<AttachmentRule> attachments;
  Place place;
};

const config::Spec<TypeFile>& type_file_spec();

// Reads a parsed type file whose name below the root is `name` ("onestop/dossier.type.yaml"). Paths are compiled here
// and checked against `model` by `check_paths`.
TypeFile read_type_file(const config::Value& value, const std::string& name, config::Diagnostics& diagnostics);
void check_paths(const TypeFile& type, const Model& model, config::Diagnostics& diagnostics);
// A path into documents of that type that stands elsewhere in the configuration. `model`: null = open content.
DocPath compile_path(const TypeFile& type, const Model* model, const config::Located<std::string>& path,
                     config::Diagnostics& diagnostics);

struct FoundAttachment {
  const Node* node = nullptr;  // a blob, or a short text
  std::string path, name, content_type;
  Carrier carrier = Carrier::plain;
};
// What one part says of itself.
struct ExtractedPart : Part {
  std::vector<std::string> receivers;
};
// What a document says of itself.
struct Extracted {
  std::vector<BusinessKey> keys;  // those of all parts, each once
  std::string order_key;          // "<space>:<value>", "" when the type has none or splits
  std::string dedupe_key;         // "" when the type declares none
  std::string from;
  std::vector<std::string> receivers;  // those of all parts, each once
  Urgency urgency = 0;
  std::string trace;
  std::vector<Tie> ties;
  std::vector<FoundAttachment> attachments;
  std::vector<ExtractedPart> parts;  // empty unless the type splits
};
// Errors: missing_field when the order or dedupe key is declared and absent, with its path; schema_violation for a key
// of more than limits::kExtractedKey bytes; too_large for more than limits::kReceivers receivers. An urgency that is no
// number from 0 to 4 counts as 0: partners write it carelessly, and no document should fail for it. Of a type that
// splits: bad_parts for no part or more than limits::kSplitParts; schema_violation when parts name different senders.
Result<Extracted> extract(const TypeFile& type, const Node* root);

}  // namespace lt::schema
