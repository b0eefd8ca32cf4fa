#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "core/base/limits.h"
#include "core/mapping/blob.h"
#include "core/mapping/compiler.h"
#include "core/mapping/join_pattern.h"

namespace lt::mapping {

using schema::kNoType;

Op& Compiler::emit(Verb verb, uint32_t a, uint32_t b) {
  program_->ops.push_back({verb, a, b, 0, rule_});
  return program_->ops.back();
}

uint32_t Compiler::here() const { return static_cast<uint32_t>(program_->ops.size()); }

uint32_t Compiler::path_code(SourcePath path) {
  PathCode code;
  static_cast<SourcePath&>(code) = std::move(path);
  if (code.from_root) code.slot = static_cast<int>(program_->root_paths++);
  return push(program_->paths, std::move(code));
}

Resolved Compiler::resolve(const Text& text, const SourceScope& scope, bool each, SourcePath& path) {
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

uint32_t Compiler::regex(const Text& text, bool whole) {
  std::string pattern = text.text;
  for (size_t at = 0; (at = pattern.find("(?<", at)) != std::string::npos; at += 3) pattern.insert(at + 2, 1, 'P');
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  auto compiled = std::make_shared<re2::RE2>(pattern, options);
  if (!compiled->ok())
    out_.error(Code::pattern_error, text.place, fmt::format("pattern: {}", compiled->error()));
  else if (whole && compiled->NumberOfCapturingGroups() > static_cast<int>(limits::kPatternGroups))
    out_.error(Code::pattern_error, text.place, fmt::format("more than {} groups", limits::kPatternGroups));
  return push(program_->patterns, std::shared_ptr<const re2::RE2>(std::move(compiled)));
}

uint32_t Compiler::constant(const Text& text, Form form) {
  Constant out{Kind::text, text.text};
  if (text.null)
    out.kind = Kind::null;
  else if (form == Form::number)
    out.kind = Kind::number;
  else if (form == Form::boolean ||
           (form == Form::as_is && !text.quoted && (text.text == "true" || text.text == "false"))) {
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

std::vector<uint32_t> Compiler::emit_when(const Rule& rule, const SourceScope& scope) {
  std::vector<uint32_t> guards;
  for (const Text& condition : rule.when) {
    emit(Verb::when, expression(condition, scope, true));
    guards.push_back(here() - 1);
  }
  return guards;
}

void Compiler::close(const std::vector<uint32_t>& guards) {
  for (const uint32_t guard : guards) program_->ops[guard].end = here();
}

namespace {

ValueType value_type(const Resolved& at) {
  const schema::Type* type = at.good ? at.described() : nullptr;
  if (!type || type->kinds == schema::kAnyKind) return ValueType::unknown;
  if (at.model()->format == schema::Format::xml) return ValueType::unknown;
  const uint8_t scalars = type->kinds & (schema::kBoolean | schema::kInteger | schema::kNumber | schema::kString);
  if (type->kinds & (schema::kArray | schema::kObject)) return scalars ? ValueType::unknown : ValueType::never;
  if (scalars == schema::kString) return ValueType::text;
  if (scalars == schema::kBoolean) return ValueType::boolean;
  return scalars & (schema::kBoolean | schema::kString) ? ValueType::unknown : ValueType::number;
}

}  // namespace

uint32_t Compiler::expression(const Text& text, const SourceScope& from, bool condition) {
  ExpressionCode code;
  const int shift = text.place.column + (text.quoted ? 1 : 0) - 1;
  const auto refuse = [&](const Error& error) {
    Place place = text.place;
    place.column = shift + error.place.column;
    out_.error(Code::bad_expression, place, error.detail);
  };
  SourceScope scope = from;
  if (!text.base.empty() && text.base != ".") {
    SourcePath path;
    const Resolved at = resolve({text.base, text.place}, from, true, path);
    if (at.good) scope = at.scope;
    code.base = static_cast<int>(path_code(path));
  }
  auto parsed = Expression::parse(text.text);
  if (!parsed) {
    refuse(parsed.error());
  } else {
    code.expression = std::move(*parsed);
    std::vector<Resolved> found;
    std::vector<ValueType> types;
    for (const auto& used : code.expression.paths()) {
      Place place = text.place;
      place.column = shift + used.column;
      const SourceScope& start = used.within < 0 ? scope : found[static_cast<size_t>(used.within)].scope;
      Resolved at;
      if (start.points.empty())
        at = {};  // what it lies in was not found
      else
        at = source_.resolve(used.path, start, place, used.many);
      if (at.good) source_.use(at);
      types.push_back(used.many ? ValueType::unknown : value_type(at));
      code.paths.push_back(path_code(used.path));
      found.push_back(std::move(at));
    }
    const auto type = code.expression.check(types);
    if (!type)
      refuse(type.error());
    else if (condition && *type != ValueType::boolean && *type != ValueType::unknown)
      out_.error(Code::bad_expression, text.place, "a condition is true or false, and this is neither");
  }
  return push(program_->expressions, std::move(code));
}

uint32_t Compiler::table_use(const Rule& rule, const SourceScope& scope) {
  TableCode code;
  code.name = rule.table->text;
  code.unmapped = rule.unmapped;
  code.backwards = rule.backwards;
  if (rule.unmapped_value) code.fallback = rule.unmapped_value->text;
  const auto use = std::find_if(file_.tables.begin(), file_.tables.end(),
                                [&](const TableUse& at) { return at.name.text == code.name; });
  const auto table = parts_.tables.find(code.name);
  if (use == file_.tables.end()) {
    std::vector<std::string> names;
    for (const TableUse& at : file_.tables) names.push_back(at.name.text);
    out_.error(Code::unknown_table, rule.table->place, fmt::format("no table \"{}\"", code.name),
               config::suggestion(code.name, names));
  } else if (table != parts_.tables.end()) {
    code.table = table->second;
    SourcePath path;
    if (use->as_of && rule.backwards) read_any_day(code);
    if (use->as_of && !rule.backwards && resolve(*use->as_of, scope, false, path).good)
      code.as_of = static_cast<int>(path_code(path));
  }
  return push(program_->tables, std::move(code));
}

void Compiler::read_any_day(TableCode& code) {
  code.any_day = true;
  std::map<std::string_view, std::string_view> sources;
  for (const schema::CodeRow& row : code.table->rows()) {
    const auto [at, fresh] = sources.try_emplace(row.target, row.source);
    if (!fresh && at->second != row.source) code.ambiguous.push_back(row.target);
  }
  std::sort(code.ambiguous.begin(), code.ambiguous.end());
}

uint32_t Compiler::date_use(const Text& name, bool backwards) {
  std::vector<std::string> names;
  for (size_t i = 0; i < program_->dates.size(); i += 2) {
    if (program_->dates[i].name == name.text) return static_cast<uint32_t>(i + (backwards ? 1 : 0));
    names.push_back(program_->dates[i].name);
  }
  out_.error(Code::unknown_type, name.place, fmt::format("no type \"{}\"", name.text),
             config::suggestion(name.text, names));
  return 0;
}

uint32_t Compiler::link_use(const Rule& rule) {
  LinkCode code;
  std::vector<std::string> names;
  for (const LinkUse& use : file_.links) {
    names.push_back(use.name.text);
    if (use.name.text != rule.link->text) continue;
    for (const auto& [from, to] : use.bases)
      if (rule.backwards)
        code.bases.emplace_back(to.text, from.text);
      else
        code.bases.emplace_back(from.text, to.text);
  }
  if (code.bases.empty())
    out_.error(Code::bad_reference, rule.link->place, fmt::format("no link \"{}\" under links", rule.link->text),
               config::suggestion(rule.link->text, names));
  std::stable_sort(code.bases.begin(), code.bases.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  return push(program_->links, std::move(code));
}

void Compiler::emit_value(const TargetNode& node, const Rule& rule, const SourceScope& scope, bool required,
                          bool item) {
  const auto guards = emit_when(rule, scope);
  Slot slot = slot_of(node, &rule);
  if (rule.as == As::text && slot.form == Form::as_is) slot.form = Form::text;
  const Form form = slot.form;
  bool optional = !rule.when.empty();
  Resolved from;
  if (item) {
    emit(Verb::load, path_code({}));
    from.good = true;
    from.scope = scope;
  } else {
    optional |= emit_origin(node, rule, scope, form, from);
  }
  check_fit(node, rule, &from, slot);
  if (rule.table) check_table(node, rule, from);
  if (rule.absent_value) {
    emit(Verb::omit, constant(*rule.absent_value, Form::text));
    optional = true;
  }
  emit_transforms(node, rule, scope);
  if (rule.fallback) emit(Verb::fallback, constant(*rule.fallback, form));
  const bool mended = (rule.fallback && rule.when.empty()) || rule.when_absent == WhenAbsent::null ||
                      rule.when_absent == WhenAbsent::empty || rule.when_absent == WhenAbsent::hold || node.null ||
                      node.shared;
  if (required && optional && !mended) may_be_missing(node, rule);
  close(guards);
  if (rule.required_when) emit(Verb::required_when, expression(*rule.required_when, scope, true));
  const uint32_t index = push(program_->slots, std::move(slot));
  emit(Verb::store, index);
}

bool Compiler::emit_origin(const TargetNode& node, const Rule& rule, const SourceScope& scope, Form form,
                           Resolved& from) {
  switch (rule.origin) {
    case Origin::constant:
      emit(Verb::constant, constant(rule.source, form));
      return false;
    case Origin::index:
      emit(Verb::index, static_cast<uint32_t>(rule.first));
      return false;
    case Origin::envelope:
      emit(Verb::envelope, static_cast<uint32_t>(rule.envelope));
      return false;
    case Origin::join:
      return emit_join(rule, scope);
    case Origin::one_way:
      emit(Verb::evaluate, expression(rule.source, scope, false));
      return true;
    default:
      break;
  }
  SourcePath path;
  from = resolve(rule.source, scope, false, path);
  emit(Verb::load, path_code(path));
  if (from.good) check_scalar(from, rule, node);
  return from.optional;
}

void Compiler::check_scalar(const Resolved& found, const Rule& rule, const TargetNode& node) {
  if (!found.described()) return;
  const schema::Type& type = *found.described();
  const uint8_t scalars = schema::kBoolean | schema::kInteger | schema::kNumber | schema::kString;
  if ((type.kinds & scalars) == 0 && !found.model()->field(found.type(), "#text"))
    out_.error(Code::needs_rules, rule.source.place,
               fmt::format("{} is an object in {}: {} needs rules", found.path, found.model()->file, node.path),
               "write {from: ..., rules: [...]}");
}

bool Compiler::emit_join(const Rule& rule, const SourceScope& scope) {
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
      const auto said = std::find_if(rule.fields.begin(), rule.fields.end(),
                                     [&](const auto& field) { return field.first.text == piece.group; });
      const Text relative = said == rule.fields.end() ? Text{piece.group, rule.pattern->place} : said->second;
      SourcePath path;
      const Resolved found = at.good ? resolve(relative, at.scope, false, path) : Resolved{};
      optional |= found.optional;
      if (path.up > 0 || path.from_root)
        out_.error(Code::unknown_source_path, relative.place, "fields of a join lie below what it joins");
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

void Compiler::emit_blob(const TargetNode& node, const Rule& rule, const SourceScope& scope) {
  const BlobForm from = rule.blob_from, to = rule.blob;
  if (const char* why = no_way(from, to))
    out_.error(Code::wrong_type, rule.source.place,
               fmt::format("{} cannot go from carrier {} to {}: {}", node.path, name_of(from), name_of(to), why),
               "as it stands goes with as: reference, but not a part; say what it is with carrier");
  BlobCode code{from, to, -1};
  if (rule.blob_name) {
    SourcePath path;
    const Resolved found = resolve(*rule.blob_name, scope, false, path);
    if (found.good) check_scalar(found, rule, node);
    code.name = static_cast<int>(path_code(path));
  }
  const bool moves = as_it_stands(from, to);
  if (!moves && (to == BlobForm::zip || to == BlobForm::part) && !rule.blob_name && !rule.backwards)
    out_.error(Code::missing_key, rule.source.place,
               fmt::format("as: {} names the file, and nothing says its name", name_of(to)),
               "add name: and the path of the file's name");
  if (!stands_apart(from) && to != BlobForm::as_is) emit(Verb::base64);
  if (!moves) emit(Verb::carry, push(program_->blobs, code));
}

void Compiler::emit_transforms(const TargetNode& node, const Rule& rule, const SourceScope& scope) {
  if (rule.origin == Origin::blob) emit_blob(node, rule, scope);
  if (rule.trim) emit(Verb::trim);
  if (rule.nfc) emit(Verb::nfc);
  if (rule.match) {
    const uint32_t pattern = regex(*rule.match, false);
    emit(Verb::match, pattern);
  }
  if (!node.part.empty()) {
    const auto [known, fresh] = part_patterns_.try_emplace(&rule, 0);
    if (fresh) known->second = regex(*rule.pattern, true);
    const re2::RE2& compiled = *program_->patterns[known->second];
    const auto group = compiled.ok() ? compiled.NamedCapturingGroups().find(node.part)
                                     : decltype(compiled.NamedCapturingGroups().end()){};
    if (compiled.ok() && group != compiled.NamedCapturingGroups().end())
      emit(Verb::part, known->second, static_cast<uint32_t>(group->second));
  }
  if (rule.type) emit(Verb::date, date_use(*rule.type, rule.backwards));
  if (rule.link) emit(Verb::link, link_use(rule));
  if (rule.table) {
    const uint32_t use = table_use(rule, scope);
    emit(Verb::table, use);
  }
  switch (rule.as) {
    case As::unsaid:
      break;
    case As::text:
      emit(Verb::as_text);
      break;
    case As::boolean:
      emit(Verb::as_boolean);
      break;
    case As::integer:
      emit(Verb::as_integer);
      break;
    case As::decimal:
      emit(Verb::as_decimal);
      break;
  }
  if (rule.verify) emit(Verb::match, regex(*rule.verify, false));
}

}  // namespace lt::mapping
