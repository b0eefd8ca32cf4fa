#include "core/proof/scalar_draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/base/text.h"
#include "core/codec/base64.h"
#include "core/proof/moment_draw.h"
#include "core/schema/decimal.h"
#include "core/schema/text_format.h"

namespace lt::proof {
namespace {

using schema::Format;
using schema::Scalar;
using schema::Type;

constexpr size_t kTries = 24;
constexpr uint64_t kLeastMost = 1 << 20;  // longer texts are not drawn, whatever must be

constexpr std::string_view kBooleans[] = {"false", "true", "0", "1"};
// Built-in types whose texts the model describes by name only.
constexpr std::string_view kLanguages[] = {"vi", "en", "vi-VN", "zh-Hant"};
constexpr std::string_view kNames[] = {"a", "x1", "MaHoSo", "Đơn-vị_2", "b.c"};
constexpr std::string_view kMonths[] = {"--01", "--02", "--12"};
constexpr std::string_view kDays[] = {"---01", "---29", "---31"};
constexpr std::string_view kMonthDays[] = {"--01-01", "--02-29", "--12-31"};

bool is_moment(Scalar scalar) { return scalar >= Scalar::date && scalar <= Scalar::year_month; }

std::string collapse(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

Scalar scalar_of(const Types& types) {
  for (const Type* type : types)
    if (type->scalar != Scalar::any && type->scalar != Scalar::string) return type->scalar;
  // In JSON a format may stand without a type.
  for (const Type* type : types) {
    if (type->format == "date") return Scalar::date;
    if (type->format == "time") return Scalar::time;
    if (type->format == "date-time") return Scalar::date_time;
    if (type->format == "email") return Scalar::email;
    if (type->format == "uri") return Scalar::uri;
    if (type->format == "uuid") return Scalar::uuid;
  }
  return Scalar::string;
}

bool is_text_of(Scalar scalar, std::string_view text) {
  if (scalar == Scalar::boolean) return text == "true" || text == "false" || text == "1" || text == "0";
  if (scalar == Scalar::integer || scalar == Scalar::decimal)
    return schema::Decimal::parse(text) && text.find_first_of("eE") == text.npos &&
           (scalar == Scalar::decimal || text.find('.') == text.npos);
  if (is_moment(scalar) && scalar != Scalar::duration) return moment_number(scalar, text).has_value();
  return true;
}

}  // namespace

Patterns::Patterns(const schema::Model& model) {
  for (const Type& type : model.types) add(type);
}

void Patterns::add(const Type& type) {
  for (const std::string& pattern : type.patterns) add(pattern);
  for (const schema::PatternField& field : type.pattern_fields) add(field.pattern);
}

void Patterns::add(const std::string& pattern) {
  if (entries_.contains(pattern)) return;
  Entry entry;
  if (auto check = schema::TextPattern::compile(pattern)) entry.check = std::move(*check);
  entry.text = PatternText::parse(pattern);
  entries_.emplace(pattern, std::move(entry));
}

const Patterns::Entry* Patterns::of(const std::string& pattern) const {
  const auto found = entries_.find(pattern);
  return found == entries_.end() ? nullptr : &found->second;
}

TextBounds ScalarDraw::bounds_of(const Types& types) const {
  TextBounds out;
  for (const Type* type : types) {
    out.least = std::max(out.least, std::min(kLeastMost, type->min_length.value_or(0)));
    out.most = std::min(out.most, type->max_length.value_or(UINT64_MAX));
    if (type->name == "xs:token" || type->name == "xs:normalizedString") out.lines = false;
  }
  out.decomposed = taste_.decomposed;
  return out;
}

bool ScalarDraw::fits_length(const Type& type, std::string_view text) const {
  if (!type.min_length && !type.max_length) return true;
  uint64_t length = count_code_points(text);
  if (format_ == Format::xml && type.scalar == Scalar::hex) length = text.size() / 2;
  if (format_ == Format::xml && type.scalar == Scalar::base64) {
    const auto plain = codec::decode_base64(text);
    if (!plain) return false;
    length = plain->size();
  }
  return length >= type.min_length.value_or(0) && length <= type.max_length.value_or(UINT64_MAX);
}

bool ScalarDraw::fits(const Type& type, std::string_view text) const {
  if (!fits_length(type, text)) return false;
  for (const std::string& pattern : type.patterns) {
    const Patterns::Entry* entry = patterns_.of(pattern);
    if (entry != nullptr && entry->check && !entry->check->matches(text)) return false;
  }
  if (!type.format.empty() && !follows(schema::text_format(type.format).value_or(schema::TextFormat::none), text))
    return false;
  if (type.allowed && std::none_of(type.allowed->begin(), type.allowed->end(), [&](const schema::Literal& literal) {
        return literal.text == text && (literal.node == nullptr || literal.node->kind == Kind::text);
      }))
    return false;
  if (format_ == Format::json) return true;
  if (!is_text_of(type.scalar, text)) return false;
  if (type.scalar == Scalar::integer || type.scalar == Scalar::decimal) return fits_number({&type}, text);
  const auto at = is_moment(type.scalar) ? moment_number(type.scalar, text) : std::nullopt;
  const auto beyond = [&](const std::optional<schema::Bound>& bound, int sign) {
    const auto limit = at && bound ? moment_number(type.scalar, bound->text) : std::nullopt;
    return limit && ((*at - *limit) * sign > 0 || (*at == *limit && bound->exclusive));
  };
  return !beyond(type.minimum, -1) && !beyond(type.maximum, 1);
}

bool ScalarDraw::fits_text(const Types& types, std::string_view text) const {
  return std::all_of(types.begin(), types.end(), [&](const Type* type) { return fits(*type, text); });
}

std::optional<std::string> ScalarDraw::from_domain(const Types& types, const DomainTree::Step& domain) {
  const std::vector<std::string>& values = domain.domain->values;
  if (!values.empty()) {
    std::vector<const std::string*> fitting;
    for (const std::string& value : values)
      if ((!domain.pattern || domain.pattern->matches(value)) && fits_text(types, value)) fitting.push_back(&value);
    if (fitting.empty()) return values[draw_.below(values.size())];
    return *fitting[draw_.below(fitting.size())];
  }
  const TextBounds bounds = bounds_of(types);
  if (domain.date) return draw_date(draw_, *domain.date);
  if (domain.pattern) return domain.pattern->draw(draw_, bounds.least, bounds.most);
  if (domain.domain->base64) return bytes(Scalar::base64, bounds);
  return std::nullopt;
}

std::optional<std::string> ScalarDraw::from_schema_name(std::string_view name) {
  if (name.substr(0, 3) != "xs:") return std::nullopt;
  name.remove_prefix(3);
  std::span<const std::string_view> texts;
  if (name == "ID") return fmt::format("id{}", ++ids_);
  if (name == "IDREF") return "id1";
  if (name == "language") texts = kLanguages;
  if (name == "Name" || name == "NCName" || name == "NMTOKEN" || name == "QName") texts = kNames;
  if (name == "gMonth") texts = kMonths;
  if (name == "gDay") texts = kDays;
  if (name == "gMonthDay") texts = kMonthDays;
  if (texts.empty()) return std::nullopt;
  return std::string(texts[draw_.below(texts.size())]);
}

std::string ScalarDraw::bytes(Scalar scalar, const TextBounds& bounds) {
  const bool hex = scalar == Scalar::hex;
  uint64_t least = bounds.least, most = bounds.most;
  if (format_ == Format::json) {
    // There it is the text that has a length.
    least = hex ? (least + 1) / 2 : least == 0 ? 0 : (least + 3) / 4 * 3 - 2;
    most = hex ? most / 2 : most / 4 * 3;
  }
  const std::string plain = draw_bytes(draw_, least, most);
  if (!hex) return codec::encode_base64(plain);
  std::string out;
  for (const char c : plain) out += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return out;
}

std::string ScalarDraw::from_format(Scalar scalar, const TextBounds& bounds) {
  const uint64_t extent = draw_.below(24);
  Variety details(draw_.below(1 << 16));
  std::string out;
  if (scalar == Scalar::uuid) {
    for (int i = 0; i < 36; ++i)
      out += i == 8 || i == 13 || i == 18 || i == 23 ? '-' : "0123456789abcdef"[details.below(16)];
    return out;
  }
  std::string tail = scalar == Scalar::email ? "@a.vn" : "";
  out = scalar == Scalar::uri ? (details.plain() ? "a:" : "https://a.vn/") : "";
  const uint64_t fixed = out.size() + tail.size();
  const uint64_t least = std::max<uint64_t>(bounds.least, fixed + 1) - fixed;
  const uint64_t most = bounds.most > fixed ? bounds.most - fixed : 1;
  for (uint64_t i = 0; i < std::max(least, std::min(most, least + extent)); ++i)
    out += "abcxyz0179-_"[details.below(i == 0 ? 6 : 12)];
  return out + tail;
}

std::string ScalarDraw::moment(const Types& types, Scalar scalar) {
  MomentBounds bounds;
  for (const Type* type : types) {
    if (type->minimum) {
      bounds.least = type->minimum->text;
      bounds.least_excluded = type->minimum->exclusive;
    }
    if (type->maximum) {
      bounds.most = type->maximum->text;
      bounds.most_excluded = type->maximum->exclusive;
    }
  }
  return draw_moment_text(draw_, scalar, format_ == Format::xml ? bounds : MomentBounds{}, format_ == Format::json);
}

std::string ScalarDraw::from_scalar(const Types& types, const TextBounds& bounds) {
  const Scalar scalar = scalar_of(types);
  for (const Type* type : types)
    if (auto named = from_schema_name(type->name)) return std::move(*named);
  if (scalar == Scalar::base64 || scalar == Scalar::hex) return bytes(scalar, bounds);
  if (is_moment(scalar)) return moment(types, scalar);
  if (scalar == Scalar::email || scalar == Scalar::uri || scalar == Scalar::uuid) return from_format(scalar, bounds);
  if (format_ == Format::xml && (scalar == Scalar::integer || scalar == Scalar::decimal))
    return number(types, scalar == Scalar::integer).value_or("");
  if (format_ == Format::xml && scalar == Scalar::boolean) {
    return std::string(kBooleans[draw_.below(taste_.other_spellings ? 4 : 2)]);
  }
  std::string out = draw_text(draw_, bounds);
  const bool token = std::any_of(types.begin(), types.end(), [](const Type* type) { return type->name == "xs:token"; });
  return token ? collapse(out) : out;
}

std::string ScalarDraw::propose(const Types& types, const DomainTree::Step* domain, size_t attempt) {
  if (domain != nullptr && domain->says_text())
    if (auto said = from_domain(types, *domain)) return std::move(*said);
  const TextBounds bounds = bounds_of(types);
  // Both the pattern and the kind of value may be the stricter one: by turns.
  std::vector<const PatternText*> patterns;
  for (const Type* type : types)
    for (const std::string& pattern : type->patterns)
      if (const Patterns::Entry* entry = patterns_.of(pattern); entry != nullptr && entry->text)
        patterns.push_back(&*entry->text);
  const bool special = scalar_of(types) != Scalar::string;
  const size_t ways = patterns.size() + (special || patterns.empty() ? 1 : 0);
  const size_t way = draw_.settle(attempt % ways, ways);
  if (way < patterns.size())
    if (auto matching = patterns[way]->draw(draw_, bounds.least, bounds.most)) return std::move(*matching);
  return from_scalar(types, bounds);
}

std::string ScalarDraw::text(const Types& types, const DomainTree::Step* domain) {
  const DomainTree::Step* said = domain != nullptr && domain->says_text() ? domain : nullptr;
  const auto good = [&](const std::string& text) {
    if (said != nullptr && said->pattern && !said->pattern->matches(text)) return false;
    return fits_text(types, text);
  };
  // The numbers of the try that was kept are noted: given them, it is the first.
  const size_t tries = draw_.replaying() ? 1 : kTries;
  for (size_t attempt = 0;; ++attempt) {
    const Draw::Mark mark = draw_.mark();
    std::string out = propose(types, domain, attempt);
    if (good(out)) return out;
    if (attempt + 1 >= tries) {
      ++missed_;
      return out;
    }
    draw_.forget(mark);
  }
}

}  // namespace lt::proof
