#include "core/schema/scalar_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/schema/decimal.h"
#include "core/schema/describe.h"
#include "core/schema/text_format.h"
#include "core/schema/text_pattern.h"
#include "core/schema/xsd_value.h"

namespace lt::schema {
namespace {

constexpr uint8_t kScalarKinds = kNull | kBoolean | kInteger | kNumber | kString;
constexpr size_t kOnStack = 128;

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The text as xs:whiteSpace wants it, copied only when something inside it changes.
class Treated {
 public:
  Treated(Blanks blanks, std::string_view text) : text_(text) {
    if (blanks == Blanks::keep) return;
    if (blanks == Blanks::collapse) {
      while (!text_.empty() && blank(text_.front())) text_.remove_prefix(1);
      while (!text_.empty() && blank(text_.back())) text_.remove_suffix(1);
    }
    bool changes = false;
    for (size_t i = 0; i < text_.size() && !changes; ++i)
      changes = blank(text_[i]) && (text_[i] != ' ' || (blanks == Blanks::collapse && blank(text_[i + 1])));
    if (!changes) return;
    char* out = stack_.data();
    if (text_.size() > kOnStack) {
      heap_.resize(text_.size());
      out = heap_.data();
    }
    size_t size = 0;
    for (char c : text_)
      if (!blank(c))
        out[size++] = c;
      else if (blanks == Blanks::replace || out[size - 1] != ' ')
        out[size++] = ' ';
    text_ = std::string_view(out, size);
  }
  Treated(const Treated&) = delete;
  Treated& operator=(const Treated&) = delete;
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  std::array<char, kOnStack> stack_;
  std::string heap_;
};

}  // namespace

struct ScalarRule::Value {
  Kind kind = Kind::null;
  bool flag = false;
  std::string_view text;
  uint64_t bytes = 0;  // of a blob

  bool blob() const { return kind == Kind::blob; }
  static Value of(const Node* node) { return {node->kind, node->flag, node->text, node->blob.length}; }
};

struct ScalarRule::Facets {
  bool xml = false, own = false;  // own: asks for anything itself, besides `also`
  uint8_t kinds = kAnyKind;
  Form form = Form::any;
  Blanks blanks = Blanks::keep;
  uint64_t min_length = 0, max_length = UINT64_MAX;
  std::vector<std::shared_ptr<const TextPattern>> patterns;
  TextFormat format = TextFormat::none;
  std::optional<Bound> minimum, maximum;
  std::string multiple_text;
  Decimal multiple;
  uint32_t total_digits = UINT32_MAX, fraction_digits = UINT32_MAX;
  struct Allowed {
    Kind kind;
    bool flag;
    std::string text;
  };
  std::optional<std::vector<Allowed>> allowed;
  std::vector<std::shared_ptr<const Facets>> also;
  // for words only
  std::optional<uint64_t> said_min, said_max;
  std::string format_name;
  std::vector<Literal> said_allowed;
  Place place;

  bool same(std::string_view a, std::string_view b) const { return a == b || order(form, a, b) == Order::equal; }
  uint64_t length_of(std::string_view text) const {
    return form == Form::base64 || form == Form::hex ? bytes_of(form, text) : count_code_points(text);
  }
};

struct ScalarRule::Miss {
  enum class What : uint8_t {
    nothing,
    kind,
    written,
    min_length,
    max_length,
    pattern,
    format,
    allowed,
    minimum,
    maximum,
    multiple,
    total_digits,
    fraction_digits
  } what = What::nothing;
  const Facets* of = nullptr;
  size_t pattern = 0;
};

namespace {

// The JSON facets of a number, and the order of two numbers there: anything else is text.
bool within(bool number, Form form, std::string_view text, const std::optional<Bound>& bound, Order wrong) {
  if (!bound) return true;
  const Order found = order(number ? Form::decimal : form, text, bound->text);
  return found == (wrong == Order::less ? Order::more : Order::less) || (found == Order::equal && !bound->exclusive);
}

}  // namespace

class ScalarRule::Compiler {
 public:
  Compiler(const Model& model, Patterns& patterns) : model_(model), patterns_(patterns) {}

