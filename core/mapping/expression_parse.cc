#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/config/diagnostics.h"
#include "core/mapping/expression.h"
#include "core/mapping/expression_text.h"
#include "core/mapping/number_text.h"

namespace lt::mapping {
namespace {

constexpr uint16_t kJoinedAtOnce = 8;  // a long concat() is joined piece by piece, so that it needs few places

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool one_of(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

}  // namespace

class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  Result<Expression> run() {
    if (text_.size() > limits::kExpression)
      return fail(refuse(fmt::format("longer than {} bytes", limits::kExpression), 0));
    next();
    if (!either(0) || error_) return fail(std::move(*error_));
    if (!token_.empty()) return fail(refuse(unexpected(), token_at_));
    return std::move(out_);
  }
  static std::vector<std::string_view> function_names() {
    std::vector<std::string_view> names;
    for (const Function& function : kFunctions) names.push_back(function.name);
    return names;
  }

 private:
  using Verb = Expression::Verb;
  using Sign = Expression::Sign;
  using State = Expression::State;
  struct Function {
    std::string_view name;
    Verb verb;
    int least, most;  // arguments
  };
  static constexpr int kMany = INT32_MAX;
  static constexpr Function kFunctions[] = {
      {"concat", Verb::concat, 1, kMany}, {"coalesce", Verb::coalesce, 1, kMany}, {"if", Verb::unless, 3, 3},
      {"upper", Verb::upper, 1, 1},       {"lower", Verb::lower, 1, 1},           {"fold", Verb::fold, 1, 1},
      {"length", Verb::length, 1, 1},     {"substring", Verb::substring, 2, 3},   {"count", Verb::count, 1, 1},
      {"any", Verb::any, 1, 2},           {"number", Verb::number, 1, 1},         {"date", Verb::date, 2, 2}};

  int column(size_t at) const { return static_cast<int>(count_code_points(text_.substr(0, at))) + 1; }
  Error refuse(std::string why, size_t at) const {
    Place place;
    place.column = column(at);
    return Error(Code::bad_expression, std::move(why), std::move(place));
  }
  bool stop(std::string why, size_t at) {
    if (!error_) error_ = refuse(std::move(why), at);
    return false;
  }
  std::string unexpected() const { return fmt::format("\"{}\" was not expected here", token_); }

  // The next token, "" at the end. A text literal keeps its opening quote as its first byte, and loses the closing one.
  void next() {
    while (at_ < text_.size() && blank(text_[at_])) ++at_;
    token_at_ = at_;
    if (at_ == text_.size()) return void(token_ = {});
    const char c = text_[at_];
    size_t end = at_ + 1;
    if (c == '\'' || c == '"') {
      end = text_.find(c, at_ + 1);
      if (end == std::string_view::npos) return unclosed("a quote is never closed", at_);
      token_ = text_.substr(at_, end - at_);
      at_ = end + 1;
      return;
    }
    if (one_of("=!<>", c)) {
      if (end < text_.size() && text_[end] == '=') ++end;
    } else if (!one_of("(),", c)) {
      for (end = at_; end < text_.size() && !blank(text_[end]) && !one_of("()=!<>',", text_[end]); ++end) {
        if (text_[end] != '[') continue;
        const size_t close = closing_bracket(text_, end);
        if (close == std::string_view::npos) return unclosed("\"[\" is never closed", end);
        end = close;
      }
    }
    token_ = text_.substr(at_, end - at_);
    at_ = end;
  }
  void unclosed(const char* why, size_t at) {
    stop(why, at);
    token_ = {};
    at_ = text_.size();
  }
  bool bracket_follows() const {
    size_t at = at_;
    while (at < text_.size() && blank(text_[at])) ++at;
    return at < text_.size() && text_[at] == '(';
  }

