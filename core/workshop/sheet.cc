#include "core/workshop/sheet.h"

#include <fmt/format.h>

#include "core/base/hash.h"
#include "core/mapping/path.h"
#include "core/schema/model.h"
#include "core/workshop/rule_words.h"

namespace lt::workshop {
namespace {

using mapping::Origin;
using mapping::Rule;
using Row = std::vector<std::string>;

// Blocks of text, as Markdown or HTML.
class Page {
 public:
  explicit Page(bool html) : html_(html) {}
  void heading(int level, const std::string& text) {
    out_ += html_ ? fmt::format("<h{0}>{1}</h{0}>\n", level, safe(text))
                  : fmt::format("{} {}\n\n", std::string(static_cast<size_t>(level), '#'), safe(text));
  }
  void table(const Row& head, const std::vector<Row>& rows) {
    if (!html_) {
      line(head);
      line(Row(head.size(), "---"), false);
      for (const Row& row : rows) line(row);
      out_ += "\n";
      return;
    }
    out_ += "<table>\n<thead><tr>";
    for (const std::string& cell : head) out_ += "<th>" + safe(cell) + "</th>";
    out_ += "</tr></thead>\n<tbody>\n";
    for (const Row& row : rows) {
      out_ += "<tr>";
      for (const std::string& cell : row) out_ += "<td>" + safe(cell) + "</td>";
      out_ += "</tr>\n";
    }
    out_ += "</tbody>\n</table>\n";
  }
  void paragraph(const std::string& text) { out_ += html_ ? "<p>" + safe(text) + "</p>\n" : safe(text) + "\n\n"; }
  std::string take(const std::string& title, const char* language) {
    if (!html_) return std::move(out_);
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n<style>\n"
        "@page {{ size: A4; margin: 18mm 14mm; }}\n"
        "body {{ font: 10pt/1.4 'Times New Roman', serif; color: #000; margin: 0 auto; max-width: 182mm; }}\n"
        "h1 {{ font-size: 15pt; }} h2 {{ font-size: 12pt; }} h3 {{ font-size: 10.5pt; }}\n"
        "h1, h2, h3 {{ break-after: avoid; }}\n"
        "table {{ border-collapse: collapse; width: 100%; margin: 0 0 4mm; }}\n"
        "th, td {{ border: 0.3mm solid #555; padding: 1mm 1.5mm; text-align: left; vertical-align: top; "
        "overflow-wrap: anywhere; }}\n"
        "th {{ background: #eee; }} thead {{ display: table-header-group; }} tr {{ break-inside: avoid; }}\n"
        ".sign td {{ height: 30mm; width: 50%; }}\n"
        "</style>\n</head>\n<body>\n{}</body>\n</html>\n",
        language, safe(title), out_);
  }
  void signatures(const Row& head, const std::string& below) {
    if (html_) out_ += "<div class=\"sign\">\n";
    table(head, {Row(head.size(), below)});
    if (html_) out_ += "</div>\n";
  }

 private:
  void line(const Row& cells, bool escape = true) {
    out_ += "|";
    for (const std::string& cell : cells) out_ += " " + (escape ? safe(cell) : cell) + " |";
    out_ += "\n";
  }
  std::string safe(const std::string& text) const {
    std::string out;
    for (const char c : text) {
      if (c == '&')
        out += "&amp;";
      else if (c == '<')
        out += "&lt;";
      else if (c == '>')
        out += "&gt;";
      else if (html_ && c == '"')
        out += "&quot;";
      else if (!html_ && (c == '\n' || c == '\r'))
        out += ' ';
      else if (!html_ && std::string_view("\\`*_[]|#!$").find(c) != std::string_view::npos)
        (out += '\\') += c;
      else
        out += c;
    }
    return out;
  }

  bool html_;
  std::string out_;
};

struct Described {
  std::string title, type;
  bool required = false;
};

class Sheet {
 public:
  explicit Sheet(const SheetRequest& request)
      : request_(request), entry_(*request.entry), file_(entry_.file), page_(request.html) {}

  std::string make() {
    head();
    page_.heading(2, say("Các trường", "Fields"));
    if (file_.stylesheet)
      stylesheet();
    else
      group(file_.rules, "", "", say("Thông điệp", "The message"));
    tables();
    left_out();
    examples();
    page_.heading(2, say("Ký xác nhận", "Signatures"));
    page_.signatures(
        {say("Đại diện bên gửi", "For the sender"), say("Đại diện bên nhận", "For the receiver")},
        say("Ngày      tháng      năm          Ký, ghi rõ họ tên", "Date                 Name, signature"));
    return page_.take(title(), request_.vietnamese ? "vi" : "en");
  }