  Result<std::shared_ptr<const Facets>> run(TypeId id, size_t depth = 0) {
    if (id == kNoType || depth > limits::kSchemaDepth) return std::shared_ptr<const Facets>();
    const bool xml = model_.format == Format::xml;
    const Type* type = &model_.type(id);
    if (xml && type->kinds == kObject)
      for (const Field& field : type->fields)
        if (field.name == "#text" && field.type != kNoType) return run(field.type, depth + 1);
    auto out = std::make_shared<Facets>();
    out->xml = xml;
    out->place = type->place;
    LT_TRY(texts(*type, *out));
    LT_TRY(numbers(*type, *out));
    enumeration(*type, *out);
    out->own |= (type->kinds & kScalarKinds) != kScalarKinds && !(xml && type->may_be(kString));
    for (TypeId part : type->all_of) {
      LT_ASSIGN(auto also, run(part, depth + 1));
      if (also != nullptr) out->also.push_back(std::move(also));
    }
    if (!out->own && out->also.empty()) return std::shared_ptr<const Facets>();
    return std::shared_ptr<const Facets>(std::move(out));
  }

 private:
  Result<void> texts(const Type& type, Facets& out) {
    out.kinds = type.kinds;
    out.form = form_of(type.built_in);
    out.blanks = type.blanks;
    out.said_min = type.min_length;
    out.said_max = type.max_length;
    out.min_length = type.min_length.value_or(0);
    out.max_length = type.max_length.value_or(UINT64_MAX);
    // A QName's length means nothing: its prefix may be any.
    if (out.form == Form::q_name) out.min_length = 0, out.max_length = UINT64_MAX;
    out.format = text_format(type.format).value_or(TextFormat::none);
    out.format_name = type.format;
    for (const std::string& text : type.patterns) {
      auto& known = patterns_[text];
      if (known == nullptr) {
        auto compiled = TextPattern::compile(text);
        if (!compiled) {
          compiled.error().place = type.place;
          return fail(std::move(compiled).error());
        }
        known = std::make_shared<const TextPattern>(std::move(*compiled));
      }
      out.patterns.push_back(known);
    }
    out.own |= out.form != Form::any || type.min_length || type.max_length || out.format != TextFormat::none ||
               !out.patterns.empty();
    return {};
  }

  static Result<void> numbers(const Type& type, Facets& out) {
    out.minimum = type.minimum;
    out.maximum = type.maximum;
    for (const auto* bound : {&out.minimum, &out.maximum})
      if (*bound && !is_written(out.xml ? out.form : Form::real, (*bound)->text))
        return fail(Code::schema_keyword, fmt::format("\"{}\" is no bound of this type", (*bound)->text), type.place);
    out.multiple_text = type.multiple_of;
    if (!type.multiple_of.empty()) out.multiple = Decimal::parse(type.multiple_of).value_or(Decimal{});
    out.total_digits = type.total_digits.value_or(UINT32_MAX);
    out.fraction_digits = type.fraction_digits.value_or(UINT32_MAX);
    out.own |= type.minimum || type.maximum || !type.multiple_of.empty() || type.total_digits || type.fraction_digits;
    return {};
  }

  static void enumeration(const Type& type, Facets& out) {
    if (!type.allowed) return;
    out.own = true;
    out.allowed.emplace();
    out.said_allowed = *type.allowed;
    for (const Literal& literal : *type.allowed) {
      if (literal.node == nullptr)
        out.allowed->push_back({Kind::text, false, std::string(Treated(out.blanks, literal.text).text())});
      else if (literal.node->scalar())
        out.allowed->push_back({literal.node->kind, literal.node->flag, std::string(literal.node->text)});
    }
  }

