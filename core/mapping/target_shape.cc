#include "core/mapping/target_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/mapping/path.h"
#include "core/mapping/pattern_groups.h"

namespace lt::mapping {
namespace {

using schema::Field;
using schema::kNoType;
using schema::TypeId;

bool writes(const TargetNode& node, const std::string& name) {
  return std::any_of(node.children.begin(), node.children.end(),
                     [&](const auto& at) { return at->see_through ? writes(*at, name) : at->name == name; });
}

// What a see-through group writes may be written beside it too: then both must agree.
void share_names(TargetNode& through, TargetNode& around) {
  for (auto& inner : through.children)
    for (auto& outer : around.children)
      if (outer.get() != &through && outer->name == inner->name && !outer->see_through)
        inner->shared = outer->shared = true;
}

bool is_attribute(std::string_view name) { return name.substr(0, 1) == "@"; }

}  // namespace

std::unique_ptr<TargetNode> TargetShape::build(const RuleFile& file, const std::vector<Rule>& lowered) {
  const Field* top = model_.root(file.target.root.text);
  if (!top) {
    std::vector<std::string> names;
    for (const Field& field : model_.roots) names.push_back(field.name);
    const Text& said = file.target.root.text.empty() ? file.target.schema : file.target.root;
    out_.error(Code::unknown_target_path, said.place,
               fmt::format("{} has no root element \"{}\"", model_.file, file.target.root.text),
               config::suggestion(file.target.root.text, names));
    return nullptr;
  }
  auto root = std::make_unique<TargetNode>();
  root->name = top->name;
  root->ns = top->ns;
  root->path.assign(1, '$');
  root->model = &model_;
  root->type = top->type;
  root->required = true;
  root->place = file.place;
  if (top->type != kNoType && !model_.type(top->type).may_be(schema::kObject)) {
    out_.error(Code::needs_rules, file.target.schema.place, fmt::format("the root of {} is no object", model_.file));
    return nullptr;
  }
  place_rules(lowered, *root);
  sort(*root);
  return root;
}

bool TargetShape::object_like(const TargetNode& node) {
  const schema::Type* type = node.described();
  return type && type->may_be(schema::kObject) && type->kinds != schema::kAnyKind;
}

TargetNode* TargetShape::grow(TargetNode& parent, const std::string& name, const Place& place) {
  auto node = std::make_unique<TargetNode>();
  node->name = name;
  node->path = parent.path + "." + name;
  node->place = place;
  node->order = SIZE_MAX;
  node->model = parent.model;
  if (parent.type != kNoType) {
    const auto fields = parent.model->fields(parent.type);
    const auto at = std::find_if(fields.begin(), fields.end(), [&](const Field* field) { return field->name == name; });
    if (at != fields.end()) {
      node->field = *at;
      node->order =
          static_cast<size_t>(at - fields.begin()) + (is_attribute(name) || name == "#text" ? 0 : fields.size());
    } else if (!parent.model->open(parent.type)) {
      std::vector<std::string> names;
      for (const Field* field : fields) names.push_back(field->name);
      out_.error(Code::unknown_target_path, place,
                 fmt::format("{} has no field \"{}\" in {}", parent.model->file, name, parent.path),
                 config::suggestion(name, names));
      return nullptr;
    }
  }
  if (!is_attribute(name)) node->ns = parent.ns;
  if (node->field) {
    node->ns = node->field->ns;
    node->type = node->field->type;
    node->required = node->field->required;
    node->null = node->field->nillable;
    node->repeated = node->field->max_occurs > 1;
  }
  if (const schema::Type* type = node->described()) {
    node->null |=
        node->model->format == schema::Format::json && type->may_be(schema::kNull) && type->kinds != schema::kAnyKind;
    if (type->may_be(schema::kArray) && !type->may_be(schema::kObject)) {
      node->array = node->repeated = true;
      node->type = node->model->items(node->type);
    }
  }
  parent.children.push_back(std::move(node));
  return parent.children.back().get();
}

bool TargetShape::may_share(const Rule& one, const Rule& other) {
  const auto list = [](const Rule& rule) { return rule.origin == Origin::each || rule.origin == Origin::item; };
  if (list(one) || list(other)) return list(one) && list(other);
  return (one.shared && other.shared) || (!one.when.empty() && !other.when.empty());
}

void TargetShape::place_leaf(const Rule& rule, TargetNode& parent, std::vector<std::string> steps, std::string part,
                             const Place& place) {
  TargetNode* at = &parent;
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool last = i + 1 == steps.size();
    const auto same = [&](const auto& node) { return node->name == steps[i]; };
    const auto there = std::find_if(at->children.begin(), at->children.end(), same);
    bool shared = false;
    if (there != at->children.end()) {
      TargetNode* known = there->get();
      const bool text_beside = last && !rule.group && known->type != kNoType && !known->rule &&
                               known->model->field(known->type, "#text") && steps.back() != "#text";
      if (text_beside) {
        at = known;
        steps.push_back("#text");
        continue;
      }
      if (!last && !known->rule) {
        at = known;
        continue;
      }
      shared = last && known->rule && may_share(*known->rule, rule);
      if (!shared) {
        out_.error(Code::duplicate_target, place,
                   fmt::format("{} is written twice; first at line {}", known->path, known->place.line),
                   "keep one rule, or put the fields of an object into one group");
        return;
      }
      known->shared = true;
    }
    at = grow(*at, steps[i], place);
    if (!at) return;
    at->shared = shared;
    if (last && !rule.group && object_like(*at) && at->model->field(at->type, "#text")) steps.push_back("#text");
  }
  at->rule = &rule;
  at->part = std::move(part);
  if (rule.embedded_target != Embedded::none) return embed(rule, *at);
  if (!misfit(rule, *at, place) && rule.group) place_rules(rule.rules, *at);
}