 private:
  std::string say(const char* vi, const char* en) const { return request_.vietnamese ? vi : en; }
  // As people call it; the root element where nobody says more.
  std::string system(const schema::Model* model, const mapping::Side& side) const {
    const schema::Field* root = model ? model->root(side.root.text) : nullptr;
    if (!root) return side.root.text;
    if (!root->title.empty()) return root->title;
    if (root->type != schema::kNoType && !model->type(root->type).title.empty()) return model->type(root->type).title;
    return root->name;
  }
  std::string described(const schema::Model* model, const mapping::Side& side) const {
    const std::string name = system(model, side), file = side.schema.text + (side.xml ? ", XML" : ", JSON");
    return name.empty() ? file : fmt::format("{} ({})", name, file);
  }
  void head() {
    page_.heading(1, say("Phụ lục ánh xạ dữ liệu", "Annex: mapping of data"));
    page_.table({"", ""}, {{say("Tên", "Title"), title()},
                           {say("Ánh xạ", "Mapping"), fmt::format("{} @ {}", file_.name.text, file_.version)},
                           {say("Nguồn", "Source"), described(entry_.parts.source, file_.source)},
                           {say("Đích", "Target"), described(entry_.parts.target, file_.target)},
                           {say("Khả năng đi ngược", "Reversibility"), reversibility()},
                           {"SHA-256", request_.sha256}});
  }
  std::string reversibility() const {
    if (file_.stylesheet)
      return fmt::format("{}: {}", mapping::name_of(mapping::Fidelity::lossy, request_.vietnamese),
                         mapping::Reason(mapping::Reason::Is::stylesheet).text(request_.vietnamese));
    if (file_.no_reverse) return say("không có: chỉ một chiều", "none: one way only");
    return entry_.reversal.text(1000, request_.vietnamese);
  }
  std::string title() const {
    if (!file_.title.text.empty()) return file_.title.text;
    const std::string from = system(entry_.parts.source, file_.source), to = system(entry_.parts.target, file_.target);
    return from.empty() || to.empty() ? file_.name.text : from + " -> " + to;
  }
  // Its rules are not ours to tell.
  void stylesheet() {
    page_.paragraph(fmt::format(
        fmt::runtime(say("Luật nằm trong tệp XSLT {}, do bên ban hành giữ; phụ lục này không kể lại từng trường.",
                         "The rules stand in the XSLT file {}, kept by whoever issued it; this annex does not tell its "
                         "fields.")),
        file_.stylesheet->text));
    page_.paragraph(fmt::format(
        fmt::runtime(say("Trục kiểm tra: kết quả có phần tử gốc {}. Phần còn lại không so với lược đồ đích.",
                         "The bus checks that the result has the root element {}. The rest is not checked against the "
                         "target's schema.")),
        root_name()));
    if (entry_.parts.stylesheet) page_.paragraph("SHA-256 " + hex(sha256(*entry_.parts.stylesheet)));
  }
  std::string root_name() const {
    const schema::Field* root = entry_.parts.target ? entry_.parts.target->root(file_.target.root.text) : nullptr;
    return root ? root->name : file_.target.root.text;
  }

  static std::string joined(const std::string& above, const std::string& path) {
    return path == "." || path.empty() ? above : above.empty() ? path : above + "." + path;
  }
  // "" when it does not stay in the document.
  std::string absolute(const std::string& scope, const std::string& text) const {
    const auto path = mapping::parse_source_path(text);
    if (!path || path->matched) return "";
    std::string at = path->from_root ? "" : scope;
    for (uint32_t up = 0; up < path->up; ++up) at = at.substr(0, at.find_last_of('.') == at.npos ? 0 : at.rfind('.'));
    return path->steps.empty() ? at : joined(at, mapping::path_text(path->steps));
  }
  static Described describe(const schema::Model* model, const std::string& path, const std::string& root) {
    if (!model || path.empty()) return {};
    const auto found = model->lookup(path, root);
    if (!found || found->steps.empty()) return {};
    const schema::Field& field = *found->steps.back();
    Described out{field.title, "", field.required};
    if (field.type == schema::kNoType) return out;
    const schema::Type& type = model->type(field.type);
    if (out.title.empty()) out.title = type.title;
    out.type = kinds(type);
    if (type.max_length) out.type += fmt::format(" <= {}", *type.max_length);
    return out;
  }
  static std::string kinds(const schema::Type& type) {
    if (type.scalar != schema::Scalar::any && type.scalar != schema::Scalar::string)
      return std::string(schema::name_of(type.scalar));
    if (type.kinds == schema::kAnyKind) return "";
    std::string out;
    static constexpr std::pair<uint8_t, const char*> kNames[] = {{schema::kString, "string"},
                                                                 {schema::kNumber, "number"},
                                                                 {schema::kBoolean, "boolean"},
                                                                 {schema::kArray, "array"},
                                                                 {schema::kObject, "object"}};
    for (const auto& [kind, name] : kNames)
      if (type.may_be(kind)) out += (out.empty() ? "" : ", ") + std::string(name);
    return out;
  }

