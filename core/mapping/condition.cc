#include "core/mapping/condition.h"

#include <fmt/format.h>

#include <optional>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/mapping/number_text.h"
#include "core/message/tree.h"

namespace lt::mapping {
namespace {

constexpr size_t kDepth =
    24;  // of brackets and nots; each costs at most two bits of the stack of truths, one 64-bit word

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

}  // namespace

class ConditionParser {
 public:
  explicit ConditionParser(std::string_view text) : text_(text) {}

  Result<Condition> run() {
    if (text_.size() > limits::kExpression) return fail(refuse("too long", 0));
    next();
    if (!either(0) || error_) return fail(std::move(*error_));
    if (!token_.empty()) return fail(refuse(fmt::format("\"{}\" was not expected here", token_), token_at_));
    return std::move(out_);
  }

 private:
  using Verb = Condition::Verb;
  using What = Condition::What;

  Error refuse(std::string why, size_t at) const {
    Place place;
    place.column = static_cast<int>(count_code_points(text_.substr(0, at))) + 1;
    return Error(Code::bad_expression, std::move(why), std::move(place));
  }
  bool stop(std::string why, size_t at) {
    if (!error_) error_ = refuse(std::move(why), at);
    return false;
  }

  // The next token, "" at the end. A text literal keeps its opening quote as its first byte, and loses the closing one.
  void next() {
    while (at_ < text_.size() && blank(text_[at_])) ++at_;
    token_at_ = at_;
    if (at_ == text_.size()) return void(token_ = {});
    const char c = text_[at_];
    size_t end = at_ + 1;
    if (c == '\'' || c == '"') {
      end = text_.find(c, at_ + 1);
      if (end == std::string_view::npos) {
        stop("a quote is never closed", at_);
        token_ = {};
        at_ = text_.size();
        return;
      }
      token_ = text_.substr(at_, end - at_);
      at_ = end + 1;
      return;
    }
    if (std::string_view("=!<>").find(c) != std::string_view::npos) {
      if (end < text_.size() && text_[end] == '=') ++end;
    } else if (c != '(' && c != ')') {
      while (end < text_.size() && !blank(text_[end]) &&
             std::string_view("()=!<>'").find(text_[end]) == std::string_view::npos) {
        if (text_[end] == '[' && end + 1 < text_.size() && text_[end + 1] == '"')
          end = std::min(text_.find("\"]", end), text_.size() - 1);
        ++end;
      }
    }
    token_ = text_.substr(at_, end - at_);
    at_ = end;
  }

  bool either(size_t depth) {
    if (!both(depth)) return false;
    while (token_ == "or") {
      next();
      if (!both(depth)) return false;
      out_.steps_.push_back({Verb::either, 0, 0});
    }
    return true;
  }
  bool both(size_t depth) {
    if (!term(depth)) return false;
    while (token_ == "and") {
      next();
      if (!term(depth)) return false;
      out_.steps_.push_back({Verb::both, 0, 0});
    }
    return true;
  }
  bool term(size_t depth) {
    if (depth > kDepth) return stop("nested too deeply", token_at_);
    if (token_ == "not") {
      next();
      if (!term(depth + 1)) return false;
      out_.steps_.push_back({Verb::negate, 0, 0});
      return true;
    }
    if (token_ == "(") {
      const size_t opened = token_at_;
      next();
      if (!either(depth + 1)) return false;
      if (token_ != ")")
        return stop(token_.empty() ? "this bracket is never closed" : "\")\" was expected here",
                    token_.empty() ? opened : token_at_);
      next();
      return true;
    }
    return comparison();
  }
  bool comparison() {
    Condition::Step step;
    if (token_ == "exists") {
      next();
      const size_t at = token_at_;
      if (!operand(step.left)) return false;
      if (out_.operands_[step.left].what != What::path) return stop("after exists comes a path", at);
      step.verb = Verb::exists;
      out_.steps_.push_back(step);
      return true;
    }
    const size_t left_at = token_at_;
    if (!operand(step.left)) return false;
    static constexpr std::pair<std::string_view, Verb> kVerbs[] = {{"==", Verb::equal}, {"!=", Verb::not_equal},
                                                                   {"<", Verb::less},   {"<=", Verb::less_equal},
                                                                   {">", Verb::more},   {">=", Verb::more_equal}};
    for (const auto& [sign, verb] : kVerbs) {
      if (token_ != sign) continue;
      next();
      step.verb = verb;
      if (!operand(step.right)) return false;
      out_.steps_.push_back(step);
      return true;
    }
    if (token_ == "=") return stop("to compare write ==", token_at_);
    if (out_.operands_[step.left].what != What::path) return stop("a literal alone is no condition", left_at);
    step.verb = Verb::truth;
    out_.steps_.push_back(step);
    return true;
  }
  bool operand(uint32_t& index) {
    if (error_) return false;
    if (token_.empty()) return stop("a path or a value was expected here", token_at_);
    Condition::Operand operand;
    if (token_[0] == '\'' || token_[0] == '"') {
      operand.what = What::text;
      operand.text = token_.substr(1);
    } else if (token_ == "true" || token_ == "false" || token_ == "null") {
      operand.what = token_ == "true" ? What::yes : token_ == "false" ? What::no : What::nothing;
    } else if (reads_as_number(token_)) {
      operand.what = What::number;
      operand.text = token_;
    } else if (token_ == "and" || token_ == "or" || token_ == "not" || token_ == "exists" ||
               std::string_view("()=!<>+-*/&|,").find(token_[0]) != std::string_view::npos) {
      return stop(fmt::format("\"{}\" was not expected here", token_), token_at_);
    } else {
      auto path = parse_source_path(token_);
      if (!path) return stop(path.error().detail, token_at_);
      operand.what = What::path;
      operand.path = static_cast<uint32_t>(out_.paths_.size());
      out_.paths_.push_back(
          {std::move(*path), static_cast<int>(count_code_points(text_.substr(0, token_at_))) + 1, std::string(token_)});
    }
    index = static_cast<uint32_t>(out_.operands_.size());
    out_.operands_.push_back(std::move(operand));
    next();
    return true;
  }

