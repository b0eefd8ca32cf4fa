#include "core/workshop/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/mapping/program.h"
#include "core/schema/model.h"
#include "core/workshop/document.h"
#include "core/workshop/source_walk.h"

namespace lt::workshop {
namespace {

using mapping::Op;
using mapping::Program;
using mapping::Trace;
using mapping::Verb;

constexpr size_t kRuleLines = 8;  // of a rule as it is written

bool shapes(Verb verb) { return verb <= Verb::item; }

// Line `place.line` of the file, and those indented deeper when the rule goes on there.
std::string rule_text(Env& env, const Place& place, bool group) {
  const auto file = read_file(env, place.file);
  if (!file) return {};
  std::string out;
  size_t begin = 0;
  for (int line = 1; line < place.line && begin != std::string::npos; ++line) {
    begin = file->find('\n', begin);
    if (begin != std::string::npos) ++begin;
  }
  size_t indent = 0;
  for (size_t i = 0; i < kRuleLines && begin < file->size(); ++i) {
    const size_t end = std::min(file->find('\n', begin), file->size());
    const std::string_view line = std::string_view(*file).substr(begin, end - begin);
    const size_t first = std::min(line.find_first_not_of(' '), line.size());
    if (i == 0) indent = first;
    if (i > 0 && (group || first <= indent || first == line.size())) break;
    out.append(i > 0 ? " " : "").append(line.substr(first));
    begin = end + 1;
  }
  return out;
}

std::string at_path(const Node* node) { return fmt::format("{} = {}", path_of(node), shown(node)); }

// The object that a "#text" child stands for.
const Node* object_of(const Node* node) { return node && node->name == "#text" && node->parent ? node->parent : node; }

class Explainer {
 public:
  Explainer(Env& env, const ExplainParts& parts, const Node* source, const Node* target, const Trace& trace)
      : env_(env),
        parts_(parts),
        program_(parts.mapping->program()),
        source_(source),
        target_(target),
        trace_(trace),
        walk_(program_, source) {}

  Explanation run(const std::vector<DocumentStep>& path, std::string_view asked) {
    const FoundNode found = find_node(target_, path);
    if (found.node) {
      there(found.node);
    } else {
      out_.path = asked;
      missing(path, found.nearest);
    }
    return std::move(out_);
  }

 private:
  // The last: of several rules for one field the first that wrote it stands.
  const Trace::Wrote* wrote(const Node* node) const {
    for (const auto& one : trace_.wrote)
      if (one.target == node) return &one;
    return nullptr;
  }
  Explanation::RuleAt rule_at(uint32_t rule, bool group) const {
    const mapping::RuleRef& ref = program_.rules[rule];
    return {ref.place, ref.target, rule_text(env_, ref.place, group)};
  }

  void there(const Node* node) {
    out_.path = path_of(node);
    out_.written = true;
    out_.value = shown(node);
    for (const Node* at = node->first; at; at = at->next) out_.below.push_back(path_of(at));
    if (const Trace::Wrote* one = wrote(node)) return tell(*one, node);
    if (node->kind == Kind::array) return list(node);
    if (!node->parent) {
      out_.note = "gốc của tài liệu / the root of the document";
      return;
    }
    const Node* above = node->parent;
    while (above && !wrote(above)) above = above->parent;
    const bool rest =
        std::any_of(program_.ops.begin(), program_.ops.end(), [](const Op& op) { return op.verb == Verb::rest; });
    const std::string whose = above ? path_of(above) : std::string(1, '$');
    if (const Trace::Wrote* one = above ? wrote(above) : nullptr) out_.rules.push_back(rule_at(one->rule, true));
    out_.note = rest && node->name.substr(0, 1) != "@"
                    ? fmt::format("đi theo rest: keep của / travels by rest: keep of {}", whose)
                    : fmt::format("thuộc về / part of {}", whose);
  }

