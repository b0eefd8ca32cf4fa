#include "core/schema/checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/config/diagnostics.h"
#include "core/schema/describe.h"
#include "core/schema/program.h"
#include "core/schema/same_value.h"

namespace lt::schema {
namespace {

using Program = CompiledSchema::Program;
using Rule = Program::Rule;

// Signed comparison of the number `text` with a limit: the sign of text - limit.
int compare_to(std::string_view text, const Program::Limit& limit) {
  if (limit.is_plain)
    if (const auto plain = plain_integer(text)) return *plain < limit.plain ? -1 : *plain > limit.plain;
  const auto value = Decimal::parse(text);
  return value ? compare(*value, limit.value) : -1;
}

class Walk {
 public:
  // Without `problems` the first violation ends the walk.
  Walk(const Program& program, Problems* problems) : program_(program), problems_(problems) {}

  // A form that could not be checked to its end may have been taken for one that does not fit: `not` would then accept.
  bool run(const Node* root) { return run(program_.root, root); }
  bool run(TypeId type, const Node* root) {
    const bool good = check(type, root);
    return good && (steps_ <= limits::kSchemaSteps || too_long(type, root));
  }

 private:
  bool check(TypeId id, const Node* node) {
    if (id == kNoType) return true;
    if (++steps_ > limits::kSchemaSteps) return too_long(id, node);
    const Rule& rule = program_.rules[id];
    bool good = true;
    switch (node->kind) {
      case Kind::null:
        good = may_be(rule, node, kNull);
        break;
      case Kind::boolean:
        good = may_be(rule, node, kBoolean);
        break;
      case Kind::number:
        good = check_number(rule, node);
        break;
      case Kind::text:
      case Kind::blob:
        good = check_text(rule, node);
        break;
      case Kind::array:
        good = check_array(rule, node);
        break;
      case Kind::object:
        good = check_object(rule, node);
        break;
    }
    if (!good && quiet()) return false;
    if (rule.enumerated && !allowed(rule, node)) good = false;
    if (!good && quiet()) return false;
    if (rule.combined) good &= check_combined(rule, node);
    return good;
  }

  bool quiet() const { return problems_ == nullptr; }

  // Adds a problem; `describe` is called only when it will be read.
  template <class Describe>
  bool wrong(const Rule& rule, const Node* node, Code code, const char* keyword, const Describe& describe) {
    if (quiet()) return false;
    if (problems_->total++ < limits::kSchemaProblems) {
      Problem problem;
      problem.code = code;
      problem.path = path_of(node);
      problem.keyword = keyword;
      problem.schema = rule.type->place;
      problem.actual = describe_actual(node);
      describe(problem);
      problems_->items.push_back(std::move(problem));
    }
    return false;
  }

  bool too_long(TypeId id, const Node* node) {
    if (reported_) return false;
    reported_ = true;
    return wrong(program_.rules[id], node, Code::schema_violation, "steps",
                 [](Problem& p) { p.expected = "a document that can be checked in bounded time"; });
  }

  bool may_be(const Rule& rule, const Node* node, uint8_t kind) {
    if ((rule.kinds & kind) != 0) return true;
    return wrong(rule, node, Code::wrong_kind, "type", [&](Problem& p) { p.expected = describe_kinds(rule.kinds); });
  }

