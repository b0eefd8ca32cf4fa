#include <fmt/format.h>

#include "core/mapping/expression.h"
#include "core/mapping/number_text.h"

namespace lt::mapping {
namespace {

std::string_view name_of(ValueType type) {
  switch (type) {
    case ValueType::text:
      return "a text";
    case ValueType::number:
      return "a number";
    case ValueType::boolean:
      return "true or false";
    case ValueType::never:
      return "nothing with a value of its own";
    default:
      return "anything";
  }
}

}  // namespace

// Runs the terms over a stack of types.
class ExpressionChecker {
 public:
  ExpressionChecker(const Expression& expression, const std::vector<ValueType>& path_types)
      : expression_(expression), path_types_(path_types) {}

  Result<ValueType> run() {
    for (const auto& term : expression_.terms_) LT_TRY(apply(term));
    return stack_.back().type;
  }

 private:
  using Verb = Expression::Verb;
  using Sign = Expression::Sign;
  using State = Expression::State;
  struct Item {
    ValueType type = ValueType::unknown;
    int column = 1;
    const Expression::Literal* literal = nullptr;
    bool path = false;
  };

  static tl::unexpected<Error> refuse(std::string why, int column) {
    Place place;
    place.column = column;
    return fail(Code::bad_expression, std::move(why), std::move(place));
  }
  static Item of(const Expression::Literal& literal) {
    Item out;
    out.column = literal.column;
    out.literal = &literal;
    out.type = literal.state == State::text      ? ValueType::text
               : literal.state == State::number  ? ValueType::number
               : literal.state == State::boolean ? ValueType::boolean
                                                 : ValueType::never;
    return out;
  }
  Item pop() {
    const Item out = stack_.back();
    stack_.pop_back();
    return out;
  }
  void push(ValueType type, int column) { stack_.push_back({type, column, nullptr, false}); }
  static bool null(const Item& item) { return item.literal && item.literal->state == State::null; }

  static Result<void> want(const Item& item, ValueType type, std::string_view who) {
    if (item.type == type || item.type == ValueType::unknown) return {};
    return refuse(fmt::format("{} takes {}; this is {}", who, name_of(type), name_of(item.type)), item.column);
  }
  static Result<void> has_value(const Item& item) {
    if (item.type != ValueType::never || null(item)) return {};
    return refuse("this path leads to an object or an array, which has no value of its own", item.column);
  }

  Result<void> apply(const Expression::Term& term) {
    switch (term.verb) {
      case Verb::path: {
        const ValueType type = term.a < path_types_.size() ? path_types_[term.a] : ValueType::unknown;
        stack_.push_back({type, term.column, nullptr, true});
        return {};
      }
      case Verb::literal:
        stack_.push_back(of(expression_.literals_[term.a]));
        return {};
      case Verb::exists:
      case Verb::any:
        push(ValueType::boolean, term.column);
        return {};
      case Verb::count:
        push(ValueType::number, term.column);
        return {};
      case Verb::negate:
        LT_TRY(want(stack_.back(), ValueType::boolean, "not"));
        stack_.back() = {ValueType::boolean, term.column, nullptr, false};
        return {};
      case Verb::both:
      case Verb::either:
        return connect(term);
      case Verb::compare: {
        const Item right = pop(), left = pop();
        LT_TRY(compare(left, right, static_cast<Sign>(term.n)));
        push(ValueType::boolean, left.column);
        return {};
      }
      case Verb::within: {
        const Item left = pop();
        for (uint32_t i = 0; i < term.n; ++i) LT_TRY(compare(left, of(expression_.literals_[term.a + i]), Sign::equal));
        push(ValueType::boolean, left.column);
        return {};
      }
      default:
        return function(term);
    }
  }
  Result<void> connect(const Expression::Term& term) {
    const Item right = pop(), left = pop();
    const std::string_view who = term.verb == Verb::both ? "and" : "or";
    LT_TRY(want(left, ValueType::boolean, who));
    LT_TRY(want(right, ValueType::boolean, who));
    push(ValueType::boolean, left.column);
    return {};
  }

