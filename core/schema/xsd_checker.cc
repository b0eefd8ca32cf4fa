#include "core/schema/xsd_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>

#include "core/base/limits.h"
#include "core/schema/describe.h"
#include "core/schema/xsd_program.h"
#include "core/schema/xsd_words.h"

namespace lt::schema {
namespace {

using Program = CompiledXsd::Program;
using Rule = Program::Rule;
using Content = Program::Content;

constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";

class XsdWalk {
 public:
  XsdWalk(const Program& program, Problems& problems) : program_(program), problems_(problems) {}

  bool run(const Node* root, std::string_view root_name) {
    const Model& model = *program_.model;
    const auto named = [&](const Field& field) { return root_name.empty() || field.name == root_name; };
    const Field* found = nullptr;
    for (const Field& field : model.roots)
      if (named(field) && field.name == root->name && field.ns == root->ns) found = &field;
    if (found != nullptr) return element(root, *found, 0);
    return wrong(root, {}, Code::unknown_field, "root", [&](Problem& p) {
      std::vector<std::string> names;
      for (const Field& field : model.roots)
        if (named(field)) names.push_back(field.name);
      p.expected = "the root element " + listed(names) + in_namespace(model.target_ns);
      p.actual = std::find(names.begin(), names.end(), root->name) == names.end()
                     ? fmt::format("<{}>", root->name)
                     : "the same name" + in_namespace(root->ns);
      p.hint = near(root->name, names);
    });
  }
  uint64_t steps() const { return steps_; }

 private:
  template <class Describe>
  bool wrong(const Node* node, const Place& place, Code code, const char* keyword, const Describe& describe) {
    if (problems_.total++ < limits::kSchemaProblems) {
      Problem problem;
      problem.code = code;
      problem.path = path_of(node);
      problem.keyword = keyword;
      problem.schema = place;
      problem.actual = describe_actual(node);
      describe(problem);
      problems_.items.push_back(std::move(problem));
    }
    return false;
  }
  bool wrong(const Node* node, const Place& place, Code code, const char* keyword, const char* expected) {
    return wrong(node, place, code, keyword, [&](Problem& p) { p.expected = expected; });
  }

  // Enough is described: the rest is counted, and costs nothing to word.
  bool counted_only() {
    if (problems_.total < limits::kSchemaProblems) return false;
    ++problems_.total;
    return true;
  }

  // False when the document costs too much: said once, and nothing more is looked at.
  bool step(const Node* node, uint64_t count = 1) {
    steps_ += count;
    if (steps_ <= limits::kSchemaSteps) return true;
    if (!over_) wrong(node, {}, Code::schema_violation, "steps", "a document that can be checked in bounded time");
    over_ = true;
    return false;
  }

  bool scalar(const Node* node, const ScalarRule& rule, const Place& place) {
    if (rule.fits(node)) return true;
    return wrong(node, place, Code::schema_violation, "", [&](Problem& p) {
      auto misfit = rule.misfit(node);
      if (!misfit) return;
      p.code = misfit->code;
      p.keyword = misfit->keyword;
      p.expected = std::move(misfit->expected);
      p.actual = std::move(misfit->actual);
      if (misfit->schema.line > 0) p.schema = std::move(misfit->schema);
    });
  }

  bool fixed(const Node* node, const Field& field, const ScalarRule& rule) {
    if (!field.fixed || (node->kind != Kind::blob && rule.same(*field.fixed, written(node)))) return true;
    return wrong(node, field.place, Code::value_not_allowed, "fixed",
                 [&](Problem& p) { p.expected = fmt::format("the value \"{}\"", *field.fixed); });
  }

  bool attribute(const Node* node, const Field& field) {
    if (!node->scalar()) return wrong(node, field.place, Code::wrong_kind, "type", "text");
    if (field.type == kNoType) return true;
    const ScalarRule& rule = program_.rules[field.type].text;
    return scalar(node, rule, field.place) && fixed(node, field, rule);
  }