  std::string_view text_, token_;
  size_t at_ = 0, token_at_ = 0;
  Condition out_;
  std::optional<Error> error_;
};

Result<Condition> Condition::parse(std::string_view text) { return ConditionParser(text).run(); }

bool Condition::compare(const Step& step, const NodeFinder& finder) const {
  struct Value {
    What what = What::nothing;
    std::string_view text;
  };
  const auto value_of = [&](uint32_t index) -> Value {
    const Operand& operand = operands_[index];
    if (operand.what != What::path) return {operand.what, operand.text};
    const Node* node = finder.find(operand.path);
    if (node && node->kind == Kind::object) node = node->find("#text");
    if (!node) return {};
    switch (node->kind) {
      case Kind::boolean:
        return {node->flag ? What::yes : What::no, node->flag ? "true" : "false"};
      case Kind::number:
        return {What::number, node->text};
      case Kind::text:
        return {What::text, node->text};
      default:
        return {};
    }
  };
  const auto truth = [](const Value& value) -> int {  // of a boolean, also one that XML writes as text; -1 otherwise
    if (value.what == What::yes || value.text == "true" || value.text == "1") return 1;
    if (value.what == What::no || value.text == "false" || value.text == "0") return 0;
    return -1;
  };
  const Value left = value_of(step.left), right = value_of(step.right);
  const bool asks_equal = step.verb == Verb::equal || step.verb == Verb::not_equal;
  if (left.what == What::nothing || right.what == What::nothing) {
    const bool same = left.what == right.what;
    return asks_equal && same == (step.verb == Verb::equal);
  }
  const auto is_boolean = [](const Value& value) { return value.what == What::yes || value.what == What::no; };
  if (is_boolean(left) || is_boolean(right)) {
    const bool same = truth(left) >= 0 && truth(left) == truth(right);
    return asks_equal && same == (step.verb == Verb::equal);
  }
  int order = 0;
  if (left.what == What::number || right.what == What::number) {
    if (!reads_as_number(left.text) || !reads_as_number(right.text)) return step.verb == Verb::not_equal;
    order = compare_numbers(left.text, right.text);
  } else {
    order = left.text.compare(right.text);
  }
  switch (step.verb) {
    case Verb::equal:
      return order == 0;
    case Verb::not_equal:
      return order != 0;
    case Verb::less:
      return order < 0;
    case Verb::less_equal:
      return order <= 0;
    case Verb::more:
      return order > 0;
    default:
      return order >= 0;
  }
}

bool Condition::holds(const NodeFinder& finder) const {
  uint64_t stack = 0;  // the last truth in the lowest bit
  for (const Step& step : steps_) {
    switch (step.verb) {
      case Verb::both:
        stack = ((stack >> 1) & ~uint64_t{1}) | ((stack & 1) & ((stack >> 1) & 1));
        break;
      case Verb::either:
        stack = (stack >> 1) | (stack & 1);
        break;
      case Verb::negate:
        stack ^= 1;
        break;
      case Verb::exists: {
        const Node* node = finder.find(operands_[step.left].path);
        stack = (stack << 1) | (node && node->kind != Kind::null ? 1 : 0);
        break;
      }
      case Verb::truth: {
        const Node* node = finder.find(operands_[step.left].path);
        const bool yes = node && (node->kind == Kind::boolean
                                      ? node->flag
                                      : node->kind == Kind::text && (node->text == "true" || node->text == "1"));
        stack = (stack << 1) | (yes ? 1 : 0);
        break;
      }
      default:
        stack = (stack << 1) | (compare(step, finder) ? 1 : 0);
    }
  }
  return stack & 1;
}

}  // namespace lt::mapping
