#include "core/mapping/target_shape.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/mapping/path.h"

namespace lt::mapping {
namespace {

using schema::Field;
using schema::kNoType;
using schema::TypeId;

bool is_attribute(std::string_view name) { return name.substr(0, 1) == "@"; }

}  // namespace

std::vector<std::string> group_names(std::string_view pattern) {
  std::vector<std::string> out;
  for (size_t at = 0; (at = pattern.find("(?", at)) != std::string_view::npos; at += 2) {
    size_t name = at + 2;
    if (pattern.substr(name, 1) == "P") ++name;
    if (pattern.substr(name, 1) != "<" || (at > 0 && pattern[at - 1] == '\\')) continue;
    const size_t end = pattern.find('>', name);
    if (end != std::string_view::npos) out.emplace_back(pattern.substr(name + 1, end - name - 1));
  }
  return out;
}

std::unique_ptr<TargetNode> TargetShape::build(const RuleFile& file) {
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
  root->type = top->type;
  root->required = true;
  root->place = file.place;
  if (top->type != kNoType && !model_.type(top->type).may_be(schema::kObject)) {
    out_.error(Code::needs_rules, file.target.schema.place, fmt::format("the root of {} is no object", model_.file));
    return nullptr;
  }
  place_rules(file.rules, *root);
  sort(*root);
  return root;
}

bool TargetShape::object_like(TypeId id) const {
  return id != kNoType && model_.type(id).may_be(schema::kObject) && model_.type(id).kinds != schema::kAnyKind;
}

TargetNode* TargetShape::grow(TargetNode& parent, const std::string& name, const Place& place) {
  auto node = std::make_unique<TargetNode>();
  node->name = name;
  node->path = parent.path + "." + name;
  node->place = place;
  node->order = SIZE_MAX;
  if (parent.type != kNoType) {
    const auto fields = model_.fields(parent.type);
    const auto at = std::find_if(fields.begin(), fields.end(), [&](const Field* field) { return field->name == name; });
    if (at != fields.end()) {
      node->field = *at;
      node->order =
          static_cast<size_t>(at - fields.begin()) + (is_attribute(name) || name == "#text" ? 0 : fields.size());
    } else if (!model_.open(parent.type)) {
      std::vector<std::string> names;
      for (const Field* field : fields) names.push_back(field->name);
      out_.error(Code::unknown_target_path, place,
                 fmt::format("{} has no field \"{}\" in {}", model_.file, name, parent.path),
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
  if (node->type != kNoType) {
    const schema::Type& type = model_.type(node->type);
    node->null |= model_.format == schema::Format::json && type.may_be(schema::kNull) && type.kinds != schema::kAnyKind;
    if (type.may_be(schema::kArray) && !type.may_be(schema::kObject)) {
      node->array = node->repeated = true;
      node->type = model_.items(node->type);
    }
  }
  parent.children.push_back(std::move(node));
  return parent.children.back().get();
}

void TargetShape::place_leaf(const Rule& rule, TargetNode& parent, std::vector<std::string> steps, std::string part,
                             const Place& place) {
  TargetNode* at = &parent;
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool last = i + 1 == steps.size();
    const auto same = [&](const auto& node) { return node->name == steps[i]; };
    const auto there = std::find_if(at->children.begin(), at->children.end(), same);
    if (there != at->children.end()) {
      at = there->get();
      const bool text_beside = last && !rule.group && at->type != kNoType && !at->rule &&
                               model_.field(at->type, "#text") && steps.back() != "#text";
      if (text_beside) {
        steps.push_back("#text");
        continue;
      }
      if (!last && !at->rule) continue;
      out_.error(Code::duplicate_target, place,
                 fmt::format("{} is written twice; first at line {}", at->path, at->place.line),
                 "keep one rule, or put the fields of an object into one group");
      return;
    }
    at = grow(*at, steps[i], place);
    if (!at) return;
    if (last && !rule.group && object_like(at->type) && model_.field(at->type, "#text")) steps.push_back("#text");
  }
  at->rule = &rule;
  at->part = std::move(part);
  const bool scalar_only = at->type != kNoType && !model_.type(at->type).may_be(schema::kObject);
  if (rule.group && scalar_only) {
    out_.error(Code::needs_rules, place,
               fmt::format("{} is no object in {}: a group cannot write it", at->path, model_.file));
    return;
  }
  const uint8_t scalars = schema::kBoolean | schema::kInteger | schema::kNumber | schema::kString;
  if (!rule.group && object_like(at->type) && (model_.type(at->type).kinds & scalars) == 0) {
    out_.error(Code::needs_rules, place, fmt::format("{} is an object in {}: it needs rules", at->path, model_.file),
               "write {from: ..., rules: [...]}");
    return;
  }
  const bool undescribed = at->type == kNoType || model_.type(at->type).kinds == schema::kAnyKind;
  if (rule.origin == Origin::each && !at->repeated && undescribed && model_.format == schema::Format::json) {
    at->array = at->repeated = true;
    at->type = kNoType;
  }
  if (rule.origin == Origin::each && at->field && !at->repeated) {
    out_.error(Code::repeated_path, place,
               fmt::format("{} is not repeated in {}: each cannot write it", at->path, model_.file));
    return;
  }
  if (rule.group) place_rules(rule.rules, *at);
}

void TargetShape::place_rules(const std::vector<Rule>& rules, TargetNode& parent) {
  for (const Rule& rule : rules) {
    auto steps = parse_target_path(rule.target.text);
    if (!steps) {
      out_.error(Code::unknown_target_path, rule.target.place, steps.error().detail);
      continue;
    }
    if (rule.origin != Origin::parts) {
      if (steps->empty())
        out_.error(Code::unknown_target_path, rule.target.place, "\".\" is a target of parts only");
      else
        place_leaf(rule, parent, std::move(*steps), {}, rule.target.place);
      continue;
    }
    const auto names = rule.pattern ? group_names(rule.pattern->text) : std::vector<std::string>();
    if (names.empty() && rule.pattern)
      out_.error(Code::pattern_error, rule.pattern->place, "parts needs named groups: (?<Name>...)");
    for (const auto& [group, path] : rule.fields)
      if (std::find(names.begin(), names.end(), group.text) == names.end())
        out_.error(Code::pattern_error, group.place, fmt::format("the pattern has no group \"{}\"", group.text),
                   config::suggestion(group.text, names));
    for (const std::string& name : names) {
      auto whole = *steps;
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
}

void TargetShape::sort(TargetNode& node) {
  std::stable_sort(node.children.begin(), node.children.end(),
                   [](const auto& a, const auto& b) { return a->order < b->order; });
  for (auto& child_node : node.children) sort(*child_node);
}

void TargetShape::check_required(const TargetNode& node, const std::set<std::string>& ignored) {
  const bool object = !node.rule || node.rule->group;
  if (object && node.type != kNoType && !(node.rule && node.rule->keep_rest)) {
    for (const Field* field : model_.fields(node.type)) {
      const std::string path = node.path + "." + field->name;
      const auto same = [&](const auto& at) { return at->name == field->name; };
      if (!field->required || ignored.count(path) || std::any_of(node.children.begin(), node.children.end(), same))
        continue;
      out_.error(
          Code::required_unfed, node.place,
          fmt::format("{} is required ({}:{}) and no rule writes it", path, field->place.file, field->place.line),
          "write a rule for it, or list it under ignore: target:");
    }
  }
  for (const auto& below : node.children) check_required(*below, ignored);
}

}  // namespace lt::mapping
