// The language of `when`: comparisons of paths with literals or paths, joined by and, or, not. Pure, total, bounded.
//
//   Loai == 'TC' and not (MucDo < 3 or exists ^.GhiChu)
//   condition = conjunct {or conjunct}    conjunct = term {and term}    term = not term | ( condition ) | comparison
//   comparison = exists PATH | PATH | operand (== != < <= > >=) operand    operand = PATH | 'text' | "text" | 12.5 |
//   true | false | null
//
// A number literal compares by value, with any text or number that reads as one; texts compare byte by byte, which is
// right for ISO dates. A missing field equals null and nothing else; < <= > >= with it are false. A path alone must be
// a true boolean. Parsed once into a flat program in postfix order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/path.h"

namespace lt {
struct Node;
}

namespace lt::mapping {

// Where the paths of a condition lead in one document.
class NodeFinder {
 public:
  virtual ~NodeFinder() = default;
  virtual const Node* find(uint32_t path) const = 0;
};

class Condition {
 public:
  struct Path {
    SourcePath path;
    int column = 1;  // in the expression, from 1, in code points
    std::string text;
  };
  // Error bad_expression; place.column is the column in the expression.
  static Result<Condition> parse(std::string_view text);

  const std::vector<Path>& paths() const { return paths_; }
  // `finder.find(i)` answers paths()[i].
  bool holds(const NodeFinder& finder) const;

 private:
  friend class ConditionParser;
  enum class Verb : uint8_t {
    equal,
    not_equal,
    less,
    less_equal,
    more,
    more_equal,
    exists,
    truth,
    both,
    either,
    negate
  };
  enum class What : uint8_t { path, text, number, yes, no, nothing };
  struct Operand {
    What what = What::nothing;
    uint32_t path = 0;
    std::string text;
  };
  struct Step {
    Verb verb = Verb::truth;
    uint32_t left = 0, right = 0;  // operands
  };
  bool compare(const Step& step, const NodeFinder& finder) const;

  std::vector<Path> paths_;
  std::vector<Operand> operands_;
  std::vector<Step> steps_;
};

}  // namespace lt::mapping