  // Refuses what can never be equal, and what would compare as texts although numbers are meant.
  static Result<void> compare(const Item& left, const Item& right, Sign sign) {
    LT_TRY(has_value(left));
    LT_TRY(has_value(right));
    const bool order = sign != Sign::equal && sign != Sign::not_equal;
    for (const Item* item : {&left, &right})
      if (order && (null(*item) || item->type == ValueType::boolean))
        return refuse("true, false and null have no order: only == and != compare them", item->column);
    const auto is = [&](const Item& item, ValueType type) { return item.type == type; };
    for (const auto& [one, other] : {std::pair(&left, &right), std::pair(&right, &left)}) {
      if (is(*one, ValueType::boolean) && is(*other, ValueType::number))
        return refuse("true or false is compared with a number", other->column);
      // A text path may well hold the "true" of an XML document.
      if (is(*one, ValueType::boolean) && is(*other, ValueType::text) && !other->path)
        return refuse("true or false is compared with a text; write true or false without quotes", other->column);
      if (is(*one, ValueType::number) && other->literal && is(*other, ValueType::text) &&
          (order || !reads_as_number(other->literal->text)))
        return refuse("a number is compared with a text; write a number without quotes", other->column);
    }
    return {};
  }

  Result<void> function(const Expression::Term& term) {
    const size_t count = term.verb == Verb::date ? 1 : term.verb == Verb::each ? 1 : term.n;
    const size_t first = stack_.size() - count;
    const Item* at = &stack_[first];
    ValueType out = ValueType::text;
    switch (term.verb) {
      case Verb::concat:
        for (size_t i = 0; i < count; ++i) LT_TRY(has_value(at[i]));
        break;
      case Verb::coalesce: {
        for (size_t i = 0; i < count; ++i) LT_TRY(has_value(at[i]));
        out = at[0].type;
        for (size_t i = 1; i < count; ++i) out = either_of(out, at[i].type);
        break;
      }
      case Verb::unless:
        LT_TRY(want(at[0], ValueType::boolean, "the condition of if"));
        LT_TRY(has_value(at[1]));
        LT_TRY(has_value(at[2]));
        out = either_of(at[1].type, at[2].type);
        break;
      case Verb::each:
        LT_TRY(want(at[0], ValueType::boolean, "the condition of any"));
        out = ValueType::boolean;
        break;
      case Verb::number:
        if (at[0].type != ValueType::number) LT_TRY(want(at[0], ValueType::text, "number"));
        out = ValueType::number;
        break;
      case Verb::substring:
        LT_TRY(want(at[0], ValueType::text, "substring"));
        for (size_t i = 1; i < count; ++i) LT_TRY(want(at[i], ValueType::number, "the place in substring"));
        break;
      default: {
        static constexpr std::pair<Verb, std::string_view> kNames[] = {{Verb::upper, "upper"},
                                                                       {Verb::lower, "lower"},
                                                                       {Verb::fold, "fold"},
                                                                       {Verb::length, "length"},
                                                                       {Verb::date, "date"}};
        for (const auto& [verb, name] : kNames)
          if (verb == term.verb) LT_TRY(want(at[0], ValueType::text, name));
        if (term.verb == Verb::length) out = ValueType::number;
      }
    }
    stack_.resize(first);
    push(out, term.column);
    return {};
  }
  static ValueType either_of(ValueType a, ValueType b) {
    return a == b || b == ValueType::never ? a : a == ValueType::never ? b : ValueType::unknown;
  }

  const Expression& expression_;
  const std::vector<ValueType>& path_types_;
  std::vector<Item> stack_;
};

Result<ValueType> Expression::check(const std::vector<ValueType>& path_types) const {
  return ExpressionChecker(*this, path_types).run();
}

}  // namespace lt::mapping