  uint32_t here() const { return static_cast<uint32_t>(out_.ops_.size()); }
  uint32_t emit(Verb verb, uint32_t a = 0, uint16_t n = 0) {
    out_.ops_.push_back({verb, n, a, 0});
    return here() - 1;
  }
  void say(Verb verb, size_t at, uint32_t a = 0, size_t n = 0) {
    out_.terms_.push_back({verb, static_cast<uint16_t>(n), a, column(at)});
  }
  // Keeps count of the places that evaluation needs on its stack.
  bool push(size_t at) {
    if (++height_ > limits::kExpressionDepth) return stop("nested too deeply", at);
    return true;
  }
  bool deep(size_t depth) { return depth > limits::kExpressionDepth ? stop("nested too deeply", token_at_) : true; }

  bool either(size_t depth) {
    if (!both(depth)) return false;
    while (token_ == "or") {
      if (!second(Verb::either, depth, &ExpressionParser::both)) return false;
    }
    return true;
  }
  bool both(size_t depth) {
    if (!term(depth)) return false;
    while (token_ == "and") {
      if (!second(Verb::both, depth, &ExpressionParser::term)) return false;
    }
    return true;
  }
  // The right side of `and` and `or`, looked at only when the left one leaves it open.
  bool second(Verb verb, size_t depth, bool (ExpressionParser::*side)(size_t)) {
    const size_t at = token_at_;
    next();
    const uint32_t jump = emit(verb);
    --height_;
    if (!(this->*side)(depth)) return false;
    emit(Verb::truth);
    out_.ops_[jump].a = here();
    say(verb, at);
    return true;
  }
  bool term(size_t depth) {
    if (!deep(depth)) return false;
    if (token_ != "not") return comparison(depth);
    const size_t at = token_at_;
    next();
    if (!term(depth + 1)) return false;
    emit(Verb::negate);
    say(Verb::negate, at);
    return true;
  }
  bool comparison(size_t depth) {
    if (!operand(depth)) return false;
    static constexpr std::pair<std::string_view, Sign> kSigns[] = {{"==", Sign::equal}, {"!=", Sign::not_equal},
                                                                   {"<", Sign::less},   {"<=", Sign::less_equal},
                                                                   {">", Sign::more},   {">=", Sign::more_equal}};
    const size_t at = token_at_;
    for (const auto& [sign, verb] : kSigns) {
      if (token_ != sign) continue;
      next();
      if (!operand(depth)) return false;
      emit(Verb::compare, 0, static_cast<uint16_t>(verb));
      --height_;
      say(Verb::compare, at, 0, static_cast<size_t>(verb));
      return true;
    }
    if (token_ == "=") return stop("to compare write ==", at);
    return token_ == "in" ? list() : true;
  }
  bool list() {
    const size_t at = token_at_;
    next();
    if (token_ != "(") return stop("after in comes a list of values in brackets", token_at_);
    const size_t first = out_.literals_.size(), opened = token_at_;
    do {
      next();
      if (error_) return false;
      if (!literal()) return stop("a value was expected here: 'text', 12.5, true, false or null", token_at_);
      next();
    } while (token_ == ",");
    if (!close(opened)) return false;
    const size_t count = out_.literals_.size() - first;
    emit(Verb::within, static_cast<uint32_t>(first), static_cast<uint16_t>(count));
    say(Verb::within, at, static_cast<uint32_t>(first), count);
    return true;
  }
  bool close(size_t opened) {
    if (error_) return false;
    if (token_.empty()) return stop("this bracket is never closed", opened);
    if (token_ != ")") return stop(fmt::format("\")\" was expected here, not \"{}\"", token_), token_at_);
    next();
    return !error_;
  }

