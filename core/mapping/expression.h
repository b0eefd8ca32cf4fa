// The expressions of mapping files (when, required_when, where, one_way, only_back): small, typed, pure, total.
//
//   expression = conjunct {or conjunct}      conjunct = term {and term}      term = not term | comparison
//   comparison = operand [(== != < <= > >=) operand | in ( literal {, literal} )]
//   operand    = ( expression ) | exists PATH | FUNCTION ( arguments ) | literal | PATH
//   literal    = 'text' | "text" | 12.5 | true | false | null
//   PATH       = as path.h has it; also &.A, of the matched item
//
//   concat(a, ...)       coalesce(a, ...)       if(condition, a, b)       upper(x)       lower(x)       length(x)
//   substring(x, start[, length])   code points, from 1, as in XPath; out of range gives what is there
//   fold(x)                         unaccented, small letters, single blanks
//   count(PATH)                     items of an array or repeated element
//   any(PATH[, condition])          is there an item for which; in the condition relative paths begin at the item,
//                                   and ^ is the object around the array
//   date(x, 'dd/MM/yyyy')           the ISO day, in Viet Nam when an offset is given
//   number(x)
//
// Absent is a value. Functions of an absent or null argument are absent, but: concat takes it as "", coalesce gives its
// last argument when none is there, if() gives the branch chosen as it is, and count, any, exists and comparisons
// always have a value. date and number are absent when x does not read as one. Absent equals null and nothing else; <
// <= > >= with it are false. With a number on one side numbers compare, by value; texts compare byte by byte, which is
// right for ISO dates. Where a truth is wanted, true and the texts "true" and "1" (XML) are true; of an XML element
// with attributes say x == true. A lifted string exists and is not null, but has no value: all other comparisons of it
// are false.
//
// Parsed once into a flat program. Evaluation takes nothing from the heap, except what the arena grows by and what
// fold() works with. Texts it makes live in the arena; values borrow from it, from the document and from the
// Expression: keep these alive and unmoved.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/date_pattern.h"
#include "core/mapping/path.h"

namespace lt {
struct Node;
class Tree;
}  // namespace lt

namespace lt::mapping {

// What an expression or a path can give: `unknown` may be anything, `never` has no value (null, an object, an array).
enum class ValueType : uint8_t { unknown, text, number, boolean, never };

// Where the paths of an expression lead in one document. `item` is the item of any() that the path begins at, null
// where Path::within is -1. A path of `many` may lead to an array, or to the first of a repeated element. A finder
// whose walks are long may take from the same budget of steps that the evaluation was given.
class PathFinder {
 public:
  virtual ~PathFinder() = default;
  virtual const Node* find(uint32_t path, const Node* item) const = 0;
};

class Expression {
 public:
  struct Path {
    SourcePath path;
    int column = 1;  // in the expression, from 1, in code points
    std::string text;
    bool many = false;  // of count, any or exists: may lead to a repeated field
    int within = -1;    // it begins at the items of paths()[within], the path of an any()
  };
  enum class State : uint8_t { absent, null, text, number, boolean };
  struct Value {
    State state = State::absent;
    bool flag = false;             // of a boolean
    std::string_view text;         // of a text or number
    const Node* origin = nullptr;  // the node, when a path gave it; absent with an origin: object, array, lifted string
  };

  // Error bad_expression; place.column is the column in the expression, in code points.
  static Result<Expression> parse(std::string_view text);
  // The functions of the language, for editors.
  static std::vector<std::string_view> function_names();

  const std::vector<Path>& paths() const { return paths_; }
  // What it gives when paths()[i] has path_types[i] (missing ones are unknown). Error bad_expression as above. A user
  // who needs a condition takes boolean and unknown.
  Result<ValueType> check(const std::vector<ValueType>& path_types) const;

  // `finder.find(i, ...)` answers paths()[i]. Takes from `steps` what it costs. Error too_much_work when they are used
  // up, or when more than limits::kExpressionText bytes of text were made.
  Result<Value> value(const PathFinder& finder, Tree& arena, uint64_t& steps) const;
  Result<bool> holds(const PathFinder& finder, Tree& arena, uint64_t& steps) const;

 private:
  friend class ExpressionParser;
  friend class ExpressionChecker;
  friend class ExpressionRun;

  enum class Sign : uint8_t { equal, not_equal, less, less_equal, more, more_equal };
  enum class Verb : uint8_t {
    path,      // a: path              pushes its value
    literal,   // a: literal
    exists,    // a: path
    compare,   // n: Sign
    within,    // a: first literal, n: how many
    negate,    //
    truth,     //                      makes the top a boolean
    both,      // a: where to go on    a false top stays and jumps, a true one goes
    either,    // a: where to go on    a true top stays and jumps, a false one goes
    unless,    // a: where to go on    takes the top, jumps when it is not true
    jump,      // a: where to go on
    coalesce,  // a: where to go on    a top that is there stays and jumps, another goes
    count,     // a: path
    any,       // a: path              are there items?
    each,      // a: path, b: where to go on without items
    next,      // a: the body          takes the answer for one item; false: once more with the next item
    concat,    // n: how many
    upper,
    lower,
    fold,
    length,
    substring,  // n: 2 or 3
    number,
    date  // a: pattern
  };
  struct Op {
    Verb verb = Verb::path;
    uint16_t n = 0;
    uint32_t a = 0, b = 0;
  };
  // The same in postfix order and without jumps, for check(). `coalesce` and `concat` have all their arguments in n,
  // `unless` stands for if(), `each` for an any() with a condition, `any` for one without.
  struct Term {
    Verb verb = Verb::path;
    uint16_t n = 0;
    uint32_t a = 0;
    int column = 1;
  };
  struct Literal {
    State state = State::null;
    bool flag = false;
    std::string text;
    int column = 1;
  };

  std::vector<Path> paths_;
  std::vector<bool> single_;  // of paths: leads to one node, though siblings may have its name
  std::vector<Literal> literals_;
  std::vector<DatePattern> dates_;
  std::vector<Op> ops_;
  std::vector<Term> terms_;
};

}  // namespace lt::mapping