  // Attributes of an element; sets `nil`.
  bool attributes(const Node* node, const Field& declared, const Rule& rule, bool& nil) {
    bool good = true;
    std::bitset<limits::kXmlAttributes> seen;
    for (const Node* child = node->first; child != nullptr; child = child->next) {
      if (!is_attribute(child)) continue;
      if (!step(child, 1 + rule.attributes.size() / 8)) return false;
      if (child->ns == kXsi) {
        good &= instance_attribute(child, declared, rule, nil);
        continue;
      }
      const auto same = std::find_if(rule.attributes.begin(), rule.attributes.end(), [&](const Field* field) {
        return field->name == child->name && field->ns == child->ns;
      });
      if (same == rule.attributes.end()) {
        good &= undeclared_attribute(child, rule);
        continue;
      }
      const auto index = static_cast<size_t>(same - rule.attributes.begin());
      if (index < seen.size()) seen.set(index);
      good &= attribute(child, **same);
    }
    for (size_t i = 0; i < rule.required; ++i)
      if (i >= seen.size() || !seen.test(i)) {
        const Field& field = *rule.attributes[i];
        good = missing(node, field.name, field.place, "required", "this attribute");
      }
    return good;
  }

  bool missing(const Node* node, const std::string& name, const Place& place, const char* keyword,
               const std::string& expected) {
    return wrong(node, place, Code::missing_field, keyword, [&](Problem& p) {
      p.path += "." + name;
      p.expected = expected;
      p.actual = "nothing";
    });
  }

  // What xsi:type may say of an element: no more than its declaration.
  bool instance_attribute(const Node* node, const Field& declared, const Rule& rule, bool& nil) {
    const std::string_view name = node->name.substr(1);
    if (name == "schemaLocation" || name == "noNamespaceSchemaLocation") return true;
    std::string_view value = written(node);
    if (name == "nil") {
      if (rule.type == nullptr) return true;
      if (!declared.nillable)
        return wrong(node, declared.place, Code::unknown_field, "nillable", "an element that is not nil");
      while (!value.empty() && all_blank(value.substr(0, 1))) value.remove_prefix(1);
      while (!value.empty() && all_blank(value.substr(value.size() - 1))) value.remove_suffix(1);
      nil = value == "true" || value == "1";
      if (nil || value == "false" || value == "0") return true;
      return wrong(node, declared.place, Code::bad_pattern, "nillable", "true, false, 1 or 0");
    }
    if (name != "type")
      return wrong(node, declared.place, Code::unknown_field, "attribute", "only the attributes declared");
    value.remove_prefix(value.find(':') == value.npos ? 0 : value.find(':') + 1);
    std::string_view type = rule.type == nullptr ? std::string_view() : rule.type->name;
    if (type.substr(0, 3) == "xs:") type.remove_prefix(3);
    if (!type.empty() && value == type) return true;
    return wrong(node, declared.place, Code::schema_violation, "xsi:type", [&](Problem& p) {
      p.expected = type.empty() ? "no xsi:type: the declared type has no name"
                                : fmt::format("the declared type {}, or no xsi:type", type);
      p.actual = "another type";
    });
  }

  bool undeclared_attribute(const Node* node, const Rule& rule) {
    if (rule.content == Content::anything) return wildcard_attribute(node, Wildcard::Process::lax, rule);
    if (rule.type->any_attribute && takes(*rule.type->any_attribute, node->ns))
      return wildcard_attribute(node, rule.type->any_attribute->process, rule);
    return wrong(node, rule.type->place, Code::unknown_field, "attribute", [&](Problem& p) {
      p.expected = "only the attributes declared";
      std::vector<std::string> names;
      for (const Field* field : rule.attributes) names.push_back(field->name);
      p.hint = near(node->name, names);
    });
  }

  bool wildcard_attribute(const Node* node, Wildcard::Process process, const Rule& rule) {
    if (process == Wildcard::Process::skip) return true;
    const Field* known = Program::find(program_.attributes, node->ns, node->name);
    if (known != nullptr) return attribute(node, *known);
    if (process == Wildcard::Process::lax) return true;
    return wrong(node, rule.type->place, Code::unknown_field, "anyAttribute", "an attribute that the schema declares");
  }

  // `declared` says of which type the element is; null when nothing does: whatever is known inside it is checked.
  bool element(const Node* node, const Field* declared, size_t depth) {
    static const Field kAnything;
    return element(node, declared == nullptr ? kAnything : *declared, depth);
  }

