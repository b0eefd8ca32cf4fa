#include "core/workshop/draft_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "core/mapping/path.h"
#include "core/message/tree.h"
#include "core/workshop/draft_left.h"
#include "core/workshop/draft_names.h"
#include "core/workshop/draft_shape.h"

namespace lt::workshop {
namespace {

using schema::Field;
using schema::Model;
using schema::TypeId;

constexpr size_t kDepth = 12;        // of objects
constexpr size_t kReach = 3;         // objects that a path from the scope may pass
constexpr size_t kCandidates = 400;  // fields looked at for one target field

// A field of the source that a scope can name.
struct Candidate {
  Steps steps;
  std::string text;  // the path from the scope
  bool from_root = false;
  const Field* field = nullptr;
};
struct Scope {
  TypeId type = schema::kNoType;
  std::string path;  // absolute, "" = the root
};

std::string joined(const std::string& path, const std::string& name) {
  const std::string step = mapping::path_text(Steps{name});
  return path.empty() ? step : path + "." + step;
}

class Drafter {
 public:
  Drafter(const Model& source, const Field& source_root, const Model& target, const Field& target_root)
      : source_(source), source_root_(source_root), target_(target), target_root_(target_root) {}

  DraftRules draft(const std::vector<Instance>& documents) {
    out_.rules = group(target_root_.type, "", {source_root_.type, ""}, documents, 0);
    unused(source_root_.type, "", 0);
    std::vector<std::string> left = out_.unfed_required;
    left.insert(left.end(), out_.unfed.begin(), out_.unfed.end());
    out_.spreads = spread_texts({source_, source_root_, out_.unused}, {target_, target_root_, left});
    return std::move(out_);
  }

 private:
  std::vector<Candidate> candidates(const Scope& scope, Shape wanted) const {
    std::vector<Candidate> out;
    gather(scope.type, {}, false, wanted, out);
    if (!scope.path.empty()) gather(source_root_.type, {}, true, wanted, out);
    return out;
  }
  void gather(TypeId type, const Steps& above, bool from_root, Shape wanted, std::vector<Candidate>& out) const {
    if (type == schema::kNoType || above.size() > kReach) return;
    for (const Field* field : source_.fields(type)) {
      if (out.size() >= kCandidates) return;
      Steps steps = above;
      steps.push_back(field->name);
      const Shaped shaped = shape_of(source_, *field);
      if (shaped.shape == wanted)
        out.push_back({steps, (from_root ? "$." : "") + mapping::path_text(steps), from_root, field});
      if (shaped.shape == Shape::object) gather(shaped.type, steps, from_root, wanted, out);
    }
  }
  std::string absolute(const Scope& scope, const Candidate& at) const {
    return at.from_root || scope.path.empty() ? mapping::path_text(at.steps)
                                              : scope.path + "." + mapping::path_text(at.steps);
  }
  static const Node* start(const Instance& at, const Candidate& candidate) {
    return candidate.from_root ? at.root : at.source;
  }
  static Column column(const std::vector<Instance>& instances, const Candidate& at) {
    Column out;
    for (const Instance& one : instances) out.push_back(text_of(walk(start(one, at), at.steps)));
    return out;
  }
  static Column target_column(const std::vector<Instance>& instances, const Steps& steps) {
    Column out;
    for (const Instance& one : instances) out.push_back(text_of(walk(one.target, steps)));
    return out;
  }

  std::vector<DraftRule> group(TypeId type, const std::string& path, const Scope& scope,
                               const std::vector<Instance>& instances, size_t depth) {
    std::vector<DraftRule> out;
    struct Open {
      const Field* field;
      Column values;
    };
    std::vector<Open> open;
    if (depth > kDepth || type == schema::kNoType) return out;
    for (const Field* field : target_.fields(type)) {
      const Shaped shaped = shape_of(target_, *field);
      std::optional<DraftRule> rule;
      if (shaped.shape == Shape::scalar) {
        const Column values = target_column(instances, {field->name});
        rule = leaf(*field, values, scope, instances, path);
        if (!rule) open.push_back({field, values});
      } else if (shaped.shape == Shape::repeated) {
        rule = repeated({field->name}, shaped.type, *field, path, scope, instances, depth);
      } else {
        rule = object(*field, shaped.type, path, scope, instances, depth);
      }
      if (rule) out.push_back(std::move(*rule));
      if (!rule && shaped.shape != Shape::scalar) unfed(type, *field, joined(path, field->name));
    }
    std::vector<Piece> pieces;
    for (const Open& at : open) pieces.push_back({at.field->name, &at.values});
    std::set<std::string> split = parts(pieces, scope, instances, out);
    for (const Open& at : open)
      if (!split.contains(at.field->name)) {
        if (auto rule = last_try(*at.field, at.values, scope, instances))
          out.push_back(std::move(*rule));
        else
          unfed(type, *at.field, joined(path, at.field->name));
      }
    return out;
  }
  void unfed(TypeId parent, const Field& field, const std::string& path) {
    if (field.choice >= 0) return out_.choices.push_back(choice_text(target_, parent, field, path));
    (field.required ? out_.unfed_required : out_.unfed).push_back(path);
  }

