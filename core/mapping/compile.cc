#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/mapping/compiler.h"

namespace lt::mapping {

using config::Diagnostics;
using schema::kNoType;
using schema::TypeId;

std::unique_ptr<Program> Compiler::run() {
  const size_t before = out_.errors();
  head();
  TargetShape shape(*parts_.target, out_);
  const auto root = shape.build(file_);
  read_types();
  if (!root) return nullptr;
  program_->root = slot_of(*root, nullptr);
  emit_children(*root, source_.root(), true);
  if (file_.keep_rest) keep_rest(*root, file_.place, source_.root());
  std::set<std::string> unfed;
  for (const Text& path : file_.ignore_target) unfed.insert("$." + without_brackets(strip_root(path.text)));
  shape.check_required(*root, unfed);
  check_unused();
  for (const Slot& slot : program_->slots) program_->nil |= file_.target.xml && slot.null;
  return out_.errors() == before ? std::move(program_) : nullptr;
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
    program_->dates.push_back(std::move(type));
  }
}

Slot Compiler::slot_of(const TargetNode& node, const Rule* rule) const {
  Slot slot;
  slot.name = node.name;
  slot.ns = node.ns;
  slot.required = node.required;
  slot.null = node.null;
  slot.array = node.array;
  if (rule) {
    slot.when_absent = rule->when_absent;
    slot.required |= rule->when_absent == WhenAbsent::hold;
    slot.any_blob = rule->origin == Origin::blob || file_.source.xml == file_.target.xml;
    slot.lax_number = file_.source.xml || rule->as != As::unsaid;
  }
  if (file_.target.xml) return slot;
  slot.form = Form::as_is;
  if (node.type == kNoType) return slot;
  const uint8_t scalars =
      parts_.target->type(node.type).kinds & (schema::kBoolean | schema::kInteger | schema::kNumber | schema::kString);
  if (scalars == schema::kString)
    slot.form = Form::text;
  else if (scalars == schema::kBoolean)
    slot.form = Form::boolean;
  else if (scalars && !(scalars & (schema::kBoolean | schema::kString)))
    slot.form = Form::number;
  return slot;
}

void Compiler::emit_children(const TargetNode& parent, const SourceScope& scope, bool required) {
  for (const auto& node : parent.children) emit_node(*node, scope, required && node->required);
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
  const uint32_t own = rule_;
  if (rule.origin == Origin::each) return emit_each(node, rule, scope, required);
  if (!rule.group) return emit_value(node, rule, scope, required, false);
  std::optional<uint32_t> guard;
  if (rule.when) guard = emit_when(*rule.when, scope);
  const uint32_t slot = push(program_->slots, slot_of(node, &rule));
  SourceScope inner = scope;
  const uint32_t at = here();
  if (rule.origin == Origin::from) {
    SourcePath path;
    const Resolved found = resolve(rule.source, scope, false, path);
    if (found.good) inner = found.scope;
    if (found.good && required && (found.optional || rule.when)) may_be_missing(node, rule);
    emit(Verb::scope, slot, path_code(path));
    if (!found.good) return;
  } else {
    if (required && rule.when) may_be_missing(node, rule);
    emit(Verb::object, slot);
  }
  emit_children(node, inner, true);
  rule_ = own;
  if (rule.keep_rest) keep_rest(node, rule.target.place, inner);
  program_->ops[at].end = here();
  if (guard) program_->ops[*guard].end = here();
}

void Compiler::emit_each(const TargetNode& node, const Rule& rule, const SourceScope& scope, bool required) {
  std::optional<uint32_t> guard;
  if (rule.when && rule.group) guard = emit_when(*rule.when, scope);
  SourcePath path;
  const Resolved found = resolve(rule.source, scope, true, path);
  if (found.good && !found.repeated && found.type() != kNoType &&
      parts_.source->type(found.type()).kinds != schema::kAnyKind) {
    out_.error(Code::repeated_path, rule.source.place,
               fmt::format("{} is not repeated in {}", found.path, parts_.source->file));
    return;
  }
  const bool empty_list = file_.source.xml && node.array;
  if (found.good && required && !empty_list && (found.optional || rule.when)) may_be_missing(node, rule);
  const uint32_t own = rule_;
  const uint32_t at = here();
  const uint32_t slot = push(program_->slots, slot_of(node, &rule));
  emit(Verb::each, slot, path_code(path));
  if (!found.good) return;
  TargetNode item_shape;
  item_shape.name = node.array ? "" : node.name;
  item_shape.ns = node.ns;
  item_shape.type = node.type;
  item_shape.path = node.path;
  item_shape.required = true;
  if (rule.group) {
    const uint32_t object_at = here();
    Slot item = slot_of(item_shape, nullptr);
    const uint32_t item_slot = push(program_->slots, std::move(item));
    emit(Verb::object, item_slot);
    emit_children(node, found.scope, true);
    rule_ = own;
    if (rule.keep_rest) keep_rest(node, rule.target.place, found.scope);
    program_->ops[object_at].end = here();
  } else {
    emit_value(item_shape, rule, found.scope, false, true);
  }
  program_->ops[at].end = here();
  if (guard) program_->ops[*guard].end = here();
}

void Compiler::keep_rest(const TargetNode& node, const Place& place, const SourceScope& scope) {
  if (file_.source.xml != file_.target.xml || (node.type != kNoType && !parts_.target->open(node.type))) {
    out_.error(Code::wrong_type, place,
               fmt::format("rest: keep needs one format on both sides and a target that is open at {}", node.path));
    return;
  }
  std::vector<std::string> known;
  if (const TypeId type = scope.points.back().type; type != kNoType)
    for (const schema::Field* field : parts_.source->fields(type)) known.push_back(field->name);
  for (const auto& child : node.children) known.push_back(child->name);
  std::sort(known.begin(), known.end());
  const uint32_t names = push(program_->name_sets, std::move(known));
  emit(Verb::rest, names);
}

void Compiler::rule_ref(const TargetNode& node, const Rule* rule) {
  RuleRef ref{node.place, rule ? rule->source.text : std::string(),
              node.path.substr(std::min<size_t>(2, node.path.size()))};
  rule_ = push(program_->rules, std::move(ref));
}

void Compiler::may_be_missing(const TargetNode& node, const Rule& rule) {
  if (rule.when_absent == WhenAbsent::hold) return;
  const std::string why =
      rule.when ? fmt::format("its `when` can be false") : fmt::format("{} is optional", rule.source.text);
  const Place by = node.field ? node.field->place : Place{};
  out_.error(Code::may_be_missing, node.place,
             fmt::format("{} can be missing ({}) but {}:{} requires it", node.path, why,
                         by.file.empty() ? parts_.target->file : by.file, by.line),
             "add default:, when_absent: (hold keeps the message for a person), or make the source field required");
}

void Compiler::check_unused() {
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
const std::string& Mapping::source_schema() const { return program_->source_schema; }
const std::string& Mapping::target_schema() const { return program_->target_schema; }
const std::vector<std::pair<std::string, std::string>>& Mapping::namespaces() const { return program_->namespaces; }

std::shared_ptr<const Mapping> compile(const RuleFile& file, const CompileParts& parts, Diagnostics& diagnostics) {
  auto program = Compiler(file, parts, diagnostics).run();
  if (!program) return nullptr;
  return std::make_shared<const Mapping>(std::move(program));
}

}  // namespace lt::mapping
