#include "core/proof/laws.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/mapping/compare.h"
#include "core/mapping/encode.h"
#include "core/mapping/file_room.h"
#include "core/mapping/path.h"
#include "core/mapping/program.h"
#include "core/proof/compare_source.h"
#include "core/proof/rule_walk.h"

namespace lt::proof {
namespace {

using mapping::Fidelity;
using mapping::Rule;
using mapping::Trace;

constexpr size_t kDifferences = 40, kBrokenOfOne = 8;

mapping::RunContext context_of(Trace* trace) {
  return {*schema::parse_day("2026-07-01"), "proof-message", "2026-07-01T08:30:00+07:00", trace};
}

bool own_code(Code code) {
  return (code >= Code::source_missing && code <= Code::ambiguous_match) || code == Code::bad_base64 ||
         code == Code::bad_zip || code == Code::too_large;
}

// Any name that a document gives a file stands for some file.
Result<std::string> drawn_file(mapping::FileRoom::Apart, std::string_view name) {
  return "the file " + std::string(name);
}

std::string key_of(const Place& place) { return fmt::format("{}:{}:{}", place.file, place.line, place.column); }

std::vector<std::string> absolute(const std::vector<mapping::Text>& paths) {
  std::vector<std::string> out;
  for (const auto& path : paths)
    out.push_back(path.text.starts_with("$") ? without_indexes(path.text) : "$." + without_indexes(path.text));
  return out;
}

bool text_only(const schema::Model& model, const std::string& root, const std::string& path) {
  const auto found = model.lookup(path, root);
  if (!found || !found->declared()) return false;
  const schema::Type& type = model.type(found->type);
  const bool read = type.scalar == schema::Scalar::integer || type.scalar == schema::Scalar::decimal ||
                    type.scalar == schema::Scalar::boolean;
  return (type.kinds & ~(schema::kString | schema::kNull)) == 0 && !(model.format == schema::Format::xml && read);
}

}  // namespace

Result<AnyChecker> AnyChecker::make(std::shared_ptr<const schema::Model> model, std::string root) {
  AnyChecker out;
  out.root_ = std::move(root);
  if (model->format == schema::Format::json) {
    LT_ASSIGN(out.json_, schema::CompiledSchema::compile(std::move(model)));
  } else {
    LT_ASSIGN(out.xsd_, schema::CompiledXsd::compile(std::move(model)));
  }
  return out;
}

std::vector<schema::Problem> AnyChecker::problems(const Node* root, const std::vector<std::string>& ignored) const {
  schema::Problems found;
  if (json_ ? schema::check(*json_, root, found) : schema::check(*xsd_, root, found, root_)) return {};
  std::erase_if(found.items, [&](const schema::Problem& problem) {
    const std::string plain = without_indexes(problem.path);
    return std::any_of(ignored.begin(), ignored.end(),
                       [&](const std::string& path) { return mapping::covers(path, plain); });
  });
  return std::move(found.items);
}

struct Laws::Run {
  const Node* x = nullptr;
  mapping::FileRoom files{drawn_file};
  Tree y, y_read, back, y_again;
  Trace trace, again;
};

Result<Laws> Laws::make(const mapping::MappingStore::Entry& entry) {
  if (!entry.mapping) return fail(Code::usage, fmt::format("{} has findings: see map test", entry.file.file));
  Laws out(entry);
  LT_ASSIGN(out.target_, AnyChecker::make(entry.models[1], entry.file.target.root.text));
  LT_ASSIGN(out.source_, AnyChecker::make(entry.models[0], entry.file.source.root.text));
  out.ignored_source_ = absolute(entry.file.ignore_source);
  out.ignored_target_ = absolute(entry.file.ignore_target);
  out.back_ = entry.reverse;
  if (!out.back_ && !entry.file.no_reverse) {
    mapping::Inverse inverse = mapping::invert(entry.file, entry.parts);
    inverse.file.partial = true;
    config::Diagnostics reported;
    out.back_ = mapping::compile(inverse.file, mapping::reversed(entry.parts), reported);
  }
  out.read_rules();
  return out;
}

void Laws::read_rules() {
  if (entry_->file.keep_rest) kept_.emplace_back("$");
  walk_rules(entry_->file, [&](const Rule& rule, const RuleScope& scope, const std::vector<std::string>& reads) {
    reads_[key_of(rule.target.place)].insert(reads.begin(), reads.end());
    const bool path = !rule.source.text.empty() && rule.origin != mapping::Origin::constant &&
                      rule.origin != mapping::Origin::one_way && rule.origin != mapping::Origin::only_back;
    const auto from = path ? scope.source_path(rule.source.text) : std::nullopt;
    if (rule.keep_rest) kept_.push_back(from.value_or(mapping::absolute_path(scope.source)));
    const std::string target = scope.target_path(rule.target.text);
    if (from && !scope.conditional && scope.holder.empty() && copied(rule, *from, target))
      copies_.emplace(target, rule.target.place);
  });
}

// The very text goes there, and comes back.
bool Laws::copied(const Rule& rule, const std::string& from, const std::string& target) const {
  if (rule.origin != mapping::Origin::from || rule.group || rule.type || rule.table || rule.match || rule.fallback ||
      rule.link || rule.nfc || rule.trim || rule.one_way || !rule.when.empty() || rule.required_when ||
      rule.as != mapping::As::unsaid || rule.when_absent != mapping::WhenAbsent::unsaid)
    return false;
  const auto* field = entry_->reversal.find(from);
  return field != nullptr && field->fidelity == Fidelity::exact &&
         text_only(*entry_->parts.source, entry_->file.source.root.text, from) &&
         text_only(*entry_->parts.target, entry_->file.target.root.text, target);
}

bool Laws::translate(const mapping::Mapping& mapping, const Node* from, Tree& out, mapping::FileRoom& files,
                     Trace* trace, Error* refused) const {
  auto done = mapping::run(mapping, from, out, context_of(trace));
  if (done) done = files.settle(out);
  if (!done && refused != nullptr) *refused = std::move(done).error();
  return done.has_value();
}

std::string Laws::shown(const Node* document, bool of_target) const {
  std::string out;
  const auto& side = of_target ? entry_->file.target : entry_->file.source;
  const auto& model = of_target ? *entry_->parts.target : *entry_->parts.source;
  if (!side.xml) {
    codec::JsonWriteOptions options;
    options.pretty = true;
    if (!codec::write_json(document, out, options)) return "(it cannot be written as JSON)";
    return out;
  }
  codec::XmlWriteOptions options;
  options.indent = true;
  options.declaration = false;
  for (const auto& [prefix, uri] : side.ns) options.prefixes.push_back({uri, prefix});
  const auto known = [&](std::string_view uri) {
    return std::any_of(options.prefixes.begin(), options.prefixes.end(), [&](const auto& at) { return at.ns == uri; });
  };
  if (!model.target_ns.empty() && !known(model.target_ns)) options.prefixes.push_back({model.target_ns, "n"});
  if (!known(mapping::kXsi)) options.prefixes.push_back({std::string(mapping::kXsi), "xsi"});
  if (!codec::write_xml(document, options, out)) return "(it cannot be written as XML)";
  return out;
}

Verdict Laws::of_source(const Node* x) const {
  Verdict out;
  laws_of(x, out);
  return out;
}

void Laws::laws_of(const Node* x, Verdict& out) const {
  Run run;
  run.x = x;
  Error refused(Code::none);
  const auto stop = [&](Law law, std::string what) {
    Broken& broken = out.broken.emplace_back();
    broken.law = law;
    broken.rule = refused.place;
    broken.why = std::move(what);
    broken.field = without_indexes(refused.place.path);
  };
  if (!translate(*entry_->mapping, x, run.y, run.files, &run.trace, &refused)) {
    out.refused = refused;
    if (!own_code(refused.code)) stop(Law::translates, refused.text());
    return;
  }
  out.translated = true;
  valid(run, out);
  repeatable(run, out);
  if (!back_ || run.y_read.root() == nullptr) return;
  if (!translate(*back_, run.y_read.root(), run.back, run.files, nullptr, &refused))
    return stop(Law::comes_back, refused.text());
  for (const SourceLoss& loss : compare_source(entry_->reversal, kept_, x, run.back.root())) {
    Broken& broken = out.broken.emplace_back();
    broken.law = loss.law;
    broken.field = loss.plain;
    broken.rule = loss.rule;
    broken.why = loss.why;
    broken.in_x = shown_value(loss.before);
    broken.in_back = shown_value(loss.after);
    for (const auto& wrote : run.trace.wrote)
      if (loss.before != nullptr && wrote.source == loss.before)
        broken.in_y = fmt::format("{} {}", path_of(wrote.target), shown_value(wrote.target));
    if (out.broken.size() >= kBrokenOfOne) return;
  }
  if (!translate(*entry_->mapping, run.back.root(), run.y_again, run.files, &run.again, &refused)) {
    // A field that is lost may be one that y needs.
    const auto reads = reads_.find(key_of(refused.place));
    const bool all = reads != reads_.end() && std::all_of(reads->second.begin(), reads->second.end(),
                                                          [&](const auto& path) { return came_back(path, run); });
    if (all) stop(Law::same_target, "x' is refused, and all that the rule reads came back: " + refused.text());
    return;
  }
  same_target(run, out);
}

void Laws::valid(const Run& run, Verdict& out) const {
  for (const schema::Problem& problem : target_->problems(run.y.root(), ignored_target_)) {
    if (out.broken.size() >= kBrokenOfOne) return;
    Broken& broken = out.broken.emplace_back();
    broken.law = Law::valid;
    broken.field = without_indexes(problem.path);
    broken.why = fmt::format("{} at {}: expected {}, found {}", problem.keyword, problem.schema.text(),
                             problem.expected, problem.actual);
    for (const auto& wrote : run.trace.wrote) {
      if (path_of(wrote.target) != problem.path) continue;
      broken.rule = entry_->mapping->program().rules[wrote.rule].place;
      broken.in_x = shown_value(wrote.source);
      broken.in_y = fmt::format("{} {}", problem.path, shown_value(wrote.target));
    }
  }
}

void Laws::repeatable(Run& run, Verdict& out) const {
  const auto broken = [&](std::string why) {
    Broken& at = out.broken.emplace_back();
    at.law = Law::repeatable;
    at.field.assign(1, '$');
    at.why = std::move(why);
  };
  const mapping::Mapping& mapping = *entry_->mapping;
  auto first = mapping::encode(mapping, *run.y.root());
  if (!first) return broken("y cannot be written: " + first.error().text());
  if (first->holes > 0) return broken("a generated document has blobs");
  Tree again;
  if (!translate(mapping, run.x, again, run.files, nullptr, nullptr)) return broken("the second time x is refused");
  auto second = mapping::encode(mapping, *again.root());
  if (!second || second->text() != first->text()) return broken("the second time other bytes come out");
  codec::XmlOptions options;
  options.longest = options.text;
  const auto parsed = mapping.target_is_xml() ? codec::parse_xml(std::string_view(first->text()), run.y_read, options)
                                              : codec::parse_json(first->text(), run.y_read);
  if (!parsed) return broken("the text of y cannot be read: " + parsed.error().text());
  auto written = mapping::encode(mapping, *run.y_read.root());
  if (!written || written->text() != first->text()) return broken("the text of y is another when read and written");
}

bool Laws::came_back(const std::string& path, const Run& run) const {
  const auto* field = entry_->reversal.find(path);
  if (field != nullptr && field->fidelity != Fidelity::lossy) return true;
  const auto before = select(run.x, path), after = select(run.back.root(), path);
  const auto present = [](const std::vector<const Node*>& nodes) {
    return std::count_if(nodes.begin(), nodes.end(), [](const Node* node) { return node->kind != Kind::null; });
  };
  if (present(before) != present(after)) return false;
  for (size_t i = 0; i < before.size(); ++i)
    if (before[i]->scalar() && (i >= after.size() || before[i]->text != after[i]->text)) return false;
  return true;
}

void Laws::same_target(const Run& run, Verdict& out) const {
  const auto differences =
      mapping::compare(run.y.root(), run.y_again.root(), entry_->mapping->target_is_xml(), kDifferences);
  if (differences.empty()) return;
  std::map<std::string, std::pair<uint32_t, const Node*>> wrote;
  for (const Trace* trace : {&run.again, &run.trace})
    for (const auto& one : trace->wrote) wrote[path_of(one.target)] = {one.rule, one.source};
  for (const mapping::Difference& difference : differences) {
    auto by = wrote.find(difference.path);
    // A list is written by whatever writes its items.
    if (by == wrote.end()) by = wrote.lower_bound(difference.path);
    if (by == wrote.end() || !by->first.starts_with(difference.path)) continue;
    const mapping::RuleRef& rule = entry_->mapping->program().rules[by->second.first];
    const auto reads = reads_.find(key_of(rule.place));
    if (reads == reads_.end()) continue;
    if (!std::all_of(reads->second.begin(), reads->second.end(),
                     [&](const std::string& path) { return came_back(path, run); }))
      continue;
    Broken& broken = out.broken.emplace_back();
    broken.law = Law::same_target;
    broken.field = without_indexes(difference.path);
    broken.rule = rule.place;
    broken.why = fmt::format("all that rule {} reads came back", rule.target);
    broken.in_x = shown_value(by->second.second);
    broken.in_y = difference.expected;
    broken.in_back = difference.got;
    if (out.broken.size() >= kBrokenOfOne) return;
  }
}

Verdict Laws::of_target(const Node* y) const {
  Verdict out;
  mapping::FileRoom files(drawn_file);
  Tree x, again;
  Error refused(Code::none);
  if (!translate(*entry_->reverse, y, x, files, nullptr, &refused)) {
    out.refused = refused;
    if (own_code(refused.code)) return out;
    Broken& broken = out.broken.emplace_back();
    broken.rule = refused.place;
    broken.why = refused.text();
    return out;
  }
  out.translated = true;
  for (const schema::Problem& problem : source_->problems(x.root(), ignored_source_)) {
    Broken& broken = out.broken.emplace_back();
    broken.law = Law::valid;
    broken.field = without_indexes(problem.path);
    broken.why = fmt::format("{} at {}: expected {}, found {}", problem.keyword, problem.schema.text(),
                             problem.expected, problem.actual);
    if (const auto at = select(x.root(), broken.field); !at.empty()) broken.in_x = shown_value(at[0]);
  }
  if (!out.broken.empty()) return out;
  Verdict inner;
  laws_of(x.root(), inner);
  if (inner.refused) {
    out.translated = false;
    out.refused = inner.refused;
  }
  out.broken = std::move(inner.broken);
  if (!inner.translated || !translate(*entry_->mapping, x.root(), again, files, nullptr, nullptr)) return out;
  for (const mapping::Difference& difference :
       mapping::compare(y, again.root(), entry_->mapping->target_is_xml(), kDifferences)) {
    // What y did not say may be added: other fields told it.
    if (difference.expected == "nothing" || difference.expected == "null") continue;
    const std::string plain = without_indexes(difference.path);
    const auto texts = [](const Node* root, const std::string& path) {
      const auto nodes = select(root, path);
      return std::count_if(nodes.begin(), nodes.end(), [](const Node* node) { return node->kind == Kind::text; });
    };
    // What is gone as a whole had a text in it.
    const auto copy = std::find_if(copies_.begin(), copies_.end(), [&](const auto& at) {
      return at.first == plain || (difference.got == "nothing" && mapping::covers(plain, at.first) &&
                                   texts(y, at.first) > texts(again.root(), at.first));
    });
    if (copy == copies_.end() || out.broken.size() >= kBrokenOfOne) continue;
    Broken& broken = out.broken.emplace_back();
    broken.law = Law::same_target;
    broken.field = plain;
    broken.rule = copy->second;
    broken.why = copy->first + " is only copied";
    broken.in_y = difference.expected;
    broken.in_back = difference.got;
  }
  return out;
}

}  // namespace lt::proof
