#include "core/schema/type_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"
#include "core/schema/schema_files.h"

namespace lt::schema {
namespace {

using config::Spec;

template <class Rule>
void path_fields(Spec<Rule>& spec) {
  config::Located<std::string> Rule::*const path = &Rule::path;
  std::vector<config::Located<std::string>> Rule::*const or_else = &Rule::or_else;
  spec.text("path", path,
            {.required = true, .doc_en = "Path of the field", .doc_vi = "Đường dẫn của trường", .example = "$.MaHoSo"})
      .texts("or", or_else,
             {.doc_en = "Paths to try, in order, when the document has no such field",
              .doc_vi = "Các đường dẫn thử tiếp theo thứ tự khi tài liệu không có trường trên",
              .most = 8});
}

const Spec<KeyPaths>& paths_spec() {
  static const auto spec = [] {
    Spec<KeyPaths> out("path of a type");
    path_fields(out);
    return out;
  }();
  return spec;
}
const Spec<BusinessKeyRule>& business_key_spec() {
  static const auto spec = [] {
    Spec<BusinessKeyRule> out("business key");
    out.text("name", &BusinessKeyRule::name,
             {.required = true, .doc_en = "What people call the key", .doc_vi = "Tên khóa", .example = "MaHoSo"});
    path_fields(out);
    return out;
  }();
  return spec;
}
const Spec<OrderKeyRule>& order_key_spec() {
  static const auto spec = [] {
    Spec<OrderKeyRule> out("order key");
    out.text("space", &OrderKeyRule::space,
             {.required = true,
              .doc_en = "Key space, shared by the types whose messages follow one another",
              .doc_vi = "Không gian khóa, dùng chung cho các kiểu phải giữ thứ tự với nhau",
              .example = "dossier"});
    path_fields(out);
    return out;
  }();
  return spec;
}
const Spec<CorrelationRule>& correlation_spec() {
  static const auto spec = [] {
    Spec<CorrelationRule> out("correlation");
    path_fields(out);
    out.one_of(
        "role", &CorrelationRule::role, {{"request", CorrelationRole::request}, {"answer", CorrelationRole::answer}},
        {.required = true, .doc_en = "Does this type ask or answer?", .doc_vi = "Kiểu này là yêu cầu hay trả lời?"});
    out.text("space", &CorrelationRule::space,
             {.doc_en = "Key space the values are of, when not that of the order key",
              .doc_vi = "Không gian khóa của giá trị, khi khác với khóa thứ tự"});
    return out;
  }();
  return spec;
}
const Spec<AnswersRule>& answers_spec() {
  static const auto spec = [] {
    Spec<AnswersRule> out("answers");
    path_fields(out);
    out.texts("read", &AnswersRule::read,
              {.doc_en = "Codes that say: taken up by the receiver",
               .doc_vi = "Các mã cho biết bên nhận đã tiếp nhận",
               .example = "03",
               .most = 64})
        .texts("refused", &AnswersRule::refused,
               {.doc_en = "Codes that say: turned down by the receiver",
                .doc_vi = "Các mã cho biết bên nhận từ chối",
                .example = "02",
                .most = 64});
    return out;
  }();
  return spec;
}
const Spec<AttachmentRule>& attachment_spec() {
  static const auto spec =
      Spec<AttachmentRule>("attachment of a type")
          .text("path", &AttachmentRule::path,
                {.required = true, .doc_en = "Path of the content", .doc_vi = "Đường dẫn của nội dung tệp"})
          .text("name", &AttachmentRule::name,
                {.doc_en = "File name, seen from the object that holds the content",
                 .doc_vi = "Tên tệp, tính từ đối tượng chứa nội dung"})
          .text("content_type", &AttachmentRule::content_type,
                {.doc_en = "Media type, likewise", .doc_vi = "Kiểu nội dung, tính như trên"})
          .one_of("carrier", &AttachmentRule::carrier,
                  {{"plain", Carrier::plain},
                   {"base64", Carrier::base64},
                   {"base64_zip", Carrier::base64_zip},
                   {"part", Carrier::part}},
                  {.doc_en = "How the bytes are wrapped; part: the path holds the name of a part of a multipart body",
                   .doc_vi = "Cách đóng gói nội dung; part: đường dẫn chứa tên một phần của thân multipart"});
  return spec;
}
const Spec<Titles>& titles_spec() {
  static const auto spec =
      Spec<Titles>("titles")
          .text("vi", &Titles::vi, {.required = true, .doc_en = "In Vietnamese", .doc_vi = "Tiếng Việt"})
          .text("en", &Titles::en, {.required = true, .doc_en = "In English", .doc_vi = "Tiếng Anh"});
  return spec;
}

DocPath compile(const config::Located<std::string>& path, config::Diagnostics& diagnostics) {
  if (path.value.empty()) return {};
  auto compiled = DocPath::parse(path.value);
  if (compiled) return std::move(*compiled);
  diagnostics.add(compiled.error(), path.place);
  return {};
}

void compile(KeyPaths& rule, const DocPath& split, config::Diagnostics& diagnostics) {
  rule.compiled.push_back(compile(rule.path, diagnostics));
  for (const auto& other : rule.or_else) rule.compiled.push_back(compile(other, diagnostics));
  if (split.empty()) return;
  for (const DocPath& path : rule.compiled) rule.in_part.push_back(path.below(split).value_or(DocPath()));
}

void check_split(TypeFile& type, config::Diagnostics& diagnostics) {
  if (type.dialect == Dialect::edxml)
    diagnostics.error(Code::bad_type_file, type.split->place, "a part of an edXML file is no edXML file",
                      "leave split out, or the dialect");
  if (!type.dedupe_key) return;
  for (const DocPath& path : type.dedupe_key->in_part)
    if (!path.empty())
      diagnostics.error(Code::bad_type_file, type.dedupe_key->path.place,
                        "the dedupe key tells whole messages apart, this path leads into their parts",
                        "name a field of the whole message, or leave it to the sender's Idempotency-Key");
}

void check_correlation(TypeFile& type, config::Diagnostics& diagnostics) {
  if (type.correlation && type.correlation->space.empty() && type.order_key)
    type.correlation->space = type.order_key->space;
  if (type.answers && (!type.correlation || type.correlation->role != CorrelationRole::answer))
    diagnostics.error(Code::bad_type_file, type.answers->path.place, "only a type that answers has answers",
                      "add correlation: {path: ..., role: answer}");
}

std::string_view without_zeros(std::string_view code) {
  while (code.size() > 1 && code.front() == '0') code.remove_prefix(1);
  return code;
}

void check_path(const Model& model, std::string_view root, const config::Located<std::string>& path,
                config::Diagnostics& diagnostics, std::string_view below = {}) {
  if (path.value.empty()) return;
  const std::string whole = below.empty() ? path.value : fmt::format("{}.{}", below, path.value);
  if (auto found = model.lookup(whole, root); !found) diagnostics.add(found.error(), path.place);
}

}  // namespace

std::optional<std::string_view> KeyPaths::first_text(const Scope& scope) const {
  for (size_t i = 0; i < compiled.size(); ++i) {
    const bool inside = scope.part && !in_part[i].empty();
    if (auto text = inside ? in_part[i].first_text(scope.part) : compiled[i].first_text(scope.root)) return text;
  }
  return std::nullopt;
}

std::vector<std::string_view> KeyPaths::texts(const Scope& scope, size_t most) const {
  for (size_t i = 0; i < compiled.size(); ++i) {
    const bool inside = scope.part && !in_part[i].empty();
    auto found = inside ? in_part[i].texts(scope.part, most) : compiled[i].texts(scope.root, most);
    if (!found.empty()) return found;
  }
  return {};
}

AnswerKind AnswersRule::kind_of(std::string_view code) const {
  const auto among = [&](const std::vector<config::Located<std::string>>& codes) {
    return std::any_of(codes.begin(), codes.end(),
                       [&](const auto& one) { return without_zeros(one.value) == without_zeros(code); });
  };
  return among(refused) ? AnswerKind::refused : among(read) ? AnswerKind::read : AnswerKind::noted;
}

const config::Spec<TypeFile>& type_file_spec() {
  static const auto spec =
      Spec<TypeFile>("type file")
          .text("type", &TypeFile::type,
                {.required = true,
                 .doc_en = "<system>/<name>, as folder and file",
                 .doc_vi = "<hệ thống>/<tên>, trùng thư mục và tệp",
                 .example = "onestop/dossier"})
          .one_of("format", &TypeFile::format, {{"json", Format::json}, {"xml", Format::xml}},
                  {.required = true, .doc_en = "How the body is written", .doc_vi = "Định dạng nội dung"})
          .one_of("dialect", &TypeFile::dialect, {{"none", Dialect::none}, {"edxml", Dialect::edxml}},
                  {.doc_en = "edxml: differences between deployed systems are removed before paths are read",
                   .doc_vi = "edxml: chuẩn hóa khác biệt giữa các hệ thống trước khi đọc đường dẫn"})
          .text("schema", &TypeFile::schema,
                {.doc_en = "Schema file beside this one; none = open content",
                 .doc_vi = "Tệp lược đồ cùng thư mục; bỏ trống = nội dung mở"})
          .text("root", &TypeFile::root,
                {.doc_en = "Root element, when the XSD has several", .doc_vi = "Phần tử gốc khi XSD có nhiều"})
          .object("title", &TypeFile::title, titles_spec(),
                  {.required = true, .doc_en = "What people call it", .doc_vi = "Tên gọi"})
          .text("description", &TypeFile::description,
                {.doc_en = "Sources and doubts", .doc_vi = "Nguồn và điểm chưa chắc chắn"})
          .list("business_keys", &TypeFile::business_keys, business_key_spec(),
                {.doc_en = "Keys people search by", .doc_vi = "Khóa để tra cứu"})
          .object("order_key", &TypeFile::order_key, order_key_spec(),
                  {.doc_en = "Messages of one key stay in order", .doc_vi = "Thông điệp cùng khóa giữ đúng thứ tự"})
          .object("dedupe_key", &TypeFile::dedupe_key, paths_spec(),
                  {.doc_en = "Two messages with the same key are one", .doc_vi = "Hai thông điệp cùng khóa là một"})
          .object("sender", &TypeFile::sender, paths_spec(),
                  {.doc_en = "Code of the sending agency", .doc_vi = "Mã cơ quan gửi"})
          .object("receivers", &TypeFile::receivers, paths_spec(),
                  {.doc_en = "Codes of the receiving agencies", .doc_vi = "Mã các cơ quan nhận"})
          .object("urgency", &TypeFile::urgency, paths_spec(),
                  {.doc_en = "0 normal to 4 timed express", .doc_vi = "0 thường đến 4 hỏa tốc hẹn giờ"})
          .object("trace", &TypeFile::trace, paths_spec(),
                  {.doc_en = "W3C traceparent or event id of the sender", .doc_vi = "Mã vết của bên gửi"})
          .object("correlation", &TypeFile::correlation, correlation_spec(),
                  {.doc_en = "What ties answers to requests", .doc_vi = "Khóa gắn trả lời với yêu cầu"})
          .object(
              "answers", &TypeFile::answers, answers_spec(),
              {.doc_en = "How the status of an answer is to be read", .doc_vi = "Cách hiểu mã trạng thái của trả lời"})
          .text("split", &TypeFile::split,
                {.doc_en = "Repeated group whose items are delivered one by one",
                 .doc_vi = "Nhóm lặp mà từng phần tử được chuyển riêng",
                 .example = "$.data[]"})
          .texts("personal", &TypeFile::personal,
                 {.doc_en = "Personal data: masked, never logged",
                  .doc_vi = "Dữ liệu cá nhân: che khi hiển thị, không ghi nhật ký"})
          .one_of("key_class", &TypeFile::key_class,
                  {{"personal", TypeKeyClass::personal}, {"document", TypeKeyClass::document}},
                  {.doc_en = "Class of keys the body is sealed under", .doc_vi = "Lớp khóa mã hóa nội dung"})
          .list("attachments", &TypeFile::attachments, attachment_spec(),
                {.doc_en = "Files inside the body", .doc_vi = "Tệp nằm trong nội dung"})
          .place(&TypeFile::place);
  return spec;
}

TypeFile read_type_file(const config::Value& value, const std::string& name, config::Diagnostics& diagnostics) {
  const size_t before = diagnostics.errors();
  TypeFile type = type_file_spec().read(value, diagnostics);
  if (diagnostics.errors() != before) return type;
  constexpr std::string_view kEnding = ".type.yaml";
  if (name.size() < kEnding.size() || type.type != name.substr(0, name.size() - kEnding.size()))
    diagnostics.error(Code::bad_type_file, type.place,
                      fmt::format("type \"{}\" is written in file {}", type.type, name),
                      "name the type after folder and file");
  if (!type.schema.empty()) {
    auto resolved = SchemaFiles::resolve(name, type.schema);
    if (resolved)
      type.schema = *resolved;
    else
      diagnostics.add(resolved.error(), type.place);
  }
  if (type.dialect == Dialect::edxml && type.format != Format::xml)
    diagnostics.error(Code::bad_type_file, type.place, "dialect edxml is XML", "write format: xml");
  if (type.split) type.split_path = compile(*type.split, diagnostics);
  for (auto& rule : type.business_keys) compile(rule, type.split_path, diagnostics);
  if (type.order_key) compile(*type.order_key, type.split_path, diagnostics);
  if (type.correlation) compile(*type.correlation, type.split_path, diagnostics);
  if (type.answers) compile(*type.answers, type.split_path, diagnostics);
  for (auto* rule : {&type.dedupe_key, &type.sender, &type.receivers, &type.urgency, &type.trace})
    if (*rule) compile(**rule, type.split_path, diagnostics);
  if (type.split) check_split(type, diagnostics);
  check_correlation(type, diagnostics);
  for (const auto& path : type.personal) type.personal_paths.push_back(compile(path, diagnostics));
  for (AttachmentRule& rule : type.attachments) {
    rule.content = compile(rule.path, diagnostics);
    rule.name_path = compile(rule.name, diagnostics);
    rule.type_path = compile(rule.content_type, diagnostics);
  }
  return type;
}

DocPath compile_path(const TypeFile& type, const Model* model, const config::Located<std::string>& path,
                     config::Diagnostics& diagnostics) {
  DocPath compiled = compile(path, diagnostics);
  if (model && !compiled.empty()) check_path(*model, type.root, path, diagnostics);
  return compiled;
}

void check_paths(const TypeFile& type, const Model& model, config::Diagnostics& diagnostics) {
  auto keys = [&](const KeyPaths& rule) {
    check_path(model, type.root, rule.path, diagnostics);
    for (const auto& other : rule.or_else) check_path(model, type.root, other, diagnostics);
  };
  for (const auto& rule : type.business_keys) keys(rule);
  if (type.order_key) keys(*type.order_key);
  if (type.correlation) keys(*type.correlation);
  if (type.answers) keys(*type.answers);
  if (type.split) check_path(model, type.root, *type.split, diagnostics);
  for (const auto* rule : {&type.dedupe_key, &type.sender, &type.receivers, &type.urgency, &type.trace})
    if (*rule) keys(**rule);
  for (const auto& path : type.personal) check_path(model, type.root, path, diagnostics);
  for (const AttachmentRule& rule : type.attachments) {
    check_path(model, type.root, rule.path, diagnostics);
    const size_t dot = rule.path.value.rfind('.');
    const std::string_view holder = dot == std::string::npos ? "$" : std::string_view(rule.path.value).substr(0, dot);
    check_path(model, type.root, rule.name, diagnostics, holder);
    check_path(model, type.root, rule.content_type, diagnostics, holder);
  }
}

}  // namespace lt::schema
