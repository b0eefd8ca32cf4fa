#include "core/workshop/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/mapping/compare.h"
#include "core/mapping/program.h"
#include "core/workshop/document.h"

namespace lt::workshop {
namespace {

constexpr size_t kMostChanges = 1000;  // of one document

struct Run {
  explicit Run(const mapping::Mapping& of) : mapping(of) {}
  const mapping::Mapping& mapping;
  Tree target;
  mapping::Trace trace;
  Result<void> done;

  void go(const Node* document, mapping::RunContext context) {
    context.trace = &trace;
    done = mapping::run(mapping, document, target, context);
  }
  // The rule that wrote what is at the path, or the nearest thing around it.
  std::string rule_of(const std::string& path, bool exactly) const {
    const auto steps = parse_document_path(path);
    if (!steps) return {};
    const FoundNode found = find_node(target.root(), *steps);
    if (exactly && !found.node) return {};
    for (const Node* at = found.node ? found.node : found.nearest; at; at = at->parent)
      for (const auto& one : trace.wrote)
        if (one.target == at) return named(one.rule);
    return {};
  }
  std::string named(uint32_t rule) const {
    const auto& ref = mapping.program().rules[rule];
    return fmt::format("{} {}", ref.place.text(), ref.target);
  }
  // The rule that an error names.
  std::string failed_rule() const {
    Place place = done.error().place;
    place.path.clear();
    const std::string& detail = done.error().detail;
    return fmt::format("{} {}", place.text(), detail.substr(0, detail.find(' ')));
  }
};

// Long files stay ranges of the document; the same length at another place is another file.
void other_files(const Node* a, const Node* b, std::vector<mapping::Difference>& out) {
  if (!a || !b || a->kind != b->kind) return;
  if (a->kind == Kind::blob) {
    if (a->blob.length == b->blob.length && a->blob.offset != b->blob.offset)
      out.push_back(
          {path_of(a), fmt::format("the file at {}", a->blob.offset), fmt::format("the file at {}", b->blob.offset)});
    return;
  }
  const Node* other = b->first;
  for (const Node* at = a->first; at; at = at->next) {
    if (a->kind == Kind::object && (!other || other->name != at->name)) other = b->find(at->name);
    other_files(at, other, out);
    if (other) other = other->next;
  }
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  static constexpr std::string_view kNames[] = {"như cũ / same", "thay đổi / changed", "nay hỏng / newly failing",
                                                "nay được / newly passing"};
  return kNames[static_cast<size_t>(verdict)];
}

std::string DocumentDiff::text() const {
  if (verdict == Verdict::same) return {};
  std::string out = fmt::format("{}: {}\n", name, name_of(verdict));
  for (const OutputChange& at : changes)
    out += fmt::format("  {}: {} -> {}  ({})\n", at.path, at.before, at.after, at.rule);
  if (!before_error.empty()) out += fmt::format("  cũ / old: {}\n", before_error);
  if (!after_error.empty()) out += fmt::format("  mới / new: {}\n", after_error);
  return out;
}

DocumentDiff diff(const mapping::Mapping& before, const mapping::Mapping& after, const Node* document,
                  const std::string& name, const mapping::RunContext& context) {
  DocumentDiff out;
  out.name = name;
  Run old(before), now(after);
  old.go(document, context);
  now.go(document, context);
  if (!old.done && !now.done) {
    // Places move when a file is edited: the same refusal of the same field is no change.
    const Error &a = old.done.error(), &b = now.done.error();
    if (a.code == b.code && a.detail == b.detail) return out;
  }
  if (!old.done) out.before_error = old.done.error().text();
  if (!now.done) out.after_error = now.done.error().text();
  if (!old.done || !now.done) {
    out.verdict = old.done ? Verdict::newly_failing : now.done ? Verdict::newly_passing : Verdict::changed;
    const Run& failed = now.done ? old : now;
    out.changes.push_back({"$", old.done ? "translated" : code_text(old.done.error().code),
                           now.done ? "translated" : code_text(now.done.error().code), failed.failed_rule()});
    return out;
  }
  auto differences = mapping::compare(old.target.root(), now.target.root(), after.target_is_xml(), kMostChanges);
  other_files(old.target.root(), now.target.root(), differences);
  for (mapping::Difference& at : differences) {
    std::string rule = now.rule_of(at.path, true);
    if (rule.empty()) rule = old.rule_of(at.path, false);
    out.changes.push_back({std::move(at.path), std::move(at.expected), std::move(at.got), std::move(rule)});
  }
  if (!out.changes.empty()) out.verdict = Verdict::changed;
  return out;
}

void DiffSummary::add(const DocumentDiff& one) {
  ++counts_[static_cast<size_t>(one.verdict)];
  std::set<std::string> rules;
  for (const OutputChange& at : one.changes) rules.insert(at.rule);
  for (const std::string& rule : rules) ++by_rule_[rule];
}

std::string DiffSummary::text() const {
  std::string out;
  for (size_t i = 0; i < 4; ++i)
    out += fmt::format("{}{}: {}", i > 0 ? "; " : "", name_of(static_cast<Verdict>(i)), counts_[i]);
  out += "\n";
  std::vector<std::pair<std::string, size_t>> rules(by_rule_.begin(), by_rule_.end());
  std::stable_sort(rules.begin(), rules.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [rule, count] : rules)
    out += fmt::format("  {} tài liệu / documents: {}\n", count, rule.empty() ? "?" : rule);
  return out;
}

}  // namespace lt::workshop