  bool operand(size_t depth) {
    if (error_) return false;
    if (token_.empty()) return stop("a path or a value was expected here", token_at_);
    if (token_ == "(") {
      const size_t opened = token_at_;
      if (!deep(depth + 1)) return false;
      next();
      return either(depth + 1) && close(opened);
    }
    const size_t at = token_at_;
    if (token_ == "exists") return exists();
    if (token_ == "and" || token_ == "or" || token_ == "not") return stop(unexpected(), at);
    if (literal()) {
      const auto index = static_cast<uint32_t>(out_.literals_.size() - 1);
      emit(Verb::literal, index);
      say(Verb::literal, at, index);
      next();
      return push(at);
    }
    if (bracket_follows() && !one_of("=!<>+-*/&|,)", token_[0])) return function(depth);
    uint32_t index = 0;
    if (!path(index, false)) return false;
    emit(Verb::path, index);
    say(Verb::path, at, index);
    return push(at);
  }
  bool exists() {
    const size_t at = token_at_;
    next();
    const bool brackets = token_ == "(";
    const size_t opened = token_at_;
    if (brackets) next();
    uint32_t index = 0;
    if (!only_path("exists", index) || (brackets && !close(opened))) return false;
    emit(Verb::exists, index);
    say(Verb::exists, at, index);
    return push(at);
  }

  // Takes the token in hand when it is a literal; does not go on to the next.
  bool literal() {
    if (token_.empty()) return false;
    Expression::Literal out;
    out.column = column(token_at_);
    if (token_[0] == '\'' || token_[0] == '"') {
      out.state = State::text;
      out.text = token_.substr(1);
    } else if (token_ == "true" || token_ == "false") {
      out.state = State::boolean;
      out.flag = token_ == "true";
    } else if (reads_as_number(token_)) {
      out.state = State::number;
      std::string buffer(token_.size(), '\0');
      out.text = std::string(plain_number(token_, buffer.data()));
    } else if (token_ != "null") {
      return false;
    }
    out_.literals_.push_back(std::move(out));
    return true;
  }
  // Takes the path in hand and goes on.
  bool path(uint32_t& index, bool many) {
    if (error_) return false;
    const bool matched = token_ == "&" || token_.substr(0, 2) == "&." || token_.substr(0, 2) == "&[";
    if (one_of("()=!<>+-*/|,", token_[0]) || (token_[0] == '&' && !matched)) return stop(unexpected(), token_at_);
    auto parsed = parse_source_path(token_);
    if (!parsed) return stop(parsed.error().detail, token_at_);
    Expression::Path out;
    out.within = parsed->from_root || matched ? -1 : within_;
    out_.single_.push_back(parsed->steps.empty() || token_ == "&" ||
                           (token_.ends_with("]") && !token_.ends_with("\"]")));
    out.path = std::move(*parsed);
    out.column = column(token_at_);
    out.text = token_;
    out.many = many;
    index = static_cast<uint32_t>(out_.paths_.size());
    out_.paths_.push_back(std::move(out));
    next();
    return !error_;
  }
  bool only_path(std::string_view who, uint32_t& index) {
    if (error_) return false;
    if (token_.empty() || one_of("'\"()=!<>,", token_[0]) || token_ == "true" || token_ == "false" ||
        token_ == "null" || token_ == "and" || token_ == "or" || token_ == "not" || reads_as_number(token_) ||
        bracket_follows())
      return stop(fmt::format("after {} comes a path", who), token_at_);
    return path(index, true);
  }

  bool function(size_t depth) {
    const auto* known =
        std::find_if(std::begin(kFunctions), std::end(kFunctions), [&](const auto& f) { return f.name == token_; });
    if (known == std::end(kFunctions)) {
      std::vector<std::string> names;
      for (const Function& each : kFunctions) names.emplace_back(each.name);
      return stop(fmt::format("unknown function \"{}\"; {}", token_, config::suggestion(token_, names)), token_at_);
    }
    const size_t at = token_at_;
    next();
    const size_t opened = token_at_;
    if (!deep(depth + 1)) return false;
    next();
    int count = 0;
    Call call{*known, at, depth + 1, {}};
    if (token_ != ")") {
      while (true) {
        if (count == known->most) return stop(arity(*known, "more"), token_at_);
        if (!argument(call, ++count)) return false;
        if (token_ != ",") break;
        next();
      }
    }
    if (error_) return false;
    if (token_ == ")" && count < known->least) return stop(arity(*known, count == 0 ? "none" : "fewer"), at);
    return close(opened) && finish(call, count);
  }
  static std::string arity(const Function& f, std::string_view had) {
    const std::string wanted = f.most == kMany     ? fmt::format("at least {}", f.least)
                               : f.least == f.most ? fmt::format("{}", f.least)
                                                   : fmt::format("{} or {}", f.least, f.most);
    return fmt::format("{} takes {} argument{}, here are {}", f.name, wanted, wanted.ends_with('1') ? "" : "s", had);
  }