  std::optional<DraftRule> leaf(const Field& field, const Column& values, const Scope& scope,
                                const std::vector<Instance>& instances, const std::string& path) {
    const size_t known = present(values);
    const Candidate* best = nullptr;
    int most = 0, likeness_of_best = 0;
    const auto all = candidates(scope, Shape::scalar);
    for (const Candidate& at : all) {
      if (values.empty() ? name_likeness(field.name, at.field->name) < 3 : column(instances, at) != values) continue;
      const bool same = same_words_with_objects(joined(path, field.name), absolute(scope, at));
      const int likeness = std::max(name_likeness(field.name, at.field->name), same ? 2 : 0);
      const std::set<std::optional<std::string>> distinct(values.begin(), values.end());
      const bool telling = distinct.size() > 1 || (known > 0 && values[0] && count_code_points(*values[0]) > 2);
      if (known == 0 ? likeness < 3 || at.steps.size() > 1 || at.from_root : likeness == 0 && !telling) continue;
      const bool taken = out_used_.contains(absolute(scope, at));
      const int score =
          1 + likeness * 16 + (at.from_root ? 0 : 6) - static_cast<int>(at.steps.size()) - (taken ? 4 : 0) + 8;
      if (score > most) {
        most = score;
        likeness_of_best = likeness;
        best = &at;
      }
    }
    if (!best) return std::nullopt;
    const Sure sure = known == 0 ? Sure::name : likeness_of_best >= 2 ? Sure::name_and_value : Sure::value;
    if (a_file(target_, field, source_, *best->field, values)) return blob(field, *best, scope, sure);
    return copy(field, *best, scope, instances, sure, known);
  }
  DraftRule blob(const Field& field, const Candidate& at, const Scope& scope, Sure sure) {
    used(scope, at);
    const char* why = sure == Sure::name
                          ? "cần xem: tệp ở cả hai bên, mẫu không có / check: a file on both sides, none in the samples"
                          : "chắc: cùng một tệp base64 / sure: the same file in base64";
    return {mapping::path_text(Steps{field.name}), fmt::format("{{blob: {}}}", yaml_text(at.text)), why, false, {}};
  }
  DraftRule copy(const Field& field, const Candidate& at, const Scope& scope, const std::vector<Instance>& instances,
                 Sure sure, size_t known) {
    used(scope, at);
    const auto& type = target_.type(field.type);
    bool number = false;
    for (const Instance& one : instances)
      if (const Node* node = walk(start(one, at), at.steps)) number |= node->kind == Kind::number;
    const bool text_only = target_.format == schema::Format::json && !type.may_be(schema::kNumber) &&
                           !type.may_be(schema::kInteger) && type.may_be(schema::kString);
    DraftRule rule{mapping::path_text(Steps{field.name}), yaml_text(at.text), why(sure, known), false, {}};
    if (number && text_only) rule.operators = fmt::format("{{from: {}, as: text}}", yaml_text(at.text));
    return rule;
  }
  static std::string why(Sure sure, size_t known) {
    switch (sure) {
      case Sure::name_and_value:
        return fmt::format("chắc: cùng tên, cùng {} giá trị / sure: same name, same {}", known,
                           counted(known, "value", "values"));
      case Sure::value:
        return fmt::format("khá chắc: cùng {} giá trị, khác tên / likely: same {}, other name", known,
                           counted(known, "value", "values"));
      case Sure::name:
        break;
    }
    return "cần xem: chỉ cùng tên, mẫu không có giá trị / check: same name only, no value in the samples";
  }
  void used(const Scope& scope, const Candidate& at) { out_used_.insert(absolute(scope, at)); }

