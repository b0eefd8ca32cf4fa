#include "core/mapping/domain.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/codec/json.h"
#include "core/mapping/number_text.h"

namespace lt::mapping {
namespace {

using schema::Bound;
using schema::Scalar;
using schema::Type;

constexpr uint8_t kNumbers = schema::kInteger | schema::kNumber;

void narrow(const schema::Model& model, const Type& type, Domain& out, int depth) {
  out.kinds &= type.kinds;
  if (type.scalar != Scalar::any && type.scalar != Scalar::string) out.scalar = type.scalar;
  if (type.min_length) out.min_length = std::max(out.min_length.value_or(0), *type.min_length);
  if (type.max_length) out.max_length = std::min(out.max_length.value_or(*type.max_length), *type.max_length);
  out.patterns.insert(out.patterns.end(), type.patterns.begin(), type.patterns.end());
  if (!type.format.empty()) out.format = type.format;
  if (type.minimum) out.minimum = type.minimum;
  if (type.maximum) out.maximum = type.maximum;
  if (type.total_digits) out.total_digits = type.total_digits;
  if (type.fraction_digits) out.fraction_digits = type.fraction_digits;
  if (type.allowed) {
    out.allowed.emplace();
    for (const schema::Literal& literal : *type.allowed)
      if (!literal.node || literal.node->kind != Kind::null) out.allowed->push_back(literal.text);
  }
  if (depth < 8)
    for (const schema::TypeId also : type.all_of) narrow(model, model.type(also), out, depth + 1);
}

Scalar of_format(const std::string& format) {
  static const std::pair<std::string_view, Scalar> kFormats[] = {
      {"date", Scalar::date}, {"date-time", Scalar::date_time}, {"time", Scalar::time},
      {"uri", Scalar::uri},   {"email", Scalar::email},         {"uuid", Scalar::uuid}};
  for (const auto& [name, scalar] : kFormats)
    if (name == format) return scalar;
  return Scalar::any;
}

// "^(?:[0-9]{12})$", as XSD patterns are kept, and "^[0-9]{12}$" are one pattern.
std::string_view bare(std::string_view pattern) {
  const auto strip = [&](std::string_view front, std::string_view back) {
    if (!pattern.starts_with(front) || !pattern.ends_with(back) || pattern.size() < front.size() + back.size()) return;
    pattern.remove_prefix(front.size());
    pattern.remove_suffix(back.size());
  };
  strip("^", "$");
  strip("(?:", ")");
  return pattern;
}

bool same_bound(const std::optional<Bound>& have, const Bound& want, bool least) {
  if (!have) return false;
  const int order = compare_numbers(have->text, want.text);
  if (order == 0) return have->exclusive || !want.exclusive;
  return least ? order > 0 : order < 0;
}

// Does each text of the one form read as the other?
bool reads_as(Scalar from, Scalar to) {
  if (from == to) return true;
  switch (to) {
    case Scalar::any:
    case Scalar::string:
      return true;
    case Scalar::decimal:
      return from == Scalar::integer;
    default:
      return false;
  }
}

Scalar scalar_of(const Domain& domain) {
  if (domain.scalar != Scalar::any) return domain.scalar;
  if ((domain.kinds & ~schema::kInteger) == 0) return Scalar::integer;
  if ((domain.kinds & ~kNumbers) == 0) return Scalar::decimal;
  if (domain.kinds == schema::kBoolean) return Scalar::boolean;
  return Scalar::string;
}

std::optional<std::string> facet(const Domain& have, const Domain& want, bool numbers) {
  if (want.allowed) return fmt::format("any value, but the field takes {} values only", want.allowed->size());
  if (numbers && !(have.kinds & kNumbers) && have.scalar != Scalar::integer && have.scalar != Scalar::decimal)
    return "text, but the field takes numbers";
  const Scalar reads = scalar_of(have);
  if (!numbers && !reads_as(reads, want.scalar))
    return fmt::format("{}, but the field takes {}", schema::name_of(reads), schema::name_of(want.scalar));
  if (numbers && scalar_of(want) == Scalar::integer && reads != Scalar::integer)
    return "numbers with a fraction, but the field takes whole ones";
  const bool texts = (have.kinds & schema::kString) != 0;
  if (want.max_length && texts && (!have.max_length || *have.max_length > *want.max_length))
    return have.max_length
               ? fmt::format("up to {} characters, but the field takes {}", *have.max_length, *want.max_length)
               : fmt::format("text of any length, but the field takes {} characters", *want.max_length);
  if (want.min_length && texts && have.min_length.value_or(0) < *want.min_length)
    return have.min_length.value_or(0) == 0
               ? std::string("empty text, but the field wants some")
               : fmt::format("text of {} characters, but the field wants {}", *have.min_length, *want.min_length);
  for (const std::string& pattern : want.patterns)
    if (std::none_of(have.patterns.begin(), have.patterns.end(),
                     [&](const std::string& known) { return bare(known) == bare(pattern); }))
      return fmt::format("text of any form, but the field takes {}", pattern);
  if (want.minimum && !same_bound(have.minimum, *want.minimum, true))
    return fmt::format("any number, but the field begins at {}", want.minimum->text);
  if (want.maximum && !same_bound(have.maximum, *want.maximum, false))
    return fmt::format("any number, but the field ends at {}", want.maximum->text);
  if (want.total_digits && (!have.total_digits || *have.total_digits > *want.total_digits))
    return fmt::format("more than {} digits", *want.total_digits);
  if (want.fraction_digits && reads != Scalar::integer &&
      (!have.fraction_digits || *have.fraction_digits > *want.fraction_digits))
    return fmt::format("more than {} digits after the point", *want.fraction_digits);
  return std::nullopt;
}

}  // namespace

namespace {

Domain facets_of(const schema::Model& model, schema::TypeId type) {
  Domain out;
  const Type* at = &model.type(type);
  // The text of an element beside its attributes.
  if (at->may_be(schema::kObject) && at->kinds != schema::kAnyKind)
    if (const schema::Field* text = model.field(type, "#text"); text && text->type != schema::kNoType)
      at = &model.type(text->type);
  narrow(model, *at, out, 0);
  if (out.scalar == Scalar::any) out.scalar = of_format(out.format);
  return out;
}

}  // namespace

Domain Domain::of(const schema::Model& model, schema::TypeId type) {
  if (type == schema::kNoType) return {};
  Domain out = facets_of(model, type);
  if (out.min_length.value_or(0) == 0)
    if (const auto rule = schema::ScalarRule::compile(model, type); rule && !rule->fits(Kind::text, false, ""))
      out.min_length = 1;
  const bool whole = (out.kinds & ~(schema::kInteger | schema::kNull)) == 0;
  if (whole && out.minimum && out.maximum && out.minimum->text.front() != '-') out.digits = out.maximum->text.size();
  return out;
}

Domain Domain::of(std::vector<std::string> texts) {
  Domain out;
  out.allowed = std::move(texts);
  return out;
}

std::optional<Misfit> misfit(const Domain& domain, const schema::Model& model, schema::TypeId type,
                             const schema::ScalarRule& rule, bool numbers) {
  if (type == schema::kNoType || rule.fits_anything()) return std::nullopt;
  if (domain.allowed) {
    std::vector<std::string> refused;
    for (const std::string& text : *domain.allowed) {
      const bool number = numbers && codec::is_json_number(text);
      const bool boolean = model.format == schema::Format::json && (text == "true" || text == "false");
      if (!rule.fits(number ? Kind::number : Kind::text, false, text) &&
          !(boolean && rule.fits(Kind::boolean, text == "true", text)))
        refused.push_back(fmt::format("\"{}\"", text));
    }
    if (refused.empty()) return std::nullopt;
    const size_t count = refused.size();
    if (count > 5) refused.resize(5);
    return Misfit{count == domain.allowed->size(), fmt::format("{}{}, which the field does not take",
                                                               fmt::join(refused, ", "), count > 5 ? ", ..." : "")};
  }
  if (!domain.sample.empty() && rule.fits(Kind::text, false, domain.sample)) return std::nullopt;
  if (auto why = facet(domain, facets_of(model, type), numbers)) return Misfit{false, std::move(*why)};
  return std::nullopt;
}

}  // namespace lt::mapping
