#include <fmt/format.h>

#include <algorithm>

#include "core/base/limits.h"
#include "core/mapping/compiler.h"
#include "core/mapping/domain.h"
#include "core/mapping/pattern_groups.h"

namespace lt::mapping {

using schema::kNoType;
using schema::Scalar;

namespace {}  // namespace

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
    if (rule.envelope == EnvelopeField::message_id) out.max_length = limits::kShownCode;  // an id, "." and a part
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
  const std::string what =
      fmt::format("{} can be {} ({}:{})", node.path, bad->why, node.field ? node.field->place.file : node.model->file,
                  node.field ? node.field->place.line : 0);
  if (rule.backwards || file_.partial) return;  // its author is asked about the way there
  if (bad->always)
    out_.error(Code::never_fits, node.place, what);
  else if (!rule.unfit_held && !file_.unfit_held)
    out_.warning(Code::may_not_fit, node.place, what);
}

}  // namespace lt::mapping