  // Other than the same text: numbers, dates, codes; joined from several; the same everywhere.
  std::optional<DraftRule> last_try(const Field& field, const Column& values, const Scope& scope,
                                    const std::vector<Instance>& instances) {
    if (present(values) == 0) return std::nullopt;
    const auto all = candidates(scope, Shape::scalar);
    const Candidate *best = nullptr, *code = nullptr;
    std::string best_rule, best_why;
    int most = -1, most_code = -1;
    for (const Candidate& at : all) {
      const Column source = column(instances, at);
      const int likeness = name_likeness(field.name, at.field->name) * 2 + (at.from_root ? 0 : 1);
      if (likeness > most) {
        if (same_numbers(values, source)) {
          best = &at, most = likeness, best_rule = "as: decimal";
          best_why = "khá chắc: cùng số, viết khác / likely: the same numbers, written otherwise";
        } else if (const auto dates = date_patterns(values, source)) {
          best = &at, most = likeness, best_rule = "type: " + type_name(*dates);
          best_why = fmt::format("khá chắc: cùng ngày, mẫu khác, {} giá trị / likely: same dates, other pattern, {}",
                                 present(values), counted(present(values), "value", "values"));
        }
      }
      if (likeness > most_code && code_pairs(values, source)) code = &at, most_code = likeness;
    }
    const std::string name = mapping::path_text(Steps{field.name});
    if (best) {
      used(scope, *best);
      return DraftRule{name, fmt::format("{{from: {}, {}}}", yaml_text(best->text), best_rule), best_why, false, {}};
    }
    if (code) {
      used(scope, *code);
      const std::string table = table_name(field.name);
      out_.tables[table] = *code_pairs(values, column(instances, *code));
      return DraftRule{name,
                       fmt::format("{{from: {}, table: {}}}", yaml_text(code->text), table),
                       "cần xem: các cặp mã lặp lại; bảng chỉ có mã của mẫu / check: pairs of codes recur; the table "
                       "has only those of the samples",
                       false,
                       {}};
    }
    if (auto rule = joined_from(field, values, scope, instances, all)) return rule;
    return constant(field, values);
  }
  std::optional<DraftRule> constant(const Field& field, const Column& values) const {
    const auto& allowed = target_.type(field.type).allowed;
    const bool only = field.fixed || (allowed && allowed->size() == 1);
    if (present(values) != values.size() || (values.size() < 2 && !only)) return std::nullopt;
    if (std::any_of(values.begin(), values.end(), [&](const auto& at) { return at != values.front(); }))
      return std::nullopt;
    return DraftRule{mapping::path_text(Steps{field.name}),
                     fmt::format("{{const: {}}}", yaml_text(*values.front())),
                     fmt::format("cần xem: một giá trị trong {} mẫu / check: one value in {}", values.size(),
                                 counted(values.size(), "sample", "samples")),
                     false,
                     {}};
  }
  std::optional<DraftRule> joined_from(const Field& field, const Column& values, const Scope& scope,
                                       const std::vector<Instance>& instances, const std::vector<Candidate>& all) {
    std::vector<Column> columns;
    std::vector<const Candidate*> inside;
    for (const Candidate& at : all) {
      if (at.from_root || at.steps.size() != 1 || !group_name(at.field->name)) continue;
      Column source = column(instances, at);
      bool part = present(source) == present(values);
      for (size_t i = 0; i < values.size() && part; ++i)
        part = !values[i] || (source[i] && values[i]->find(*source[i]) != std::string::npos);
      if (!part) continue;
      inside.push_back(&at);
      columns.push_back(std::move(source));
    }
    for (size_t a = 0; a < inside.size(); ++a)
      for (size_t b = 0; b < inside.size(); ++b) {
        if (a == b) continue;
        const auto pattern =
            split_pattern(values, {{inside[a]->field->name, &columns[a]}, {inside[b]->field->name, &columns[b]}});
        if (!pattern) continue;
        used(scope, *inside[a]);
        used(scope, *inside[b]);
        return DraftRule{mapping::path_text(Steps{field.name}),
                         fmt::format("{{join: ., pattern: {}}}", yaml_text(*pattern)),
                         "khá chắc: ghép từ hai trường / likely: joined from two fields",
                         false,
                         {}};
      }
    return std::nullopt;
  }
  static bool group_name(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return c < 0x80 && (std::isalnum(c) != 0 || c == '_');
    }) && std::isdigit(static_cast<unsigned char>(name[0])) == 0;
  }
  // Fields of one object that one source field splits into. Returns those taken.
  std::set<std::string> parts(const std::vector<Piece>& pieces, const Scope& scope,
                              const std::vector<Instance>& instances, std::vector<DraftRule>& out) {
    std::set<std::string> taken;
    for (const Candidate& at : candidates(scope, Shape::scalar)) {
      const Column whole = column(instances, at);
      if (present(whole) == 0) continue;
      for (const Piece& a : pieces)
        for (const Piece& b : pieces) {
          if (&a == &b || taken.contains(a.name) || taken.contains(b.name)) continue;
          if (present(*a.values) == 0 || !group_name(a.name) || !group_name(b.name)) continue;
          const auto pattern = split_pattern(whole, {a, b});
          if (!pattern) continue;
          taken.insert({a.name, b.name});
          used(scope, at);
          out.push_back({".",
                         fmt::format("{{parts: {}, pattern: {}}}", yaml_text(at.text), yaml_text(*pattern)),
                         "khá chắc: tách từ một trường / likely: split from one field",
                         false,
                         {}});
        }
    }
    return taken;
  }
  std::string type_name(const std::pair<std::string, std::string>& patterns) {
    const std::string body =
        fmt::format("{{pattern: {}, to: {}}}", yaml_text(patterns.first), yaml_text(patterns.second));
    for (const auto& [name, known] : out_.types)
      if (known == body) return name;
    out_.types.emplace_back(out_.types.empty() ? "day" : fmt::format("day-{}", out_.types.size() + 1), body);
    return out_.types.back().first;
  }
  std::string table_name(const std::string& field) const {
    std::string name;
    for (const char c : fold(field)) name += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
    const std::string first = name;
    for (int n = 2; out_.tables.contains(name); ++n) name = fmt::format("{}-{}", first, n);
    return name;
  }