  void list(const Node* array) {
    for (const Node* item = array->first; item; item = item->next) {
      if (const Trace::Wrote* one = wrote(item)) return tell(*one, array);
    }
    for (uint32_t rule = 0; rule < program_.rules.size(); ++rule)
      if (program_.rules[rule].target == names_of(array)) return out_.rules.push_back(rule_at(rule, true));
  }

  static std::string names_of(const Node* node) {
    const auto path = parse_document_path(path_of(node));
    return path ? without_indexes(*path) : std::string();
  }

  void tell(const Trace::Wrote& one, const Node* node) {
    const bool group = node->kind == Kind::object || node->kind == Kind::array;
    out_.rules.push_back(rule_at(one.rule, group));
    // Others gave the same and were folded into it.
    for (const auto& other : trace_.wrote)
      if (other.target != one.target && !group && other.target->parent == node->parent &&
          other.target->name == node->name && detached(other.target))
        out_.rules.push_back(rule_at(other.rule, false));
    const Node* from = group ? source_of(one) : one.source;
    if (from && node->kind == Kind::array && from->parent && from->parent->kind == Kind::array) from = from->parent;
    if (from) out_.from.push_back(at_path(from));
    const Node* scope = scope_around(node).first;
    for (const Op& op : program_.ops)
      if (op.rule == one.rule) step(op, one, scope, group);
    if (one.row) {
      for (const auto& table : program_.tables)
        if (table.name == *one.table) {
          out_.through.push_back(fmt::format("bảng / table {} ({}:{}) {}", table.name, table.table->file(),
                                             one.row->line,
                                             table.backwards ? one.row->target + " -> " + one.row->source
                                                             : one.row->source + " -> " + one.row->target));
          break;
        }
    }
  }

  static bool detached(const Node* node) {
    for (const Node* at = node->parent->first; at; at = at->next)
      if (at == node) return false;
    return true;
  }

  void step(const Op& op, const Trace::Wrote& one, const Node* scope, bool group) {
    const std::string& as_written = program_.rules[op.rule].source;
    switch (op.verb) {
      case Verb::constant:
        if (!group) out_.from.push_back(fmt::format("hằng / constant \"{}\"", program_.constants[op.a].text));
        break;
      case Verb::index:
        out_.from.push_back("số thứ tự của phần tử / number of the item");
        break;
      case Verb::envelope:
        out_.from.push_back(op.a == 0 ? "phong bì / envelope: message_id" : "phong bì / envelope: accepted_at");
        break;
      case Verb::evaluate:
        out_.from.push_back(fmt::format("biểu thức / expression: {}", as_written));
        for (const Node* at : walk_.read_by(op.a, scope)) out_.from.push_back(at_path(at));
        break;
      case Verb::join:
        for (const auto& piece : program_.joins[op.a].pieces)
          if (piece.path >= 0)
            if (const Node* at = walk_.walk(static_cast<uint32_t>(piece.path), scope)) out_.from.push_back(at_path(at));
        break;
      case Verb::date: {
        const auto& type = program_.dates[op.a];
        out_.through.push_back(
            fmt::format("kiểu ngày / date type {}: {} -> {}", type.name, type.from.text(), type.to.text()));
        break;
      }
      case Verb::part:
        out_.through.push_back(fmt::format("nhóm của mẫu / group of the pattern: {}", program_.rules[op.rule].target));
        break;
      case Verb::fallback:
        if (!one.source) out_.through.push_back("giá trị mặc định / default");
        break;
      case Verb::link:
        out_.through.push_back("viết lại địa chỉ / link rewritten");
        break;
      default:
        break;
    }
  }