  bool check_number(const Rule& rule, const Node* node) {
    if ((rule.kinds & kNumber) == 0 && ((rule.kinds & kInteger) == 0 || !is_integral(node->text)))
      return may_be(rule, node, 0);
    if (!rule.limited) return true;
    bool good = true;
    if (rule.minimum.set) {
      const int order = compare_to(node->text, rule.minimum);
      if (order < 0 || (order == 0 && rule.minimum.exclusive))
        good = wrong(rule, node, Code::schema_violation, rule.minimum.exclusive ? "exclusiveMinimum" : "minimum",
                     [&](Problem& p) { p.expected = describe_bound(*rule.type->minimum, "least", "more than"); });
    }
    if (rule.maximum.set) {
      const int order = compare_to(node->text, rule.maximum);
      if (order > 0 || (order == 0 && rule.maximum.exclusive))
        good = wrong(rule, node, Code::schema_violation, rule.maximum.exclusive ? "exclusiveMaximum" : "maximum",
                     [&](Problem& p) { p.expected = describe_bound(*rule.type->maximum, "most", "less than"); });
    }
    if (rule.has_multiple) {
      const auto value = Decimal::parse(node->text);
      if (!value || !is_multiple(*value, rule.multiple))
        good = wrong(rule, node, Code::schema_violation, "multipleOf",
                     [&](Problem& p) { p.expected = "a multiple of " + rule.type->multiple_of; });
    }
    return good;
  }

  bool check_text(const Rule& rule, const Node* node) {
    if ((rule.kinds & kString) == 0) return may_be(rule, node, kString);
    const bool blob = node->kind == Kind::blob;
    const uint64_t bytes = blob ? node->blob.length : node->text.size();
    bool good = true;
    // Bytes bound the code points from both sides; counting is needed only in between.
    if (bytes > rule.max_length || bytes < 4 * rule.min_length) {
      const uint64_t length = blob ? bytes : count_code_points(node->text);
      if (length > rule.max_length || length < rule.min_length)
        good = wrong(rule, node, Code::schema_violation, length < rule.min_length ? "minLength" : "maxLength",
                     [&](Problem& p) { p.expected = describe_length(rule.type->min_length, rule.type->max_length); });
    }
    for (uint32_t index : rule.patterns) {
      if (!good && quiet()) return false;
      const TextPattern& pattern = program_.patterns[index];
      if (blob || !pattern.matches(node->text))
        good = wrong(rule, node, Code::bad_pattern, "pattern",
                     [&](Problem& p) { p.expected = "the form " + pattern.text(); });
    }
    if (rule.format != TextFormat::none && (blob || !follows(rule.format, node->text)))
      good = wrong(rule, node, Code::bad_pattern, "format",
                   [&](Problem& p) { p.expected = "the format " + rule.type->format; });
    return good;
  }

  bool allowed(const Rule& rule, const Node* node) {
    for (const Literal& literal : *rule.type->allowed)
      if (same_value(literal.node, node)) return true;
    return wrong(rule, node, Code::value_not_allowed, rule.type->allowed->size() == 1 ? "const" : "enum",
                 [&](Problem& p) { p.expected = describe_allowed(*rule.type->allowed); });
  }

  bool check_object(const Rule& rule, const Node* node) {
    if ((rule.kinds & kObject) == 0) return may_be(rule, node, kObject);
    std::array<uint64_t, limits::kSchemaRequired / 64> seen;
    const size_t words = (rule.required + 63) / 64;
    std::fill_n(seen.begin(), words, 0);
    bool good = true;
    size_t expected = 0;
    for (const Node* child = node->first; child != nullptr; child = child->next) {
      const Program::Property* property = nullptr;
      if (expected < rule.properties.size() && rule.properties[expected].name == child->name) {
        property = &rule.properties[expected++];
      } else if ((property = rule.find(child->name)) != nullptr) {
        expected = static_cast<size_t>(property - rule.properties.data()) + 1;
      }
      if (property != nullptr && property->required >= 0)
        seen[static_cast<size_t>(property->required) / 64] |= uint64_t{1} << (property->required % 64);
      good &= check_member(rule, property, child);
      if (!good && quiet()) return false;
    }
    for (size_t word = 0; word < words; ++word)
      if (seen[word] != rule.required_bits[word]) {
        good = false;
        if (quiet()) return false;
        report_missing(rule, node, word, rule.required_bits[word] & ~seen[word]);
      }
    if (rule.many) good &= check_rare(rule, node);
    return good;
  }

