#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "core/base/limits.h"
#include "core/mapping/join_pattern.h"
#include "core/mapping/mapping.h"
#include "core/mapping/program.h"
#include "core/mapping/rule_file.h"
#include "core/mapping/source_scope.h"
#include "core/mapping/target_shape.h"

namespace lt::mapping {
namespace {

using config::Diagnostics;
using schema::kNoType;
using schema::TypeId;

template <class T>
uint32_t push(std::vector<T>& list, T value) {
  list.push_back(std::move(value));
  return static_cast<uint32_t>(list.size() - 1);
}

class Compiler {
 public:
  Compiler(const RuleFile& file, const CompileParts& parts, Diagnostics& out)
      : file_(file), parts_(parts), out_(out), source_(*parts.source, file.source.root.text, out), program_(std::make_unique<Program>()) {}

  std::unique_ptr<Program> run() {
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

 private:
  static std::string_view strip_root(std::string_view path) { return path.substr(path.substr(0, 2) == "$." ? 2 : 0); }

  void head() {
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
        out_.error(Code::wrong_type, side.schema.place, fmt::format("{} is a schema for {}", model.file, side.xml ? "JSON" : "XML"));
    };
    check(file_.source, *parts_.source);
    check(file_.target, *parts_.target);
    const schema::Field* top = parts_.source->root(file_.source.root.text);
    if (top) to.source_root = file_.source.xml ? top->name : "";
    else out_.error(Code::unknown_source_path, file_.source.schema.place, fmt::format("{} has no root element \"{}\"", parts_.source->file, file_.source.root.text), "name one with root:");
  }

  void read_types() {
    for (const TypeUse& use : file_.types) {
      DateType type;
      type.name = use.name.text;
      const auto pattern = [&](const Text& text, DatePattern& into) {
        if (auto read = DatePattern::parse(text.text)) into = std::move(*read);
        else out_.error(Code::pattern_error, text.place, read.error().detail);
      };
      pattern(use.pattern, type.from);
      pattern(use.to, type.to);
      type.zone = 7 * 60;
      if (use.zone) {
        if (auto zone = parse_zone(use.zone->text)) type.zone = *zone;
        else out_.error(Code::pattern_error, use.zone->place, zone.error().detail);
      }
      program_->dates.push_back(std::move(type));
    }
  }

  // --- pieces of operations ---

  Op& emit(Verb verb, uint32_t a = 0, uint32_t b = 0) {
    program_->ops.push_back({verb, a, b, 0, rule_});
    return program_->ops.back();
  }
  uint32_t here() const { return static_cast<uint32_t>(program_->ops.size()); }

  uint32_t path_code(const SourcePath& path) { return push(program_->paths, PathCode{path.from_root, path.up, path.steps}); }

  Resolved resolve(const Text& text, const SourceScope& scope, bool each, SourcePath& path) {
    auto parsed = parse_source_path(text.text);
    if (!parsed) {
      out_.error(Code::unknown_source_path, text.place, parsed.error().detail);
      return {};
    }
    path = std::move(*parsed);
    Resolved at = source_.resolve(path, scope, text.place, each);
    if (at.good) source_.use(at);
    return at;
  }

  uint32_t regex(const Text& text, bool whole) {
    std::string pattern = text.text;
    for (size_t at = 0; (at = pattern.find("(?<", at)) != std::string::npos; at += 3) pattern.insert(at + 2, "P");
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    auto compiled = std::make_shared<re2::RE2>(pattern, options);
    if (!compiled->ok()) out_.error(Code::pattern_error, text.place, fmt::format("pattern: {}", compiled->error()));
    else if (whole && compiled->NumberOfCapturingGroups() > static_cast<int>(limits::kPatternGroups))
      out_.error(Code::pattern_error, text.place, fmt::format("more than {} groups", limits::kPatternGroups));
    return push(program_->patterns, std::shared_ptr<const re2::RE2>(std::move(compiled)));
  }