  // The source object around what writes `node`, and the operation it begins at.
  std::pair<const Node*, size_t> scope_around(const Node* node) const {
    for (const Node* at = node ? node->parent : nullptr; at; at = at->parent)
      if (const auto known = scope_of(at); known.first) return known;
    return {source_, 0};
  }
  std::pair<const Node*, size_t> scope_of(const Node* object) const {
    const Trace::Wrote* one = wrote(object);
    const Node* source = one ? source_of(*one) : nullptr;
    if (!source || object->kind != Kind::object) return {nullptr, 0};
    size_t begin = 0;
    for (size_t i = 0; i < program_.ops.size(); ++i)
      if (program_.ops[i].rule == one->rule && shapes(program_.ops[i].verb)) begin = i + 1;
    return {source, begin};
  }
  // The source object that a target object was made from. Items of an `each` do not say it, what is in them does.
  const Node* source_of(const Trace::Wrote& one) const {
    if (one.source || one.target->kind != Kind::object) return object_of(one.source);
    for (const Node* child = one.target->first; child; child = child->next) {
      const Trace::Wrote* inner = wrote(child);
      if (!inner) continue;
      const Node* found = inner->source ? climb(*inner) : source_of(*inner);
      if (found) return found;
    }
    return nullptr;
  }
  // From what a rule read back to where its path began.
  const Node* climb(const Trace::Wrote& one) const {
    for (const Op& op : program_.ops) {
      if (op.rule != one.rule || (op.verb != Verb::load && op.verb != Verb::scope)) continue;
      const mapping::PathCode& path = program_.paths[op.verb == Verb::load ? op.a : op.b];
      if (path.from_root || path.matched || path.up > 0 || path.steps.empty()) return nullptr;
      const Node* at = path.steps.back().name == "#text" ? one.source : object_of(one.source);
      for (size_t i = 0; i < path.steps.size() && at; ++i) {
        at = at->parent;
        if (at && at->kind == Kind::array) at = at->parent;
      }
      return at;
    }
    return nullptr;
  }

  void missing(const std::vector<DocumentStep>& path, const Node* nearest) {
    out_.nearest = path_of(nearest);
    const std::string names = without_indexes(path);
    std::vector<uint32_t> rules;
    for (uint32_t rule = 0; rule < program_.rules.size(); ++rule)
      if (program_.rules[rule].target == names) rules.push_back(rule);
    if (rules.empty()) return unknown(names);
    const auto written = wrote(nearest) && scope_of(nearest).first ? scope_of(nearest) : scope_around(nearest);
    for (const uint32_t rule : rules) {
      out_.rules.push_back(rule_at(rule, false));
      const std::string why = why_not(rule, written, nearest);
      if (out_.note.find(why) == std::string::npos) out_.note += (out_.note.empty() ? "" : "; ") + why;
    }
  }

  void unknown(const std::string& names) {
    out_.note = "không luật nào ghi / no rule writes it";
    if (left_out("$." + names) || !parts_.target) return;
    if (parts_.target->lookup("$." + names, parts_.target_root)) {
      out_.note += "; lược đồ đích có trường này / the target schema knows it";
      return;
    }
    out_.note += "; lược đồ đích không có / the target schema has no such field";
    if (const auto near = parts_.target->nearest("$." + names, parts_.target_root))
      out_.note += fmt::format(": did you mean \"{}\"?", *near);
  }

  // The entry of `ignore` that names it, and in reverse the rule that does not bring it back.
  bool left_out(const std::string& path) {
    const mapping::FieldFidelity* field = parts_.reversal ? parts_.reversal->find(path) : nullptr;
    const bool dropped = field && field->place.line > 0 && field->fidelity == mapping::Fidelity::lossy;
    if (dropped)
      out_.note += fmt::format("; {} / {} ({}  {})", field->why.text(true), field->why.text(), field->place.text(),
                               rule_text(env_, field->place, false));
    const mapping::Text* entry = nullptr;
    if (parts_.file)
      for (const mapping::Text& one : parts_.reversal ? parts_.file->ignore_source : parts_.file->ignore_target) {
        const std::string named = (one.text.starts_with("$") ? "" : "$.") + one.text;
        if (path == named || path.starts_with(named + ".")) entry = &one;
      }
    if (entry) out_.note += fmt::format("; ghi ở ignore / named in ignore: {} ({})", entry->text, entry->place.text());
    return entry != nullptr || dropped;
  }

