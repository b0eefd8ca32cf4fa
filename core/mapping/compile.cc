#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/mapping/compiler.h"
#include "core/mapping/lower.h"
#include "core/mapping/stylesheet.h"

namespace lt::mapping {

using config::Diagnostics;
using schema::kNoType;
using schema::TypeId;

std::unique_ptr<Program> Compiler::run() {
  const size_t before = out_.errors();
  head();
  if (file_.stylesheet) return stylesheet(before);
  rules_ = lower(file_.rules, out_);
  TargetShape shape(*parts_.target, parts_.embedded, out_);
  const auto root = shape.build(file_, rules_);
  read_types();
  if (!root) return nullptr;
  program_->root = slot_of(*root, nullptr);
  emit_children(*root, source_.root(), true);
  if (file_.keep_rest) {
    Resolved whole;
    whole.scope = source_.root();
    keep_rest(*root, file_.place, whole, path_code({}));
  }
  std::set<std::string> unfed;
  for (const Text& path : file_.ignore_target) unfed.insert("$." + without_brackets(strip_root(path.text)));
  if (!file_.partial) shape.check_required(*root, unfed);
  check_unused();
  for (const Slot& slot : program_->slots) program_->nil |= file_.target.xml && slot.null;
  return out_.errors() == before ? std::move(program_) : nullptr;
}

std::unique_ptr<Program> Compiler::stylesheet(size_t errors_before) {
  const schema::Field* top = parts_.target->root(file_.target.root.text);
  if (top) {
    program_->root.name = top->name;
    program_->root.ns = top->ns;
  } else {
    out_.error(Code::unknown_target_path, file_.target.schema.place,
               fmt::format("{} has no root element \"{}\"", parts_.target->file, file_.target.root.text));
  }
  program_->stylesheet = compile_stylesheet(file_, parts_, out_);
  program_->place = file_.stylesheet->place;
  return program_->stylesheet && out_.errors() == errors_before ? std::move(program_) : nullptr;
}

std::string_view Compiler::strip_root(std::string_view path) { return path.substr(path.substr(0, 2) == "$." ? 2 : 0); }

void Compiler::head() {
  Program& to = *program_;
  to.name = file_.name.text;
  to.version = file_.version;
  to.title = file_.title.text;
  to.label = fmt::format("{}@{}", to.name, to.version);
  to.file = file_.file;
  to.source_xml = file_.source.xml;
  to.target_xml = file_.target.xml;
  to.source_schema = file_.source.schema.text;
  to.target_schema = file_.target.schema.text;
  to.namespaces = file_.target.ns;
  const auto check = [&](const Side& side, const schema::Model& model) {
    if (side.xml != (model.format == schema::Format::xml))
      out_.error(Code::wrong_type, side.schema.place,
                 fmt::format("{} is a schema for {}", model.file, side.xml ? "JSON" : "XML"));
  };
  check(file_.source, *parts_.source);
  check(file_.target, *parts_.target);
  const schema::Field* top = parts_.source->root(file_.source.root.text);
  if (top)
    to.source_root = file_.source.xml ? top->name : "";
  else
    out_.error(Code::unknown_source_path, file_.source.schema.place,
               fmt::format("{} has no root element \"{}\"", parts_.source->file, file_.source.root.text),
               "name one with root:");
}

void Compiler::read_types() {
  for (const TypeUse& use : file_.types) {
    DateType type;
    type.name = use.name.text;
    const auto pattern = [&](const Text& text, DatePattern& into) {
      if (auto read = DatePattern::parse(text.text))
        into = std::move(*read);
      else
        out_.error(Code::pattern_error, text.place, read.error().detail);
    };
    pattern(use.pattern, type.from);
    pattern(use.to, type.to);
    type.zone = 7 * 60;
    if (use.zone) {
      if (auto zone = parse_zone(use.zone->text))
        type.zone = *zone;
      else
        out_.error(Code::pattern_error, use.zone->place, zone.error().detail);
    }
    program_->dates.push_back(type);
    std::swap(type.from, type.to);
    program_->dates.push_back(std::move(type));  // the odd ones are for the way back
  }
}

Slot Compiler::slot_of(const TargetNode& node, const Rule* rule) const {
  Slot slot;
  slot.name = node.name;
  slot.ns = node.ns;
  slot.required = node.required && !node.shared && !file_.partial;
  slot.null = node.null;
  slot.array = node.array;
  slot.shared = node.shared;
  slot.see_through = node.see_through;
  if (rule) {
    slot.when_absent = rule->when_absent;
    slot.required |= rule->when_absent == WhenAbsent::hold;
    slot.any_blob = rule->origin == Origin::blob || file_.source.xml == file_.target.xml;
    slot.lax_number = file_.source.xml || rule->as != As::unsaid || rule->backwards;
    slot.weak = rule->weak && node.shared;
    slot.constant = rule->origin == Origin::constant || rule->origin == Origin::index;
  }
  const bool xml = node.model ? node.model->format == schema::Format::xml : file_.target.xml;
  if (xml) return slot;
  slot.form = Form::as_is;
  const schema::Type* type = node.described();
  if (!type) return slot;
  const uint8_t scalars = type->kinds & (schema::kBoolean | schema::kInteger | schema::kNumber | schema::kString);
  if (scalars == schema::kString)
    slot.form = Form::text;
  else if (scalars == schema::kBoolean)
    slot.form = Form::boolean;
  else if (scalars && !(scalars & (schema::kBoolean | schema::kString)))
    slot.form = Form::number;
  return slot;
}

void Compiler::emit_children(const TargetNode& parent, const SourceScope& scope, bool required) {
  emit_checks(parent, scope);
  for (size_t i = 0; i < parent.children.size(); ++i) {
    const TargetNode& node = *parent.children[i];
    emit_node(node, scope, required && node.required);
    const bool last = i + 1 == parent.children.size() || parent.children[i + 1]->name != node.name;
    if (!node.shared || !last || !node.required || file_.partial) continue;
    Slot slot = slot_of(node, nullptr);
    const uint32_t index = push(program_->slots, std::move(slot));
    emit(Verb::require, index);
  }
  for (const Rule* rule : parent.rests) {
    SourcePath path;
    const Resolved from = resolve(rule->source, scope, true, path);
    if (from.good) keep_rest(parent, rule->source.place, from, path_code(path));
  }
}

void Compiler::emit_checks(const TargetNode& parent, const SourceScope& scope) {
  for (const Rule* rule : parent.checks) {
    RuleRef ref{rule->target.place, rule->source.text, parent.path.substr(std::min<size_t>(2, parent.path.size()))};
    rule_ = push(program_->rules, std::move(ref));
    const auto guards = emit_when(*rule, scope);
    SourcePath path;
    const Resolved found = resolve(rule->source, scope, true, path);
    if (rule->origin == Origin::expect) {
      emit(Verb::load, path_code(path));
      emit(Verb::expect, constant(*rule->fallback, Form::text));
    } else {
      NameSet set;
      for (const auto& [name, same] : rule->fields) set.names.push_back(name.text);
      std::sort(set.names.begin(), set.names.end());
      set.field = rule->by.text;
      const uint32_t names = push(program_->name_sets, std::move(set));
      emit(Verb::cases, names, path_code(path));
    }
    close(guards);
  }
}

void Compiler::emit_node(const TargetNode& node, const SourceScope& scope, bool required) {
  if (!node.rule) {
    rule_ref(node, nullptr);
    const uint32_t at = here();
    const uint32_t slot = push(program_->slots, slot_of(node, nullptr));
    emit(Verb::object, slot);
    emit_children(node, scope, required);
    program_->ops[at].end = here();
    return;
  }
  const Rule& rule = *node.rule;
  rule_ref(node, &rule);
  if (rule.origin == Origin::each) return emit_each(node, rule, scope, required);
  if (rule.origin == Origin::item) return emit_item(node, rule, scope);
  if (!rule.group) return emit_value(node, rule, scope, required, false);
  emit_group(node, rule, scope, required);
}

void Compiler::emit_group(const TargetNode& node, const Rule& rule, const SourceScope& scope, bool required) {
  const auto guards = emit_when(rule, scope);
  if (required && !rule.when.empty() && rule.origin != Origin::from && !node.shared) may_be_missing(node, rule);
  if (!node.embedded) {
    const uint32_t slot = push(program_->slots, slot_of(node, &rule));
    emit_body(node, rule, scope, required, slot);
    return close(guards);
  }
  EmbedCode code;
  code.xml = rule.embedded_target == Embedded::xml;
  if (!node.embedded->ns.empty()) code.namespaces.emplace_back("", node.embedded->ns);
  const uint32_t embed = push(program_->embeds, std::move(code));
  const uint32_t at = here(), text_slot = push(program_->slots, slot_of(node, &rule));
  emit(Verb::enclose, text_slot, embed);
  Slot root = slot_of(*node.embedded, nullptr);
  root.required = false;
  const uint32_t root_slot = push(program_->slots, std::move(root));
  emit_body(*node.embedded, rule, scope, required, root_slot);
  program_->ops[at].end = here();
  close(guards);
}

void Compiler::emit_body(const TargetNode& node, const Rule& rule, const SourceScope& scope, bool required,
                         uint32_t slot) {
  SourceScope inner = scope;
  const uint32_t own = rule_, at = here();
  if (rule.origin != Origin::from) {
    emit(Verb::object, slot);
  } else {
    SourcePath path;
    const Resolved found = resolve(rule.source, scope, false, path);
    if (found.good) inner = found.scope;
    if (found.good && required && !node.shared && (found.optional || !rule.when.empty())) may_be_missing(node, rule);
    const uint32_t code = path_code(path);
    if (rule.embedded_source == Embedded::none) {
      emit(Verb::scope, slot, code);
    } else {
      EmbedCode inside;
      inside.xml = rule.embedded_source == Embedded::xml;
      inside.path = code;
      auto& point = inner.points.back();
      const auto known = parts_.embedded.find(rule.embedded_schema.text);
      const bool described = !rule.embedded_schema.text.empty() && known != parts_.embedded.end() && known->second;
      const schema::Field* top = described ? known->second->root(rule.embedded_root.text) : nullptr;
      point.model = top ? known->second.get() : nullptr;
      point.type = top ? top->type : kNoType;
      inside.root = inside.xml && top ? top->name : rule.embedded_root.text;
      const uint32_t embed = push(program_->embeds, std::move(inside));
      emit(Verb::open, slot, embed);
    }
    if (!found.good) return;
  }
  emit_children(node, inner, true);
  rule_ = own;
  if (rule.keep_rest) {
    Resolved from;
    from.scope = inner;
    keep_rest(node, rule.target.place, from, path_code({}));
  }
  program_->ops[at].end = here();
}

int Compiler::match_on(const Rule& rule, const SourceScope& scope, SourceScope& item) {
  if (!rule.match_on) return -1;
  MatchCode code;
  SourcePath array, equals;
  const Resolved found = resolve(rule.match_on->array, scope, true, array);
  const Resolved value = resolve(rule.match_on->equals, item, false, equals);
  if (found.good && !found.repeated && found.type() != kNoType)
    out_.error(Code::repeated_path, rule.match_on->array.place, fmt::format("{} is not repeated", found.path));
  if (found.good && value.good) {
    SourcePath key;
    Text one = rule.match_on->key;
    resolve(one, found.scope, false, key);
    if (key.steps.size() != 1)
      out_.error(Code::unknown_source_path, one.place, "key names one field of the items");
    else
      code.key = key.steps[0].name;
    item.matched = std::make_shared<const SourceScope>(found.scope);
  }
  code.array = path_code(array);
  code.equals = path_code(equals);
  return static_cast<int>(push(program_->matches, std::move(code)));
}

void Compiler::emit_each(const TargetNode& node, const Rule& rule, const SourceScope& scope, bool required) {
  const auto guards = rule.group ? emit_when(rule, scope) : std::vector<uint32_t>();
  SourcePath path;
  Resolved found = resolve(rule.source, scope, true, path);
  if (found.good && !found.repeated && found.described() && found.described()->kinds != schema::kAnyKind) {
    out_.error(Code::repeated_path, rule.source.place,
               fmt::format("{} is not repeated in {}", found.path, found.model()->file));
    return;
  }
  const bool empty_list = file_.source.xml && node.array;
  if (found.good && required && !empty_list && !node.shared && (found.optional || !rule.when.empty()))
    may_be_missing(node, rule);
  const uint32_t own = rule_;
  const uint32_t at = here();
  Slot array = slot_of(node, &rule);
  if (found.good) {
    check_count(node, rule, found, array);
    array.match = match_on(rule, scope, found.scope);
  }
  const uint32_t slot = push(program_->slots, std::move(array));
  emit(Verb::each, slot, path_code(path));
  if (!found.good) return;
  std::vector<uint32_t> filter;
  if (rule.where) {
    emit(Verb::when, expression(*rule.where, found.scope, true));
    filter.push_back(here() - 1);
  }
  if (rule.group) {
    emit_item_object(node, rule, found.scope);
    rule_ = own;
  } else {
    TargetNode item;
    item.name = node.array ? "" : node.name;
    item.ns = node.ns;
    item.model = node.model;
    item.type = node.type;
    item.path = node.path;
    item.required = true;
    emit_value(item, rule, found.scope, false, true);
  }
  close(filter);
  program_->ops[at].end = here();
  close(guards);
}

void Compiler::emit_item(const TargetNode& node, const Rule& rule, const SourceScope& scope) {
  const auto guards = emit_when(rule, scope);
  const uint32_t at = here();
  const uint32_t slot = push(program_->slots, slot_of(node, &rule));
  emit(Verb::item, slot);
  emit_item_object(node, rule, scope);
  program_->ops[at].end = here();
  close(guards);
}

void Compiler::emit_item_object(const TargetNode& node, const Rule& rule, const SourceScope& scope) {
  TargetNode shape;
  shape.name = node.array ? "" : node.name;
  shape.ns = node.ns;
  shape.model = node.model;
  shape.type = node.type;
  shape.path = node.path;
  shape.required = true;
  const uint32_t at = here(), own = rule_;
  Slot item = slot_of(shape, nullptr);
  item.only_real = rule.only_real;
  item.item = true;
  const uint32_t slot = push(program_->slots, std::move(item));
  SourceScope inner = scope;
  if (rule.origin == Origin::item && !rule.source.text.empty()) {
    SourcePath path;
    const Resolved found = resolve(rule.source, scope, false, path);
    if (found.good) inner = found.scope;
    emit(Verb::scope, slot, path_code(path));
  } else {
    emit(Verb::object, slot);
  }
  emit_children(node, inner, true);
  rule_ = own;
  if (rule.keep_rest) {
    Resolved from;
    from.scope = inner;
    keep_rest(node, rule.target.place, from, path_code({}));
  }
  program_->ops[at].end = here();
}

void Compiler::keep_rest(const TargetNode& node, const Place& place, const Resolved& from, uint32_t path) {
  if (file_.source.xml != file_.target.xml || (node.type != kNoType && !node.model->open(node.type))) {
    out_.error(Code::wrong_type, place,
               fmt::format("rest: keep needs one format on both sides and a target that is open at {}", node.path));
    return;
  }
  NameSet known;
  if (from.type() != kNoType)
    for (const schema::Field* field : from.model()->fields(from.type())) known.names.push_back(field->name);
  for (const auto& child : node.children) known.names.push_back(child->name);
  std::sort(known.names.begin(), known.names.end());
  const uint32_t names = push(program_->name_sets, std::move(known));
  emit(Verb::rest, names, path);
}

void Compiler::rule_ref(const TargetNode& node, const Rule* rule) {
  RuleRef ref{node.place, rule ? rule->source.text : std::string(),
              node.path.substr(std::min<size_t>(2, node.path.size()))};
  rule_ = push(program_->rules, std::move(ref));
}

void Compiler::may_be_missing(const TargetNode& node, const Rule& rule) {
  if (rule.when_absent == WhenAbsent::hold || file_.partial) return;
  const std::string why =
      !rule.when.empty() ? fmt::format("its `when` can be false") : fmt::format("{} is optional", rule.source.text);
  const Place by = node.field ? node.field->place : Place{};
  out_.error(Code::may_be_missing, node.place,
             fmt::format("{} can be missing ({}) but {}:{} requires it", node.path, why,
                         by.file.empty() ? parts_.target->file : by.file, by.line),
             "add default:, when_absent: (hold keeps the message for a person), or make the source field required");
}

void Compiler::check_unused() {
  if (file_.partial) return;
  std::set<std::string> ignored;
  for (const Text& path : file_.ignore_source) {
    const std::string whole = "$." + without_brackets(strip_root(path.text));
    if (!source_.known(whole)) {
      const auto nearest = parts_.source->nearest(path.text, file_.source.root.text);
      out_.error(Code::unknown_source_path, path.place, fmt::format("{} has no {}", parts_.source->file, whole),
                 nearest ? fmt::format("did you mean \"{}\"?", *nearest) : std::string());
    }
    ignored.insert(whole);
  }
  for (const std::string& path : source_.unused(ignored))
    out_.warning(Code::unused_source, file_.source.schema.place,
                 fmt::format("no rule uses {} of {}", path, parts_.source->file),
                 "map it, or list it under ignore: source:");
}

Mapping::Mapping(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
Mapping::~Mapping() = default;
const std::string& Mapping::name() const { return program_->name; }
int Mapping::version() const { return program_->version; }
const std::string& Mapping::title() const { return program_->title; }
const std::string& Mapping::label() const { return program_->label; }
const std::string& Mapping::file() const { return program_->file; }
bool Mapping::source_is_xml() const { return program_->source_xml; }
bool Mapping::target_is_xml() const { return program_->target_xml; }
FileTraffic Mapping::files() const {
  FileTraffic out;
  for (const BlobCode& blob : program_->blobs) {
    out.takes_parts |= blob.from == BlobForm::part;
    out.gives_parts |= blob.to == BlobForm::part;
    out.fetches |= blob.from == BlobForm::url;
    out.gives_addresses |= blob.to == BlobForm::url;
  }
  return out;
}
const std::string& Mapping::source_schema() const { return program_->source_schema; }
const std::string& Mapping::target_schema() const { return program_->target_schema; }
const std::vector<std::pair<std::string, std::string>>& Mapping::namespaces() const { return program_->namespaces; }

std::shared_ptr<const Mapping> compile(const RuleFile& file, const CompileParts& parts, Diagnostics& diagnostics) {
  auto program = Compiler(file, parts, diagnostics).run();
  if (!program) return nullptr;
  return std::make_shared<const Mapping>(std::move(program));
}

}  // namespace lt::mapping