bool TargetShape::misfit(const Rule& rule, TargetNode& at, const Place& place) {
  const schema::Type* type = at.described();
  if (rule.group && type && !type->may_be(schema::kObject)) {
    out_.error(Code::needs_rules, place,
               fmt::format("{} is no object in {}: a group cannot write it", at.path, at.model->file));
    return true;
  }
  const uint8_t scalars = schema::kBoolean | schema::kInteger | schema::kNumber | schema::kString;
  if (!rule.group && object_like(at) && (type->kinds & scalars) == 0) {
    out_.error(Code::needs_rules, place, fmt::format("{} is an object in {}: it needs rules", at.path, at.model->file),
               "write {from: ..., rules: [...]}");
    return true;
  }
  const bool list = rule.origin == Origin::each || rule.origin == Origin::item;
  const bool undescribed = !type || type->kinds == schema::kAnyKind;
  const bool json = !at.model || at.model->format == schema::Format::json;
  if (list && !at.repeated && undescribed && json) {
    at.array = at.repeated = true;
    at.type = kNoType;
  }
  if (list && at.field && !at.repeated) {
    out_.error(Code::repeated_path, place,
               fmt::format("{} is not repeated in {}: each cannot write it", at.path, at.model->file));
    return true;
  }
  return false;
}

void TargetShape::embed(const Rule& rule, TargetNode& at) {
  const schema::Type* type = at.described();
  if (type && !type->may_be(schema::kString)) {
    out_.error(Code::needs_rules, rule.target.place,
               fmt::format("{} is no text in {}: it cannot hold a document", at.path, at.model->file));
    return;
  }
  at.embedded = std::make_unique<TargetNode>();
  TargetNode& root = *at.embedded;
  root.name = rule.embedded_root.text;
  root.path = at.path;
  root.required = true;
  root.place = rule.target.place;
  const auto known = embedded_.find(rule.embedded_schema.text);
  if (!rule.embedded_schema.text.empty() && known != embedded_.end() && known->second) {
    root.model = known->second.get();
    const Field* top = root.model->root(rule.embedded_root.text);
    if (!top) {
      out_.error(Code::unknown_target_path, rule.embedded_schema.place,
                 fmt::format("{} has no root element \"{}\"", root.model->file, rule.embedded_root.text));
      return;
    }
    root.name = top->name;
    root.ns = top->ns;
    root.type = top->type;
  } else if (rule.embedded_target == Embedded::xml && root.name.empty()) {
    out_.error(Code::missing_key, rule.target.place,
               "an embedded XML document needs its root: {target: xml, root: ...}");
  }
  place_rules(rule.rules, root);
}

TargetNode* TargetShape::object_at(TargetNode& parent, const std::vector<std::string>& steps, const Place& place) {
  TargetNode* at = &parent;
  for (const std::string& step : steps) {
    const auto there =
        std::find_if(at->children.begin(), at->children.end(), [&](const auto& node) { return node->name == step; });
    at = there != at->children.end() ? there->get() : grow(*at, step, place);
    if (!at) return nullptr;
  }
  return at;
}