  uint32_t constant(const Text& text, Form form) {
    Constant out{Kind::text, text.text};
    if (text.null) out.kind = Kind::null;
    else if (form == Form::number) out.kind = Kind::number;
    else if (form == Form::boolean || (form == Form::as_is && !text.quoted && (text.text == "true" || text.text == "false"))) {
      out.kind = Kind::boolean;
      out.flag = text.text == "true";
    } else if (form == Form::as_is && !text.quoted && re2::RE2::FullMatch(text.text, "-?(0|[1-9][0-9]*)(\\.[0-9]+)?")) {
      out.kind = Kind::number;
    }
    if (out.kind == Kind::number && !re2::RE2::FullMatch(text.text, "-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?"))
      out_.error(Code::wrong_type, text.place, fmt::format("\"{}\" is no number, and the target wants one", text.text));
    if (out.kind == Kind::boolean && text.text != "true" && text.text != "false")
      out_.error(Code::wrong_type, text.place, fmt::format("\"{}\" is neither true nor false", text.text));
    return push(program_->constants, std::move(out));
  }

  // The condition of a rule; its operations are skipped to `end`, which the caller sets.
  uint32_t emit_when(const Text& text, const SourceScope& scope) {
    ConditionCode code;
    const int shift = text.place.column + (text.quoted ? 1 : 0) - 1;
    auto parsed = Condition::parse(text.text);
    if (!parsed) {
      Place place = text.place;
      place.column = shift + parsed.error().place.column;
      out_.error(Code::bad_expression, place, parsed.error().detail);
    } else {
      code.condition = std::move(*parsed);
      for (const auto& used : code.condition.paths()) {
        Place place = text.place;
        place.column = shift + used.column;
        const Resolved at = source_.resolve(used.path, scope, place, true);
        if (at.good) source_.use(at);
        code.paths.push_back(path_code(used.path));
      }
    }
    const uint32_t index = push(program_->conditions, std::move(code));
    emit(Verb::when, index);
    return here() - 1;
  }

  uint32_t table_use(const Rule& rule, const SourceScope& scope) {
    TableCode code;
    code.name = rule.table->text;
    code.unmapped = rule.unmapped;
    if (rule.unmapped_value) code.fallback = rule.unmapped_value->text;
    const auto use = std::find_if(file_.tables.begin(), file_.tables.end(), [&](const TableUse& at) { return at.name.text == code.name; });
    const auto table = parts_.tables.find(code.name);
    if (use == file_.tables.end()) {
      std::vector<std::string> names;
      for (const TableUse& at : file_.tables) names.push_back(at.name.text);
      out_.error(Code::unknown_table, rule.table->place, fmt::format("no table \"{}\"", code.name), config::suggestion(code.name, names));
    } else if (table != parts_.tables.end()) {
      code.table = table->second;
      SourcePath path;
      if (use->as_of && resolve(*use->as_of, scope, false, path).good) code.as_of = static_cast<int>(path_code(path));
    }
    return push(program_->tables, std::move(code));
  }

  uint32_t date_use(const Text& name) {
    std::vector<std::string> names;
    for (size_t i = 0; i < program_->dates.size(); ++i) {
      if (program_->dates[i].name == name.text) return static_cast<uint32_t>(i);
      names.push_back(program_->dates[i].name);
    }
    out_.error(Code::unknown_type, name.place, fmt::format("no type \"{}\"", name.text), config::suggestion(name.text, names));
    return 0;
  }

  // --- shapes ---

  Slot slot_of(const TargetNode& node, const Rule* rule) const {
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
    const uint8_t scalars = parts_.target->type(node.type).kinds & (schema::kBoolean | schema::kInteger | schema::kNumber | schema::kString);
    if (scalars == schema::kString) slot.form = Form::text;
    else if (scalars == schema::kBoolean) slot.form = Form::boolean;
    else if (scalars && !(scalars & (schema::kBoolean | schema::kString))) slot.form = Form::number;
    return slot;
  }

  void emit_children(const TargetNode& parent, const SourceScope& scope, bool required) {
    for (const auto& node : parent.children) emit_node(*node, scope, required && node->required);
  }

