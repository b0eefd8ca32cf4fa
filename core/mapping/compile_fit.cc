#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"
#include "core/mapping/compiler.h"
#include "core/mapping/domain.h"
#include "core/mapping/pattern_groups.h"

namespace lt::mapping {

using schema::kNoType;
using schema::Scalar;

namespace {

constexpr size_t kMessageId = 36 + 1 + 3;  // an id (core/base/ids.h), "." and a part of limits::kSplitParts
static_assert(limits::kSplitParts < 1'000);

}  // namespace

Domain Compiler::domain_of(const TargetNode& node, const Rule& rule, const Resolved* found) const {
  Domain out;
  if (rule.origin == Origin::constant) {
    out = Domain::of({rule.source.text});
  } else if (rule.origin == Origin::index) {
    out.kinds = schema::kInteger;
    out.minimum = schema::Bound{std::to_string(rule.first), false};
  } else if (rule.origin == Origin::envelope) {
    out.kinds = schema::kString;
    if (rule.envelope == EnvelopeField::accepted_at) out.scalar = Scalar::date_time;
    out.min_length = 1;
    if (rule.envelope == EnvelopeField::message_id) out.max_length = kMessageId;
  } else if (found && found->good && found->model() && rule.origin != Origin::one_way) {
    out = Domain::of(*found->model(), found->type());
  }
  if (rule.match) out.patterns.push_back(rule.match->text);
  if (!node.part.empty()) {
    out = Domain();
    out.kinds = schema::kString;
    out.patterns.push_back(group_pattern(rule.pattern->text, node.part));
  }
  if (rule.origin == Origin::join) out = Domain();
  if (rule.type) date_domain(rule, out);
  if (rule.link) out = Domain();
  if (rule.table) table_domain(rule, out);
  if (rule.as == As::integer || rule.as == As::decimal) {
    out.kinds = rule.as == As::integer ? schema::kInteger : schema::kNumber;
    out.scalar = rule.as == As::integer ? Scalar::integer : Scalar::decimal;
  } else if (rule.as == As::boolean) {
    out.kinds = schema::kBoolean;
    out.scalar = Scalar::boolean;
  } else if (rule.as == As::text) {
    out.kinds = schema::kString;
    if (out.digits) {
      out.min_length = 1;
      out.max_length = out.digits;
    }
  }
  if (rule.fallback && !rule.fallback->null && out.allowed) out.allowed->push_back(rule.fallback->text);
  return out;
}

void Compiler::date_domain(const Rule& rule, Domain& out) const {
  out = Domain();
  out.kinds = schema::kString;
  out.min_length = 1;
  for (size_t i = rule.backwards ? 1 : 0; i < program_->dates.size(); i += 2) {
    const DateType& type = program_->dates[i];
    if (type.name != rule.type->text) continue;
    if (type.to.text() == "iso-date" || type.to.text() == "yyyy-MM-dd") {
      out.scalar = Scalar::date;
      out.format = "date";
    } else if (type.to.text() == "iso-datetime") {
      out.scalar = Scalar::date_time;
      out.format = "date-time";
    }
    if (!type.to.fixed()) continue;
    Moment moment;
    moment.year = 2000;
    moment.month = moment.day = 12;
    char text[DatePattern::kLongest];
    out.min_length = out.max_length = type.to.write(moment, text);
    out.sample = std::string(text, *out.max_length);
  }
}

void Compiler::table_domain(const Rule& rule, Domain& out) const {
  const auto table = parts_.tables.find(rule.table->text);
  if (table == parts_.tables.end() || !table->second || rule.unmapped == Unmapped::keep) {
    out = Domain();
    return;
  }
  out = Domain();
  out.allowed.emplace();
  for (const schema::CodeRow& row : table->second->rows())
    out.allowed->push_back(rule.backwards ? row.source : row.target);
  if (rule.unmapped == Unmapped::fallback && rule.unmapped_value) out.allowed->push_back(rule.unmapped_value->text);
}

// What the field can refuse is said now, and checked when a document is mapped.
void Compiler::check_fit(const TargetNode& node, const Rule& rule, const Resolved* found, Slot& slot) {
  const bool blob = rule.origin == Origin::blob;
  if (blob || node.type == kNoType || !node.model) return;
  auto compiled = schema::ScalarRule::compile(*node.model, node.type, &scalar_patterns_);
  if (!compiled || compiled->fits_anything()) return;
  const bool numbers = slot.form == Form::number;
  const Domain domain = domain_of(node, rule, found);
  auto bad = misfit(domain, *node.model, node.type, *compiled, numbers);
  if (!bad && rule.fallback && !rule.fallback->null)
    bad = misfit(Domain::of({rule.fallback->text}), *node.model, node.type, *compiled, numbers);
  if (!bad) return;
  slot.fit = static_cast<int>(push(program_->fits, std::move(*compiled)));
  say_unfit(node, rule, bad->always, bad->why);
}

// A list that can be longer or shorter than the field takes. Where several rules fill it each is only a part of it.
void Compiler::check_count(const TargetNode& node, const Rule& rule, const Resolved& found, Slot& slot) {
  if (!node.field || !node.model) return;
  const schema::Field& field = *node.field;
  if (node.array && field.type != schema::kNoType) {
    const schema::Type& list = node.model->type(field.type);
    slot.least = list.min_items.value_or(0);
    slot.most = list.max_items.value_or(UINT64_MAX);
  } else if (!node.array) {
    slot.least = field.min_occurs;
    slot.most = field.max_occurs == schema::kUnbounded ? UINT64_MAX : field.max_occurs;
  }
  if (node.shared || file_.partial) slot.least = 0;
  const uint64_t least = rule.where ? 0 : found.least;
  if (found.least > slot.most)
    say_unfit(node, rule, !rule.where,
              fmt::format("at least {} items, but the field takes {}", found.least, slot.most));
  else if (found.most < slot.least)
    say_unfit(node, rule, true, fmt::format("at most {} items, but the field asks for {}", found.most, slot.least));
  else if (found.most > slot.most)
    say_unfit(node, rule, false,
              found.most == UINT64_MAX ? fmt::format("any number of items, but the field takes {}", slot.most)
                                       : fmt::format("up to {} items, but the field takes {}", found.most, slot.most));
  else if (least < slot.least)
    say_unfit(node, rule, false, fmt::format("{} items, but the field asks for {}", least, slot.least));
}

void Compiler::say_unfit(const TargetNode& node, const Rule& rule, bool always, const std::string& why) {
  if (rule.backwards || file_.partial) return;  // its author is asked about the way there
  const std::string what =
      fmt::format("{} can be {} ({}:{})", node.path, why, node.field ? node.field->place.file : node.model->file,
                  node.field ? node.field->place.line : 0);
  if (always)
    out_.error(Code::never_fits, node.place, what);
  else if (!rule.unfit_held && !file_.unfit_held)
    out_.warning(Code::may_not_fit, node.place, what);
}

}  // namespace lt::mapping