  bool check_member(const Rule& rule, const Program::Property* property, const Node* child) {
    bool good = true, declared = property != nullptr && property->declared;
    if (declared) good = check(property->type, child);
    for (const auto& [pattern, type] : rule.pattern_fields)
      if (program_.patterns[pattern].matches(child->name)) {
        declared = true;
        good &= check(type, child);
      }
    if (declared) return good;
    if (!rule.closed) return check(rule.type->additional, child);
    return wrong(rule, child, Code::unknown_field, "additionalProperties", [&](Problem& p) {
      p.expected = "only the fields declared";
      std::vector<std::string> names;
      for (const Field& field : rule.type->fields) names.push_back(field.name);
      if (auto near = config::did_you_mean(child->name, names)) p.hint = fmt::format("did you mean \"{}\"?", *near);
    });
  }

  void report_missing(const Rule& rule, const Node* node, size_t word, uint64_t missing) {
    for (const Program::Property& property : rule.properties) {
      if (property.required < 0 || static_cast<size_t>(property.required) / 64 != word) continue;
      if ((missing >> (property.required % 64) & 1) != 0) missing_field(rule, node, "required", property.name);
    }
  }

  bool missing_field(const Rule& rule, const Node* node, const char* keyword, std::string_view name) {
    return wrong(rule, node, Code::missing_field, keyword, [&](Problem& p) {
      p.path += "." + std::string(name);
      p.expected = "this field";
      p.actual = "nothing";
      for (const Field& field : rule.type->fields)
        if (field.name == name) p.schema = field.place;
    });
  }

  bool check_rare(const Rule& rule, const Node* node) {
    const Type& type = *rule.type;
    bool good = true;
    if (node->count < type.min_fields.value_or(0) || node->count > type.max_fields.value_or(UINT64_MAX))
      good = wrong(rule, node, Code::schema_violation,
                   node->count < type.min_fields.value_or(0) ? "minProperties" : "maxProperties",
                   [&](Problem& p) { p.expected = describe_count(type.min_fields, type.max_fields, "fields"); });
    if (type.names != kNoType)
      for (const Node* child = node->first; child != nullptr; child = child->next) {
        Node name;
        name.kind = Kind::text;
        name.text = child->name;
        if (!Walk(*this, nullptr).check_into(*this, type.names, &name))
          good = wrong(rule, child, Code::unknown_field, "propertyNames",
                       [](Problem& p) { p.expected = "a field name of the form declared"; });
      }
    for (const Dependency& dependency : type.dependencies) {
      if (node->find(dependency.name) == nullptr) continue;
      for (const std::string& name : dependency.required)
        if (node->find(name) == nullptr) good = missing_field(rule, node, "dependencies", name);
      good &= check(dependency.type, node);
    }
    return good;
  }

  bool check_array(const Rule& rule, const Node* node) {
    if ((rule.kinds & kArray) == 0) return may_be(rule, node, kArray);
    const Type& type = *rule.type;
    bool good = true;
    if (node->count < type.min_items.value_or(0) || node->count > type.max_items.value_or(UINT64_MAX))
      good =
          wrong(rule, node, Code::schema_violation, node->count < type.min_items.value_or(0) ? "minItems" : "maxItems",
                [&](Problem& p) { p.expected = describe_count(type.min_items, type.max_items, "items"); });
    size_t index = 0;
    bool contains = type.contains == kNoType;
    for (const Node* item = node->first; item != nullptr; item = item->next, ++index) {
      if (!good && quiet()) return false;
      if (index < type.tuple.size()) {
        good &= check(type.tuple[index], item);
      } else if (!type.more_items) {
        good = wrong(rule, item, Code::schema_violation, "additionalItems",
                     [&](Problem& p) { p.expected = fmt::format("at most {} items", type.tuple.size()); });
        break;
      } else {
        good &= check(type.items, item);
      }
      if (!contains) contains = silently(type.contains, item);
    }
    if (!contains)
      good = wrong(rule, node, Code::schema_violation, "contains",
                   [](Problem& p) { p.expected = "at least one item as described by contains"; });
    if (type.unique && !all_different(node))
      good = wrong(rule, node, Code::schema_violation, "uniqueItems",
                   [](Problem& p) { p.expected = "items that all differ"; });
    return good;
  }