  // How much of the values directly in the target's objects stand directly in those of the source: 0 to 1, -1: none.
  double overlap(TypeId target, TypeId source, const std::vector<Instance>& pairs) const {
    size_t wanted = 0, found = 0;
    for (const Instance& at : pairs) {
      if (!at.target) continue;
      std::multiset<std::string> have;
      for (const Field* field : source == schema::kNoType ? std::vector<const Field*>() : source_.fields(source))
        if (const auto text = text_of(at.source ? at.source->find(field->name) : nullptr)) have.insert(*text);
      for (const Field* field : target_.fields(target))
        if (const auto text = text_of(at.target->find(field->name))) {
          ++wanted;
          const auto hit = have.find(*text);
          if (hit == have.end()) continue;
          have.erase(hit);
          ++found;
        }
    }
    return wanted == 0 ? -1 : static_cast<double>(found) / static_cast<double>(wanted);
  }

  std::optional<DraftRule> object(const Field& field, TypeId type, const std::string& path, const Scope& scope,
                                  const std::vector<Instance>& instances, size_t depth) {
    const auto fields = target_.fields(type);
    // <Steps><Step/><Step/></Steps>: the element around a repeated one has no rule of its own.
    if (fields.size() == 1 && shape_of(target_, *fields[0]).shape == Shape::repeated)
      return repeated({field.name, fields[0]->name}, shape_of(target_, *fields[0]).type, field, path, scope, instances,
                      depth);
    std::vector<Instance> here;
    for (Instance at : instances) {
      at.target = walk(at.target, {field.name});
      here.push_back(at);
    }
    const auto all = candidates(scope, Shape::object);
    const Candidate* best = nullptr;
    double most = overlap(type, scope.type, here) * 0.9;  // the scope itself
    for (const Candidate& at : all) {
      const int likeness = name_likeness(field.name, at.field->name);
      std::vector<Instance> pairs = here;
      bool there = true;
      for (Instance& one : pairs) {
        one.source = walk(start(one, at), at.steps);
        there &= !one.target || one.source;
      }
      const double share = overlap(type, at.field->type, pairs);
      if (!there || (share < 0 ? likeness < 3 : share < 0.4)) continue;
      const double score = std::max(share, 0.0) + likeness * 0.3 - (at.from_root ? 0.1 : 0) -
                           static_cast<double>(at.steps.size()) * 0.01;
      if (score > most) {
        most = score;
        best = &at;
      }
    }
    DraftRule rule{mapping::path_text(Steps{field.name}), "", "", true, {}};
    Scope inner = scope;
    if (best) {
      for (Instance& one : here) one.source = walk(start(one, *best), best->steps);
      inner = {shape_of(source_, *best->field).type, absolute(scope, *best)};
      rule.operators = "from: " + yaml_text(best->text);
      rule.why = group_why(name_likeness(field.name, best->field->name), overlap(type, inner.type, here));
    } else if (std::none_of(here.begin(), here.end(), [](const Instance& at) { return at.target != nullptr; })) {
      return std::nullopt;
    }
    rule.rules = group(type, joined(path, field.name), inner, here, depth + 1);
    if (rule.rules.empty()) return std::nullopt;
    return rule;
  }
  static std::string group_why(int likeness, double share) {
    if (share < 0) return "cần xem: chỉ cùng tên / check: same name only";
    const int percent = static_cast<int>(share * 100 + 0.5);
    return fmt::format("{2}: {0}{1} % giá trị trùng / {3}: {4}{1} % of the values the same",
                       likeness >= 2 ? "cùng tên, " : "", percent, likeness >= 2 ? "chắc" : "khá chắc",
                       likeness >= 2 ? "sure" : "likely", likeness >= 2 ? "same name, " : "");
  }