  std::string absent(const Op& op, uint32_t path) const {
    const auto& code = program_.paths[path];
    const std::string text = (code.from_root ? "$." : code.matched ? "&." : "") + mapping::path_text(code.steps);
    const auto& ref = program_.rules[op.rule];
    return fmt::format("nguồn vắng mặt / source absent: {} ({}:{})", text, ref.target.empty() ? "." : ref.target,
                       ref.place.line);
  }

  // The first thing on the way to the rule that did not hold or was not there.
  std::string why_not(uint32_t rule, std::pair<const Node*, size_t> from, const Node* nearest) const {
    size_t goal = 0;
    for (size_t i = 0; i < program_.ops.size(); ++i)
      if (program_.ops[i].rule == rule && (shapes(program_.ops[i].verb) || program_.ops[i].verb == Verb::store))
        goal = i;
    const Node* scope = from.first;
    for (size_t i = from.second; i <= goal; ++i) {
      const Op& op = program_.ops[i];
      const bool around = op.end > goal || i == goal || op.rule == rule;
      if (op.verb == Verb::when && (op.end > goal || op.rule == rule) && !walk_.holds(op.a, scope))
        return fmt::format("điều kiện sai / `when` or `where` is false ({}:{})", program_.rules[op.rule].target,
                           program_.rules[op.rule].place.line);
      if (op.verb == Verb::load && op.rule == rule && i < goal) {
        const Node* at = walk_.walk(op.a, scope);
        if (!at || at->kind == Kind::null) return absent(op, op.a);
      }
      if (!around || (op.verb != Verb::scope && op.verb != Verb::each && op.verb != Verb::open)) continue;
      const uint32_t path = op.verb == Verb::open ? program_.embeds[op.b].path : op.b;
      const Node* at = walk_.walk(path, scope);
      if (!at || at->kind == Kind::null) return absent(op, path);
      if (op.verb == Verb::open) break;
      if (op.verb == Verb::each) {
        if (at->kind == Kind::array && !at->first) return absent(op, path);
        if (nearest->kind == Kind::array || nearest->find(nearest_name(op)))
          return fmt::format("danh sách nguồn không có phần tử đó / the source list has no such item: {}", at_path(at));
        at = at->kind == Kind::array ? at->first : at;
      }
      scope = at;
    }
    return "luật không cho giá trị / the rule gave no value";
  }
  std::string_view nearest_name(const Op& op) const { return program_.slots[op.a].name; }

  Env& env_;
  const ExplainParts& parts_;
  const Program& program_;
  const Node* source_;
  const Node* target_;
  const Trace& trace_;
  SourceWalk walk_;
  Explanation out_;
};

}  // namespace

std::string Explanation::text() const {
  std::string out = fmt::format("{} = {}\n", path, written ? value : "không có / nothing");
  for (const RuleAt& rule : rules)
    out += fmt::format("  {}: {}  {}\n",
                       !written             ? "luật sẽ ghi / rule that would write it"
                       : &rule == &rules[0] ? "luật / rule"
                                            : "luật khác cho cùng giá trị / another gives the same",
                       rule.place.text(), rule.text.empty() ? rule.target : rule.text);
  for (const std::string& at : from) out += fmt::format("  từ / from: {}\n", at);
  for (const std::string& at : through) out += fmt::format("  qua / through: {}\n", at);
  if (!note.empty()) out += fmt::format("  {}: {}\n", written ? "ghi chú / note" : "vì sao / why", note);
  if (!nearest.empty()) out += fmt::format("  gần nhất có / nearest that is there: {}\n", nearest);
  if (!below.empty()) out += "  bên trong / below:\n";
  for (const std::string& at : below) out += fmt::format("    {}\n", at);
  return out;
}

Result<Explanation> explain(Env& env, const ExplainParts& parts, const Node* source, std::string_view path,
                            const mapping::RunContext& context) {
  LT_ASSIGN(const auto steps, parse_document_path(path));
  Trace trace;
  mapping::RunContext traced = context;
  traced.trace = &trace;
  Tree target;
  LT_TRY(mapping::run(*parts.mapping, source, target, traced));
  return Explainer(env, parts, source, target.root(), trace).run(steps, path);
}

}  // namespace lt::workshop