  bool element(const Node* node, const Field& declared, size_t depth) {
    static const Rule kAnything;
    const Rule& rule = declared.type == kNoType ? kAnything : program_.rules[declared.type];
    if (!step(node, 1 + rule.required)) return false;
    if (depth > limits::kDocumentDepth)
      return wrong(node, declared.place, Code::too_deep, "depth", "a document that is not nested so deeply");
    if (node->kind == Kind::array)
      return wrong(node, declared.place, Code::wrong_kind, "type", "an element, not a list inside a list");
    bool nil = false;
    bool good = attributes(node, declared, rule, nil);
    if (nil) return empty(node, declared) && good;
    if (over_) return false;
    switch (rule.content) {
      case Content::text:
        return text(node, declared, rule) && good;
      case Content::anything:
        return anything(node, depth) && good;
      case Content::elements:
      case Content::mixed:
        return elements(node, declared, rule, depth) && good;
    }
    return false;
  }

  bool empty(const Node* node, const Field& declared) {
    if (declared.fixed)
      return wrong(node, declared.place, Code::schema_violation, "fixed", "a value: what is fixed cannot be nil");
    bool inside = node->scalar() && !nothing(node);
    for (const Node* child = node->first; child != nullptr; child = child->next)
      inside |= !is_attribute(child) && !(child->name == "#text" && nothing(child)) &&
                !(child->kind == Kind::array && child->first == nullptr);
    return !inside ||
           wrong(node, declared.place, Code::schema_violation, "nillable", "nothing inside an element that is nil");
  }

  bool text(const Node* node, const Field& declared, const Rule& rule) {
    const Node* value = node->scalar() ? node : nullptr;
    bool good = true;
    for (const Node* child = node->first; child != nullptr; child = child->next) {
      if (is_attribute(child) || (child->kind == Kind::array && child->first == nullptr && child->name != "#text"))
        continue;
      if (child->name == "#text" && child->scalar() && value == nullptr)
        value = child;
      else
        good = wrong(child, declared.place, Code::unknown_field, "type", "text without elements in it");
    }
    if (!good) return false;
    Node none;
    none.kind = Kind::text;
    none.parent = const_cast<Node*>(node);
    const bool left_out = value == nullptr || nothing(value);
    // What is left out counts as the value declared for it, which was checked with the schema.
    if (left_out && (declared.fixed || declared.fallback)) return true;
    if (value == nullptr) return scalar_at(node, &none, rule, declared);
    return scalar(value, rule.text, declared.place) && fixed(value, declared, rule.text);
  }

  // An element without any text is "" and is reported where it stands.
  bool scalar_at(const Node* node, const Node* value, const Rule& rule, const Field& declared) {
    if (rule.text.fits(value)) return true;
    const auto misfit = rule.text.misfit(value);
    return wrong(node, declared.place, misfit->code, misfit->keyword, [&](Problem& p) {
      p.expected = misfit->expected;
      p.actual = misfit->actual;
    });
  }

  bool anything(const Node* node, size_t depth) {
    bool good = true;
    each_element(node, [&](const Node* child, std::string_view name) {
      good &= element(child, Program::find(program_.elements, child->ns, name), depth + 1);
      return !over_;
    });
    return good;
  }

  bool elements(const Node* node, const Field& declared, const Rule& rule, size_t depth) {
    bool good = stray_text(node, declared, rule);
    ContentWalk walk(rule.elements);
    bool in_order = true;
    uint64_t paid = 0;
    size_t taken = 0;
    each_element(node, [&](const Node* child, std::string_view name) {
      const ContentModel::Leaf* leaf = in_order ? walk.take(child->ns, name) : nullptr;
      const uint32_t field = leaf != nullptr ? leaf->field : rule.elements.declared(child->ns, name);
      if (!step(child, walk.steps() - paid)) return false;
      paid = walk.steps();
      if (leaf != nullptr && leaf->wildcard != nullptr) {
        good &= wildcard_element(child, name, *leaf->wildcard, rule, depth);
      } else if (field == ContentModel::kNone) {
        // Once the order is lost, nobody knows any more what a wildcard would have taken.
        if (in_order || !rule.type->open) good = unknown_element(child, name, rule, walk);
        in_order &= !rule.type->open;
      } else {
        if (leaf == nullptr && in_order) {
          good = misplaced(node, child, name, rule, walk);
          in_order = false;
        }
        good &= element(child, rule.type->fields[field], depth + 1);
      }
      ++taken;
      return !over_;
    });
    if (over_) return false;
    if (in_order && !walk.may_end()) good = ended_early(node, rule, walk);
    if (good && declared.fixed) good = fixed_mixed(node, declared, taken);
    return good;
  }