  struct Call {
    const Function& function;
    size_t at;  // of its name
    size_t depth;
    std::vector<uint32_t> jumps;
    uint32_t path = 0;
    int outer = -1;      // the any() around
    uint32_t begin = 0;  // of the loop
    uint16_t held = 0;   // arguments of a concat on the stack
  };
  // The argument number `index`, from 1, with what has to be done before it.
  bool argument(Call& call, int index) {
    const Verb verb = call.function.verb;
    if (error_) return false;
    if (index == 1 && (verb == Verb::count || verb == Verb::any)) return only_path(call.function.name, call.path);
    if (verb == Verb::date && index == 2) return pattern();
    if (verb == Verb::any) {
      call.outer = std::exchange(within_, static_cast<int>(call.path));
      call.begin = emit(Verb::each, call.path);
    } else if (verb == Verb::coalesce && index > 1) {
      call.jumps.push_back(emit(Verb::coalesce));
      --height_;
    } else if (verb == Verb::unless && index > 1) {
      call.jumps.push_back(emit(index == 2 ? Verb::unless : Verb::jump));
      if (index == 3) out_.ops_[call.jumps[0]].a = here();
      --height_;
    }
    if (!either(call.depth)) return false;
    if (verb == Verb::concat && ++call.held == kJoinedAtOnce) join(call);
    return true;
  }
  void join(Call& call) {
    emit(Verb::concat, 0, call.held);
    height_ -= call.held - 1u;
    call.held = 1;
  }
  bool pattern() {
    if (token_.empty() || (token_[0] != '\'' && token_[0] != '"'))
      return stop("date takes a pattern as 'dd/MM/yyyy', a text in quotes", token_at_);
    auto parsed = DatePattern::parse(token_.substr(1));
    if (!parsed) return stop(parsed.error().detail, token_at_);
    out_.dates_.push_back(std::move(*parsed));
    next();
    return true;
  }
  bool finish(Call& call, int count) {
    Verb verb = call.function.verb;
    if (verb == Verb::any && count == 2) {
      verb = Verb::each;
      emit(Verb::next, call.begin + 1);
      out_.ops_[call.begin].b = here();
      within_ = call.outer;
    } else if (verb == Verb::count || verb == Verb::any) {
      emit(verb, call.path);
    } else if (verb == Verb::concat) {
      join(call);
    } else if (verb == Verb::coalesce || verb == Verb::unless) {
      for (const uint32_t jump : call.jumps)
        if (out_.ops_[jump].a == 0) out_.ops_[jump].a = here();
    } else {
      emit(verb, verb == Verb::date ? static_cast<uint32_t>(out_.dates_.size() - 1) : 0, static_cast<uint16_t>(count));
      if (verb == Verb::substring) height_ -= static_cast<size_t>(count) - 1;
    }
    say(verb, call.at, call.path, static_cast<size_t>(count));
    return verb == Verb::count || verb == Verb::any ? push(call.at) : true;
  }

  std::string_view text_, token_;
  size_t at_ = 0, token_at_ = 0;
  size_t height_ = 0;
  int within_ = -1;
  Expression out_;
  std::optional<Error> error_;
};

Result<Expression> Expression::parse(std::string_view text) { return ExpressionParser(text).run(); }
std::vector<std::string_view> Expression::function_names() { return ExpressionParser::function_names(); }

}  // namespace lt::mapping