  const Model& model_;
  Patterns& patterns_;
};

Result<ScalarRule> ScalarRule::compile(const Model& model, TypeId type, Patterns* shared) {
  Patterns own;
  ScalarRule out;
  LT_ASSIGN(out.facets_, Compiler(model, shared == nullptr ? own : *shared).run(type));
  return out;
}

namespace {

uint8_t bits_of(Kind kind, std::string_view text, uint8_t kinds) {
  switch (kind) {
    case Kind::null:
      return kNull;
    case Kind::boolean:
      return kBoolean;
    case Kind::number:
      return (kinds & kNumber) == 0 && is_integral(text) ? kInteger : kNumber;
    case Kind::text:
    case Kind::blob:
      return kString;
    case Kind::array:
      return kArray;
    case Kind::object:
      return kObject;
  }
  return 0;
}

}  // namespace

ScalarRule::Miss ScalarRule::judge(const Facets& facets, const Value& given) {
  using What = Miss::What;
  for (const auto& also : facets.also)
    if (const Miss miss = judge(*also, given); miss.what != What::nothing) return miss;
  if (!facets.own) return {};
  const auto miss = [&](What what, size_t pattern = 0) { return Miss{what, &facets, pattern}; };

  Value value = given;
  if (facets.xml) {
    if (value.kind == Kind::boolean) value.text = value.flag ? "true" : "false";
    if (value.kind == Kind::null) value.text = {};
    if (value.kind != Kind::array && value.kind != Kind::object && !value.blob()) value.kind = Kind::text;
  }
  if ((facets.kinds & bits_of(value.kind, value.text, facets.kinds)) == 0) return miss(What::kind);
  const bool number = value.kind == Kind::number, text = value.kind == Kind::text || value.blob();
  const Treated treated(value.blob() ? Blanks::keep : facets.blanks, value.text);
  value.text = treated.text();
  if (text && facets.xml && facets.form != Form::any) {
    if (value.blob() ? facets.form != Form::base64 : !is_written(facets.form, value.text)) return miss(What::written);
  }
  if (text && (facets.min_length > 0 || facets.max_length != UINT64_MAX)) {
    const uint64_t length = value.blob() ? value.bytes : facets.length_of(value.text);
    if (length < facets.min_length) return miss(What::min_length);
    if (length > facets.max_length) return miss(What::max_length);
  }
  if (text) {
    for (size_t i = 0; i < facets.patterns.size(); ++i)
      if (value.blob() || !facets.patterns[i]->matches(value.text)) return miss(What::pattern, i);
    if (facets.format != TextFormat::none && (value.blob() || !follows(facets.format, value.text)))
      return miss(What::format);
  }
  if (number || (text && facets.xml)) {
    if (!within(number, facets.form, value.text, facets.minimum, Order::less)) return miss(What::minimum);
    if (!within(number, facets.form, value.text, facets.maximum, Order::more)) return miss(What::maximum);
    if (!facets.multiple_text.empty()) {
      const auto read = WrittenNumber::parse(value.text);
      if (!read || !is_multiple(*read, facets.multiple)) return miss(What::multiple);
    }
    if (facets.total_digits != UINT32_MAX || facets.fraction_digits != UINT32_MAX) {
      const auto read = WrittenNumber::parse(value.text);
      if (!read || read->total_digits() > facets.total_digits) return miss(What::total_digits);
      if (read->fraction_digits() > facets.fraction_digits) return miss(What::fraction_digits);
    }
  }
  if (facets.allowed) {
    const auto fits = [&](const Facets::Allowed& allowed) {
      if (allowed.kind != value.kind) return false;
      if (value.kind == Kind::boolean) return allowed.flag == value.flag;
      if (number) return order(Form::real, allowed.text, value.text) == Order::equal;
      return value.kind == Kind::null || facets.same(allowed.text, value.text);
    };
    if (std::none_of(facets.allowed->begin(), facets.allowed->end(), fits)) return miss(What::allowed);
  }
  return {};
}

bool ScalarRule::fits(Kind kind, bool flag, std::string_view text) const {
  return facets_ == nullptr || judge(*facets_, {kind, flag, text, 0}).what == Miss::What::nothing;
}

bool ScalarRule::fits_blob(uint64_t bytes) const {
  return facets_ == nullptr || judge(*facets_, {Kind::blob, false, {}, bytes}).what == Miss::What::nothing;
}

bool ScalarRule::fits(const Node* node) const {
  return facets_ == nullptr || judge(*facets_, Value::of(node)).what == Miss::What::nothing;
}

bool ScalarRule::same(std::string_view a, std::string_view b) const {
  if (facets_ == nullptr) return a == b;
  const Treated left(facets_->blanks, a), right(facets_->blanks, b);
  return facets_->same(left.text(), right.text());
}

std::optional<ScalarRule::Misfit> ScalarRule::misfit(const Node* node) const {
  if (facets_ == nullptr) return std::nullopt;
  const Miss miss = judge(*facets_, Value::of(node));
  if (miss.what == Miss::What::nothing) return std::nullopt;
  const Facets& facets = *miss.of;
  const bool bytes = facets.form == Form::base64 || facets.form == Form::hex;
  const auto length = [&] {
    return bytes ? describe_count(facets.said_min, facets.said_max, "bytes")
                 : describe_length(facets.said_min, facets.said_max);
  };
  const auto digits = [](uint32_t most, const char* what) { return fmt::format("at most {} digits{}", most, what); };
  Misfit out{Code::schema_violation, "", {}, describe_actual(node), facets.place};
  const auto say = [&](Code code, const char* keyword, std::string expected) {
    out.code = code;
    out.keyword = keyword;
    out.expected = std::move(expected);
    return out;
  };
  switch (miss.what) {
    case Miss::What::nothing:
      break;
    case Miss::What::kind:
      return say(Code::wrong_kind, "type", describe_kinds(facets.kinds));
    case Miss::What::written:
      return say(Code::bad_pattern, "type", describe(facets.form));
    case Miss::What::min_length:
      return say(Code::schema_violation, "minLength", length());
    case Miss::What::max_length:
      return say(Code::schema_violation, "maxLength", length());
    case Miss::What::pattern:
      return say(Code::bad_pattern, "pattern", "the form " + facets.patterns[miss.pattern]->text());
    case Miss::What::format:
      return say(Code::bad_pattern, "format", "the format " + facets.format_name);
    case Miss::What::allowed:
      return say(Code::value_not_allowed, facets.said_allowed.size() == 1 && !facets.xml ? "const" : "enum",
                 describe_allowed(facets.said_allowed));
    case Miss::What::minimum:
      return say(Code::schema_violation, facets.minimum->exclusive ? "exclusiveMinimum" : "minimum",
                 describe_bound(*facets.minimum, "least", "more than"));
    case Miss::What::maximum:
      return say(Code::schema_violation, facets.maximum->exclusive ? "exclusiveMaximum" : "maximum",
                 describe_bound(*facets.maximum, "most", "less than"));
    case Miss::What::multiple:
      return say(Code::schema_violation, "multipleOf", "a multiple of " + facets.multiple_text);
    case Miss::What::total_digits:
      return say(Code::schema_violation, "totalDigits", digits(facets.total_digits, ""));
    case Miss::What::fraction_digits:
      return say(Code::schema_violation, "fractionDigits", digits(facets.fraction_digits, " after the point"));
  }
  return out;
}

std::string ScalarRule::problem(Kind kind, bool flag, std::string_view text) const {
  Node node;
  node.kind = kind;
  node.flag = flag;
  node.text = text;
  const auto found = misfit(&node);
  return found ? fmt::format("expected {}, found {}", found->expected, found->actual) : std::string();
}

}  // namespace lt::schema
