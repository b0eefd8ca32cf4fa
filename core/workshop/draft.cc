#include "core/workshop/draft.h"

#include <fmt/format.h>

#include "core/config/yaml.h"
#include "core/mapping/rule_file.h"
#include "core/message/tree.h"
#include "core/workshop/draft_rules.h"
#include "core/workshop/format.h"

namespace lt::workshop {
namespace {

void write(const std::vector<DraftRule>& rules, size_t indent, std::string& out) {
  const std::string pad(indent, ' ');
  for (const DraftRule& rule : rules) {
    const std::string comment = rule.why.empty() ? "" : "  # " + rule.why;
    if (!rule.group) {
      out += fmt::format("{}- {}: {}{}\n", pad, yaml_text(rule.target), rule.operators, comment);
      continue;
    }
    out += fmt::format("{}- {}:{}\n", pad, yaml_text(rule.target), comment);
    if (!rule.operators.empty()) out += fmt::format("{}    {}\n", pad, rule.operators);
    out += pad + "    rules:\n";
    write(rule.rules, indent + 6, out);
  }
}

std::string side(const DraftSide& at, const Node* root) {
  const bool xml = at.model->format == schema::Format::xml;
  std::string out = fmt::format("{{format: {}, schema: {}", xml ? "xml" : "json", yaml_text(at.schema));
  if (xml && root) out += ", root: " + yaml_text(root->name);
  if (xml && root && !root->ns.empty()) out += fmt::format(", ns: {{\"\": \"{}\"}}", root->ns);
  return out + "}";
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n#") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

void list_comment(const std::vector<std::string>& paths, std::string_view head, std::string& out) {
  if (paths.empty()) return;
  out += fmt::format("\n# {}\n", head);
  for (const std::string& path : paths) out += fmt::format("#   {}\n", path);
}

std::string text_of(const DraftRequest& request, const DraftRules& drafted) {
  const Node* source = request.pairs.empty() ? nullptr : request.pairs[0].source;
  const Node* target = request.pairs.empty() ? nullptr : request.pairs[0].target;
  std::string out = fmt::format(
      "# Bản nháp từ {} cặp mẫu: xem từng dòng trước khi dùng. / A draft from {} of samples: look at every line "
      "before use.\nmapping: {}\nversion: 1\nsource: {}\ntarget: {}\n",
      request.pairs.size(), counted(request.pairs.size(), "pair", "pairs"), yaml_text(request.name),
      side(request.source, source), side(request.target, target));
  if (!drafted.tables.empty()) out += "tables:\n";
  for (const auto& [name, rows] : drafted.tables) out += fmt::format("  {0}: tables/{0}.csv\n", name);
  if (!drafted.types.empty()) out += "types:\n";
  for (const auto& [name, body] : drafted.types) out += fmt::format("  {}: {}\n", name, body);
  out += drafted.rules.empty() ? "rules: []\n" : "rules:\n";
  write(drafted.rules, 2, out);
  if (!drafted.unused.empty()) {
    out += "ignore:\n  # Không luật nào dùng: xem từng trường. / No rule uses these: look at each.\n  source: [";
    for (size_t i = 0; i < drafted.unused.size(); ++i) out += (i > 0 ? ", " : "") + yaml_text(drafted.unused[i]);
    out += "]\n";
  }
  if (!request.pairs.empty()) out += "examples:\n";
  for (size_t i = 0; i < request.pairs.size(); ++i)
    out += fmt::format("  - {{name: pair-{}, source: {}, target: {}}}\n", i + 1,
                       yaml_text(request.pairs[i].source_file), yaml_text(request.pairs[i].target_file));
  list_comment(drafted.unfed_required,
               "Trường đích bắt buộc chưa có nguồn / required target fields without a source:", out);
  list_comment(drafted.unfed, "Trường đích khác chưa có nguồn / other target fields without a source:", out);
  list_comment(drafted.choices,
               "Để người làm: nhánh của một lựa chọn, one_of nếu cần / left to you: branches of a choice, one_of if "
               "they are needed:",
               out);
  list_comment(drafted.spreads,
               "Để người làm: trường có tiền tố bên này, mảng bên kia, có thể là spread / left to you: fields with "
               "prefixes here, an array there, perhaps spread:",
               out);
  return out;
}

}  // namespace

Result<Draft> draft_mapping(const DraftRequest& request) {
  const bool any = !request.pairs.empty();
  const auto root_of = [&](const DraftSide& at, const Node* root) {
    return at.model->root(at.model->format == schema::Format::xml && root ? root->name : std::string_view());
  };
  const auto* source = root_of(request.source, any ? request.pairs[0].source : nullptr);
  const auto* target = root_of(request.target, any ? request.pairs[0].target : nullptr);
  if (!source || !target)
    return fail(Code::bad_example,
                fmt::format("{} has no such root", source ? request.target.schema : request.source.schema));
  std::vector<Instance> documents;
  for (const DraftPair& pair : request.pairs) {
    if (root_of(request.source, pair.source) != source || root_of(request.target, pair.target) != target)
      return fail(Code::bad_example,
                  fmt::format("{} and {} have other roots than the first pair", pair.source_file, pair.target_file));
    documents.push_back({pair.target, pair.source, pair.source});
  }
  const DraftRules drafted = draft_rules(*request.source.model, *source, *request.target.model, *target, documents);
  Draft out;
  LT_ASSIGN(out.text, format_mapping(text_of(request, drafted), request.name + ".map.yaml"));
  for (const auto& [name, rows] : drafted.tables) {
    std::string csv = "source,target\n";
    for (const auto& [from, to] : rows) csv += csv_field(from) + "," + csv_field(to) + "\n";
    out.tables.emplace_back("tables/" + name + ".csv", std::move(csv));
  }
  return out;
}

}  // namespace lt::workshop
