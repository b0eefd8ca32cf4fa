// Line 1 an expression, the rest a JSON document: whatever parses has a value on every document, in bounded work.
#include "core/mapping/expression.h"

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/message/tree.h"
#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;
using mapping::Expression;

namespace {

class Finder final : public mapping::PathFinder {
 public:
  Finder(const Expression& expression, const Node* root) : expression_(expression), root_(root) {}
  const Node* find(uint32_t path, const Node* item) const override {
    const auto& wanted = expression_.paths()[path];
    const Node* at = wanted.within >= 0 && item ? item : root_;
    for (uint32_t i = 0; i < wanted.path.up && at; ++i) {
      at = at->parent;
      while (at && at->kind == Kind::array) at = at->parent;
    }
    for (const auto& step : wanted.path.steps) at = at && at->kind == Kind::object ? at->find(step.name) : nullptr;
    return at;
  }

 private:
  const Expression& expression_;
  const Node* root_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto [line, text] = halves(view(bytes, size), '\n');
  if (!is_utf8(line)) return 0;  // expressions stand in YAML, which is UTF-8
  const auto expression = Expression::parse(line);
  if (!expression) {
    check_error(expression.error());
    require(expression.error().place.column >= 1, "the column is known");
    return 0;
  }
  const auto type = expression->check({});
  if (!type) check_error(type.error());
  Tree document, arena;
  if (!codec::parse_json(std::string(text), document))
    static_cast<void>(codec::parse_json("{\"a\":[{\"b\":1}]}", document));
  uint64_t steps = 100'000;
  const auto value = expression->value(Finder(*expression, document.root()), arena, steps);
  if (!value) require(value.error().code == Code::too_much_work, "nothing but its work can stop an expression");
  steps = 100'000;
  const auto holds = expression->holds(Finder(*expression, document.root()), arena, steps);
  if (!holds) require(holds.error().code == Code::too_much_work, "nothing but its work can stop a condition");
  return 0;
}