  // `required`: the target cannot do without it, as far as the objects that only dotted paths made go.
  void emit_node(const TargetNode& node, const SourceScope& scope, bool required) {
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

  void emit_each(const TargetNode& node, const Rule& rule, const SourceScope& scope, bool required) {
    std::optional<uint32_t> guard;
    if (rule.when && rule.group) guard = emit_when(*rule.when, scope);
    SourcePath path;
    const Resolved found = resolve(rule.source, scope, true, path);
    if (found.good && !found.repeated && found.type() != kNoType && parts_.source->type(found.type()).kinds != schema::kAnyKind) {
      out_.error(Code::repeated_path, rule.source.place, fmt::format("{} is not repeated in {}", found.path, parts_.source->file));
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

  void emit_value(const TargetNode& node, const Rule& rule, const SourceScope& scope, bool required, bool item) {
    std::optional<uint32_t> guard;
    if (rule.when) guard = emit_when(*rule.when, scope);
    Slot slot = slot_of(node, &rule);
    if (rule.as == As::text && slot.form == Form::as_is) slot.form = Form::text;
    const Form form = slot.form;
    bool optional = rule.when.has_value();
    if (item) emit(Verb::load, path_code({}));
    else optional |= emit_origin(node, rule, scope, form);
    emit_transforms(node, rule, scope);
    if (rule.fallback) emit(Verb::fallback, constant(*rule.fallback, form));
    const bool mended = (rule.fallback && !rule.when) || rule.when_absent == WhenAbsent::null || rule.when_absent == WhenAbsent::empty || rule.when_absent == WhenAbsent::hold || node.null;
    if (required && optional && !mended) may_be_missing(node, rule);
    if (guard) program_->ops[*guard].end = here();
    const uint32_t index = push(program_->slots, std::move(slot));
    emit(Verb::store, index);
  }

  // Loads the value; true when it can be absent.
  bool emit_origin(const TargetNode& node, const Rule& rule, const SourceScope& scope, Form form) {
    switch (rule.origin) {
      case Origin::constant: emit(Verb::constant, constant(rule.source, form)); return false;
      case Origin::index: emit(Verb::index, static_cast<uint32_t>(rule.first)); return false;
      case Origin::envelope: emit(Verb::envelope, static_cast<uint32_t>(rule.envelope)); return false;
      case Origin::join: return emit_join(rule, scope);
      default: break;
    }
    SourcePath path;
    const Resolved found = resolve(rule.source, scope, false, path);
    emit(Verb::load, path_code(path));
    if (found.good) check_scalar(found, rule, node);
    return found.optional;
  }
  void check_scalar(const Resolved& found, const Rule& rule, const TargetNode& node) {
    if (found.type() == kNoType) return;
    const schema::Type& type = parts_.source->type(found.type());
    const uint8_t scalars = schema::kBoolean | schema::kInteger | schema::kNumber | schema::kString;
    if ((type.kinds & scalars) == 0 && !parts_.source->field(found.type(), "#text"))
      out_.error(Code::needs_rules, rule.source.place, fmt::format("{} is an object in {}: {} needs rules", found.path, parts_.source->file, node.path),
                 "write {from: ..., rules: [...]}");
  }

  bool emit_join(const Rule& rule, const SourceScope& scope) {
    if (!rule.pattern) return true;
    SourcePath base;
    const Resolved at = resolve(rule.source, scope, false, base);
    Join join;
    join.pattern = regex(*rule.pattern, true);
    auto pieces = split_join_pattern(rule.pattern->text);
    if (!pieces) {
      out_.error(Code::pattern_error, rule.pattern->place, pieces.error().detail);
      return true;
    }
    bool optional = at.optional;
    int group = 0;
    for (const JoinPiece& piece : *pieces) {
      Join::Piece to;
      to.literal = piece.literal;
      if (!piece.group.empty()) {
        const auto said = std::find_if(rule.fields.begin(), rule.fields.end(), [&](const auto& field) { return field.first.text == piece.group; });
        const Text relative = said == rule.fields.end() ? Text{piece.group, rule.pattern->place} : said->second;
        SourcePath path;
        const Resolved found = at.good ? resolve(relative, at.scope, false, path) : Resolved{};
        optional |= found.optional;
        if (path.up > 0 || path.from_root) out_.error(Code::unknown_source_path, relative.place, "fields of a join lie below what it joins");
        SourcePath whole = base;
        whole.steps.insert(whole.steps.end(), path.steps.begin(), path.steps.end());
        to.path = static_cast<int>(path_code(whole));
        to.group = ++group;
      }
      join.pieces.push_back(std::move(to));
    }
    const uint32_t index = push(program_->joins, std::move(join));
    emit(Verb::join, index);
    return optional;
  }

  void emit_transforms(const TargetNode& node, const Rule& rule, const SourceScope& scope) {
    if (rule.origin == Origin::blob && rule.blob == BlobForm::base64) emit(Verb::base64);
    if (rule.nfc) emit(Verb::nfc);
    if (rule.match) {
      const uint32_t pattern = regex(*rule.match, false);
      emit(Verb::match, pattern);
    }
    if (!node.part.empty()) {
      const auto [known, fresh] = part_patterns_.try_emplace(&rule, 0);
      if (fresh) known->second = regex(*rule.pattern, true);
      const re2::RE2& compiled = *program_->patterns[known->second];
      const auto group = compiled.ok() ? compiled.NamedCapturingGroups().find(node.part) : decltype(compiled.NamedCapturingGroups().end()){};
      if (compiled.ok() && group != compiled.NamedCapturingGroups().end()) emit(Verb::part, known->second, static_cast<uint32_t>(group->second));
    }
    if (rule.type) emit(Verb::date, date_use(*rule.type));
    if (rule.table) {
      const uint32_t use = table_use(rule, scope);
      emit(Verb::table, use);
    }
    switch (rule.as) {
      case As::unsaid: break;
      case As::text: emit(Verb::as_text); break;
      case As::boolean: emit(Verb::as_boolean); break;
      case As::integer: emit(Verb::as_integer); break;
      case As::decimal: emit(Verb::as_decimal); break;
    }
  }

  void keep_rest(const TargetNode& node, const Place& place, const SourceScope& scope) {
    if (file_.source.xml != file_.target.xml || (node.type != kNoType && !parts_.target->open(node.type))) {
      out_.error(Code::wrong_type, place, fmt::format("rest: keep needs one format on both sides and a target that is open at {}", node.path));
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

  // --- findings ---

  void rule_ref(const TargetNode& node, const Rule* rule) {
    RuleRef ref{node.place, rule ? rule->source.text : std::string(), node.path.substr(std::min<size_t>(2, node.path.size()))};
    rule_ = push(program_->rules, std::move(ref));
  }

  void may_be_missing(const TargetNode& node, const Rule& rule) {
    if (rule.when_absent == WhenAbsent::hold) return;
    const std::string why = rule.when ? fmt::format("its `when` can be false") : fmt::format("{} is optional", rule.source.text);
    const Place by = node.field ? node.field->place : Place{};
    out_.error(Code::may_be_missing, node.place, fmt::format("{} can be missing ({}) but {}:{} requires it", node.path, why, by.file.empty() ? parts_.target->file : by.file, by.line),
               "add default:, when_absent: (hold keeps the message for a person), or make the source field required");
  }

  void check_unused() {
    std::set<std::string> ignored;
    for (const Text& path : file_.ignore_source) {
      const std::string whole = "$." + without_brackets(strip_root(path.text));
      if (!source_.known(whole)) {
        const auto nearest = parts_.source->nearest(path.text, file_.source.root.text);
        out_.error(Code::unknown_source_path, path.place, fmt::format("{} has no {}", parts_.source->file, whole), nearest ? fmt::format("did you mean \"{}\"?", *nearest) : std::string());
      }
      ignored.insert(whole);
    }
    for (const std::string& path : source_.unused(ignored))
      out_.warning(Code::unused_source, file_.source.schema.place, fmt::format("no rule uses {} of {}", path, parts_.source->file), "map it, or list it under ignore: source:");
  }

  const RuleFile& file_;
  const CompileParts& parts_;
  Diagnostics& out_;
  SourceResolver source_;
  std::unique_ptr<Program> program_;
  std::map<const Rule*, uint32_t> part_patterns_;
  uint32_t rule_ = 0;
};

}  // namespace

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