  void group(const std::vector<Rule>& rules, const std::string& target, const std::string& scope,
             const std::string& heading) {
    std::vector<Row> rows;
    for (const Rule& rule : rules) rows.push_back(row(rule, joined(target, rule.target.text), scope));
    page_.heading(3, heading);
    page_.table({say("Trường đích", "Target field"), say("Tên gọi", "Title"), say("Kiểu", "Type"),
                 say("Bắt buộc", "Required"), say("Trường nguồn", "Source field"), say("Tên gọi", "Title"),
                 say("Quy tắc", "Rule"), say("Đi ngược", "Reverse")},
                rows);
    for (const Rule& rule : rules) below(rule, joined(target, rule.target.text), scope);
  }
  void below(const Rule& rule, const std::string& target, const std::string& scope) {
    const bool moves = rule.origin == Origin::from || rule.origin == Origin::each || rule.origin == Origin::spread;
    const std::string inner = moves ? absolute(scope, rule.source.text.empty() ? "." : rule.source.text) : scope;
    const std::string from = inner.empty() ? "" : " <- " + inner;
    if (rule.origin == Origin::items) {
      for (size_t i = 0; i < rule.rules.size(); ++i) {
        const Rule& one = rule.rules[i];
        const std::string own = one.source.text.empty() ? scope : absolute(scope, one.source.text);
        group(one.rules, target, own, fmt::format("{} [{}] {}", target, i + 1, words(one)));
      }
    } else if (rule.group) {
      group(rule.rules, target, inner, target + from);
    }
    for (const mapping::Case& one : rule.cases) {
      std::string values;
      for (const mapping::Text& value : one.is) values += (values.empty() ? "" : ", ") + value.text;
      group(one.rules, target, scope, fmt::format("{}: {} = {}", target, rule.source.text, values));
    }
  }
  std::string words(const Rule& rule) const { return rule_words(rule, file_.types, request_.vietnamese); }
  Row row(const Rule& rule, const std::string& target, const std::string& scope) const {
    const bool path = rule.origin == Origin::from || rule.origin == Origin::each || rule.origin == Origin::blob ||
                      rule.origin == Origin::parts || rule.origin == Origin::join || rule.origin == Origin::one_of ||
                      rule.origin == Origin::spread;
    const std::string source = path && !rule.source.text.empty() ? absolute(scope, rule.source.text) : "";
    const Described there = describe(entry_.parts.target, target, file_.target.root.text);
    const Described here = describe(entry_.parts.source, source, file_.source.root.text);
    const auto* back = source.empty() || file_.no_reverse ? nullptr : entry_.reversal.find("$." + source);
    std::string reverse = back ? std::string(mapping::name_of(back->fidelity, request_.vietnamese)) : "";
    if (back && !back->why.empty()) reverse += ": " + back->why.text(request_.vietnamese);
    return {target.empty() ? "." : target,
            there.title,
            there.type,
            there.required ? say("có", "yes") : "",
            path && source.empty() ? rule.source.text : source,
            here.title,
            words(rule),
            reverse};
  }

  void tables() {
    if (request_.tables.empty()) return;
    page_.heading(2, say("Bảng mã", "Code tables"));
    for (const SheetTable& table : request_.tables) {
      page_.heading(3, fmt::format("{} ({})", table.name, table.file));
      std::vector<Row> rows;
      for (const auto& fields : table.rows.rows) {
        Row& cells = rows.emplace_back();
        for (const config::CsvField& field : fields) cells.push_back(field.text);
      }
      page_.table(table.rows.header, rows);
      page_.paragraph("SHA-256 " + table.sha256);
    }
  }
  void left_out() {
    std::vector<Row> rows;
    const auto list = [&](const std::vector<mapping::Text>& paths, const schema::Model* model,
                          const mapping::Side& side, const std::string& which) {
      for (const mapping::Text& path : paths)
        rows.push_back({which, path.text, describe(model, path.text, side.root.text).title});
    };
    list(file_.ignore_source, entry_.parts.source, file_.source, say("nguồn", "source"));
    list(file_.ignore_target, entry_.parts.target, file_.target, say("đích", "target"));
    if (rows.empty()) return;
    page_.heading(2, say("Trường không chuyển", "Fields not carried over"));
    page_.table({say("Bên", "Side"), say("Trường", "Field"), say("Tên gọi", "Title")}, rows);
  }
  void examples() {
    if (file_.examples.empty()) return;
    page_.heading(2, say("Ví dụ kèm theo", "Examples"));
    std::vector<Row> rows;
    for (const mapping::Example& at : file_.examples)
      rows.push_back({at.name.text,
                      at.source ? at.source->text
                      : at.like ? at.like->text
                                : "",
                      at.target  ? at.target->text
                      : at.error ? at.error->text
                                 : ""});
    page_.table({say("Tên", "Name"), say("Nguồn", "Source"), say("Kết quả mong đợi", "Expected")}, rows);
  }

  const SheetRequest& request_;
  const mapping::MappingStore::Entry& entry_;
  const mapping::RuleFile& file_;
  Page page_;
};

}  // namespace

std::string sheet(const SheetRequest& request) { return Sheet(request).make(); }

}  // namespace lt::workshop