  bool stray_text(const Node* node, const Field& declared, const Rule& rule) {
    if (rule.content == Content::mixed) return true;
    const auto stray = [&](const Node* at) {
      return at->kind == Kind::blob || !(rule.elements.empty() ? nothing(at) : all_blank(written(at)));
    };
    if (node->scalar())
      return !stray(node) || wrong(node, declared.place, Code::wrong_kind, "mixed", "elements, no text beside them");
    for (const Node* child = node->first; child != nullptr; child = child->next)
      if (child->name == "#text" && (!child->scalar() || stray(child)))
        return wrong(child, declared.place, Code::unknown_field, "mixed", "elements, no text beside them");
    return true;
  }

  // Mixed content with a fixed value holds that text and nothing else, or nothing at all.
  bool fixed_mixed(const Node* node, const Field& declared, size_t taken) {
    const Node* text = node->scalar() ? node : node->find("#text");
    if (taken == 0 && (text == nullptr || nothing(text))) return true;
    if (taken == 0 && text->kind != Kind::blob && written(text) == *declared.fixed) return true;
    return wrong(node, declared.place, Code::value_not_allowed, "fixed",
                 [&](Problem& p) { p.expected = fmt::format("the value \"{}\"", *declared.fixed); });
  }

  bool wildcard_element(const Node* node, std::string_view name, const Wildcard& wildcard, const Rule& rule,
                        size_t depth) {
    if (wildcard.process == Wildcard::Process::skip) return true;
    const Field* known = Program::find(program_.elements, node->ns, name);
    if (known != nullptr || wildcard.process == Wildcard::Process::lax) return element(node, known, depth + 1);
    return wrong(node, rule.type->place, Code::unknown_field, "any", "an element that the schema declares");
  }

  bool unknown_element(const Node* node, std::string_view name, const Rule& rule, const ContentWalk& walk) {
    return wrong(node, rule.type->place, Code::unknown_field, "element", [&](Problem& p) {
      std::vector<std::string> names;
      for (const Field& field : rule.type->fields) {
        if (field.name[0] == '@' || field.name == "#text") continue;
        names.push_back(field.name);
        if (field.name != name) continue;
        p.expected = "this element" + in_namespace(field.ns);
        p.actual = "it" + in_namespace(node->ns);
        return;
      }
      const auto next = walk.expected(kNamesShown);
      p.expected = next.empty() ? "no more elements here" : listed(next);
      p.actual = "an element that is not declared";
      p.hint = near(name, names);
    });
  }

  // A declared element where it may not stand: too often, or before one that must come first.
  bool misplaced(const Node* parent, const Node* node, std::string_view name, const Rule& rule,
                 const ContentWalk& walk) {
    if (counted_only()) return false;
    const auto next = walk.expected(kNamesShown + 1);
    if (next.size() == 1 && next[0] != "any element" && !walk.may_end())
      return missing(parent, next[0], place_of(rule, next[0]), "element",
                     fmt::format("this element before <{}>", name));
    return wrong(node, place_of(rule, name), Code::schema_violation, "element", [&](Problem& p) {
      p.expected = next.empty() ? "no more elements here" : listed(next) + (walk.may_end() ? ", or no more" : "");
      p.actual = fmt::format("<{}>", name);
    });
  }

  bool ended_early(const Node* node, const Rule& rule, const ContentWalk& walk) {
    if (counted_only()) return false;
    const auto next = walk.expected(kNamesShown + 1);
    if (next.size() == 1 && next[0] != "any element")
      return missing(node, next[0], place_of(rule, next[0]), "element", "this element");
    return wrong(node, rule.type->place, Code::missing_field, "element", [&](Problem& p) {
      p.expected = (next.size() == 1 ? "" : "at the end ") + listed(next);
      p.actual = "nothing";
    });
  }

  static Place place_of(const Rule& rule, std::string_view name) {
    for (const Field& field : rule.type->fields)
      if (field.name == name) return field.place;
    return rule.type->place;
  }

  const Program& program_;
  Problems& problems_;
  uint64_t steps_ = 0;
  bool over_ = false;
};

}  // namespace

bool check(const CompiledXsd& schema, const Node* root, Problems& problems, std::string_view root_name,
           uint64_t* steps) {
  XsdWalk walk(schema.program(), problems);
  const bool good = walk.run(root, root_name);
  if (steps != nullptr) *steps = walk.steps();
  return good;
}

}  // namespace lt::schema