void TargetShape::place_rules(const std::vector<Rule>& rules, TargetNode& parent) {
  for (const Rule& rule : rules) {
    if (rule.origin == Origin::only_back) continue;
    if (rule.origin == Origin::expect || rule.origin == Origin::cases) {
      parent.checks.push_back(&rule);
      continue;
    }
    auto steps = parse_target_path(rule.target.text);
    if (!steps) {
      out_.error(Code::unknown_target_path, rule.target.place, steps.error().detail);
      continue;
    }
    if (rule.origin == Origin::rest) {
      if (TargetNode* at = object_at(parent, *steps, rule.target.place)) at->rests.push_back(&rule);
    } else if (rule.origin == Origin::parts) {
      place_parts(rule, parent, *steps);
    } else if (steps->empty() && rule.embedded_source != Embedded::none) {
      parent.children.push_back(std::make_unique<TargetNode>());
      TargetNode& all = *parent.children.back();
      all.see_through = true;
      all.rule = &rule;
      all.path = parent.path;
      all.ns = parent.ns;
      all.model = parent.model;
      all.type = parent.type;
      all.place = rule.target.place;
      place_rules(rule.rules, all);
    } else if (steps->empty()) {
      out_.error(Code::unknown_target_path, rule.target.place,
                 "\".\" is a target of parts, one_of, spread and groups only");
    } else {
      place_leaf(rule, parent, std::move(*steps), {}, rule.target.place);
    }
  }
}

void TargetShape::place_parts(const Rule& rule, TargetNode& parent, const std::vector<std::string>& steps) {
  const auto names = rule.pattern ? group_names(rule.pattern->text) : std::vector<std::string>();
  if (names.empty() && rule.pattern)
    out_.error(Code::pattern_error, rule.pattern->place, "parts needs named groups: (?<Name>...)");
  for (const auto& [group, path] : rule.fields)
    if (std::find(names.begin(), names.end(), group.text) == names.end())
      out_.error(Code::pattern_error, group.place, fmt::format("the pattern has no group \"{}\"", group.text),
                 config::suggestion(group.text, names));
  for (const std::string& name : names) {
    auto whole = steps;
    const auto said = std::find_if(rule.fields.begin(), rule.fields.end(),
                                   [&](const auto& field) { return field.first.text == name; });
    if (said == rule.fields.end()) {
      whole.push_back(name);
    } else if (auto more = parse_target_path(said->second.text)) {
      whole.insert(whole.end(), more->begin(), more->end());
    } else {
      out_.error(Code::unknown_target_path, said->second.place, more.error().detail);
      continue;
    }
    place_leaf(rule, parent, std::move(whole), name,
               said == rule.fields.end() ? rule.target.place : said->second.place);
  }
}

void TargetShape::sort(TargetNode& node) {
  for (auto& below : node.children)
    if (below->see_through) {
      sort(*below);
      share_names(*below, node);
      below->order = below->children.empty() ? 0 : below->children.front()->order;
    }
  // Those of one name stand together, the one that decides first.
  std::map<std::string, size_t> first;
  for (size_t i = 0; i < node.children.size(); ++i) first.try_emplace(node.children[i]->name, i);
  const auto key = [&](const auto& at) {
    return std::tuple(at->order, first.at(at->name), at->rule && at->rule->weak);
  };
  std::stable_sort(node.children.begin(), node.children.end(),
                   [&](const auto& a, const auto& b) { return key(a) < key(b); });
  for (auto& child_node : node.children) sort(*child_node);
  if (node.embedded) sort(*node.embedded);
}

void TargetShape::check_required(const TargetNode& node, const std::set<std::string>& ignored) {
  const bool object = (!node.rule || node.rule->group) && !node.embedded && !node.see_through;
  if (object && node.type != kNoType && !(node.rule && node.rule->keep_rest)) {
    for (const Field* field : node.model->fields(node.type)) {
      const std::string path = node.path + "." + field->name;
      if (!field->required || ignored.count(path) || writes(node, field->name)) continue;
      out_.error(
          Code::required_unfed, node.place,
          fmt::format("{} is required ({}:{}) and no rule writes it", path, field->place.file, field->place.line),
          "write a rule for it, or list it under ignore: target:");
    }
  }
  for (const auto& below : node.children) check_required(*below, ignored);
  if (node.embedded) check_required(*node.embedded, ignored);
}

}  // namespace lt::mapping