  bool check_combined(const Rule& rule, const Node* node) {
    const Type& type = *rule.type;
    bool good = true;
    for (TypeId id : type.all_of) {
      good &= check(id, node);
      if (!good && quiet()) return false;
    }
    if (!type.any_of.empty()) {
      const bool any =
          std::any_of(type.any_of.begin(), type.any_of.end(), [&](TypeId id) { return silently(id, node); });
      if (!any) good = none_fits(rule, node, "anyOf", type.any_of);
    }
    if (!type.one_of.empty()) {
      size_t fits = 0;
      for (TypeId id : type.one_of)
        if (fits < 2 && silently(id, node)) ++fits;
      if (fits == 0) good = none_fits(rule, node, "oneOf", type.one_of);
      if (fits > 1)
        good = wrong(rule, node, Code::schema_violation, "oneOf",
                     [](Problem& p) { p.expected = "exactly one of the forms, but several fit"; });
    }
    if (type.never != kNoType && silently(type.never, node))
      good = wrong(rule, node, Code::schema_violation, "not", [](Problem& p) { p.expected = "not this form"; });
    if (type.when != kNoType) good &= check(silently(type.when, node) ? type.then : type.otherwise, node);
    return good;
  }

  // When only one of the forms is of the node's kind, that one was meant: its own problems say more.
  bool none_fits(const Rule& rule, const Node* node, const char* keyword, const std::vector<TypeId>& forms) {
    if (quiet()) return false;
    TypeId meant = kNoType;
    size_t candidates = 0;
    const uint8_t kind = kind_bits(node);
    for (TypeId id : forms)
      if (id != kNoType && (program_.rules[id].kinds & kind) != 0) {
        meant = id;
        ++candidates;
      }
    if (candidates == 1) return check(meant, node);
    return wrong(rule, node, Code::schema_violation, keyword,
                 [&](Problem& p) { p.expected = fmt::format("one of the {} forms declared", forms.size()); });
  }

  bool silently(TypeId id, const Node* node) { return Walk(*this, nullptr).check_into(*this, id, node); }
  Walk(const Walk& outer, Problems* problems) : program_(outer.program_), problems_(problems), steps_(outer.steps_) {}
  bool check_into(Walk& outer, TypeId id, const Node* node) {
    const bool good = check(id, node);
    outer.steps_ = steps_;
    return good;
  }

  const Program& program_;
  Problems* problems_;
  uint64_t steps_ = 0;
  bool reported_ = false;
};

}  // namespace

bool is_valid(const CompiledSchema& schema, const Node* root) { return Walk(schema.program(), nullptr).run(root); }
bool is_valid(const CompiledSchema& schema, TypeId type, const Node* node) {
  return Walk(schema.program(), nullptr).run(type, node);
}

bool check(const CompiledSchema& schema, const Node* root, Problems& problems) {
  return Walk(schema.program(), &problems).run(root);
}

Error Problems::error() const {
  if (items.empty()) return Error(Code::schema_violation, fmt::format("{} problems", total));
  const Problem& first = items[0];
  Error error(first.code);
  error.place.path = first.path;
  error.hint = first.hint;
  for (const Problem& problem : items) {
    if (!error.detail.empty()) error.detail += "; ";
    const std::string where = &problem == &first ? "" : problem.path + " ";
    error.detail += fmt::format("{}expected {}, found {} ({}, {})", where, problem.expected, problem.actual,
                                problem.keyword, problem.schema.text());
  }
  if (total > items.size()) error.detail += fmt::format("; and {} more", total - items.size());
  return error;
}

}  // namespace lt::schema