  std::optional<DraftRule> repeated(const Steps& steps, TypeId type, const Field& field, const std::string& path,
                                    const Scope& scope, const std::vector<Instance>& instances, size_t depth) {
    if (type == schema::kNoType || target_.fields(type).empty()) return std::nullopt;
    const Candidate* best = nullptr;
    double most = 0;
    std::vector<Instance> items;
    const auto all = candidates(scope, Shape::repeated);
    for (const Candidate& at : all) {
      std::vector<Instance> pairs;
      bool counted = true;
      for (const Instance& one : instances) {
        const auto made = items_of(one.target, steps), from = items_of(start(one, at), at.steps);
        counted &= made.size() == from.size();
        for (size_t i = 0; counted && i < made.size(); ++i) pairs.push_back({made[i], from[i], one.root});
      }
      const TypeId item = shape_of(source_, *at.field).type;
      if (!counted || item == schema::kNoType) continue;
      const int likeness =
          std::max(name_likeness(field.name, at.field->name), name_likeness(steps.back(), at.field->name));
      const double share = overlap(type, item, pairs);
      if (share < 0 ? likeness < 3 : share < 0.4) continue;
      const double score = std::max(share, 0.0) + likeness * 0.3 - (at.from_root ? 0.1 : 0) + 0.01;
      if (score <= most) continue;
      most = score;
      best = &at;
      items = std::move(pairs);
    }
    if (!best) return std::nullopt;
    const Scope inner{shape_of(source_, *best->field).type, absolute(scope, *best)};
    std::string whole = path;
    for (const std::string& step : steps) whole = joined(whole, step);
    DraftRule rule{mapping::path_text(steps),
                   "each: " + yaml_text(best->text),
                   group_why(name_likeness(field.name, best->field->name), overlap(type, inner.type, items)),
                   true,
                   {}};
    rule.rules = group(type, whole, inner, items, depth + 1);
    if (rule.rules.empty()) return std::nullopt;
    return rule;
  }

  // Source fields that nothing uses; an object of which nothing is used is named once.
  void unused(TypeId type, const std::string& path, size_t depth) {
    if (type == schema::kNoType || depth > kDepth) return;
    for (const Field* field : source_.fields(type)) {
      const std::string here = joined(path, field->name);
      const bool below = std::any_of(out_used_.begin(), out_used_.end(),
                                     [&](const std::string& at) { return at.starts_with(here + "."); });
      if (out_used_.contains(here) && shape_of(source_, *field).shape == Shape::scalar) continue;
      if (below)
        unused(shape_of(source_, *field).type, here, depth + 1);
      else
        out_.unused.push_back(here);
    }
  }

  const Model& source_;
  const Field& source_root_;
  const Model& target_;
  const Field& target_root_;
  DraftRules out_;
  std::set<std::string> out_used_;
};

}  // namespace

DraftRules draft_rules(const Model& source, const Field& source_root, const Model& target, const Field& target_root,
                       const std::vector<Instance>& documents) {
  return Drafter(source, source_root, target, target_root).draft(documents);
}

}  // namespace lt::workshop
