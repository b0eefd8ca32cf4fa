#include "core/mapping/condition.h"

#include <doctest/doctest.h>

#include "core/codec/json.h"
#include "core/mapping/number_text.h"
#include "core/message/tree.h"

using namespace lt;
using namespace lt::mapping;

namespace {

class RootFinder final : public NodeFinder {
 public:
  RootFinder(const Condition& condition, const Node* root) : condition_(condition), root_(root) {}
  const Node* find(uint32_t path) const override {
    const Node* at = root_;
    for (const auto& step : condition_.paths()[path].path.steps) at = at ? at->find(step) : nullptr;
    return at;
  }

 private:
  const Condition& condition_;
  const Node* root_;
};

bool holds(const std::string& text,
           const std::string& document =
               R"({"a":"x","n":3,"s":"3.0","t":true,"f":false,"z":null,"o":{"k":"v"},"big":9007199254740993})") {
  auto condition = Condition::parse(text);
  REQUIRE_MESSAGE(condition, text);
  Tree tree;
  REQUIRE(codec::parse_json(std::string(document), tree));
  return condition->holds(RootFinder(*condition, tree.root()));
}
int column(const std::string& text) {
  auto condition = Condition::parse(text);
  REQUIRE_MESSAGE(!condition, text);
  return condition.error().place.column;
}

}  // namespace

TEST_CASE("comparisons") {
  for (const char* yes : {"a == 'x'",
                          "a != \"y\"",
                          "n == 3",
                          "n == 3.00",
                          "s == 3",
                          "n < 10",
                          "n >= 3",
                          "a < 'y'",
                          "t",
                          "t == true",
                          "not f",
                          "f == false",
                          "o.k == 'v'",
                          "missing == null",
                          "z == null",
                          "a != null",
                          "missing != 'x'",
                          "big > 9007199254740992",
                          "exists a",
                          "not exists missing",
                          "n == s",
                          "-1 < n"})
    CHECK_MESSAGE(holds(yes), yes);
  for (const char* no : {"a == 'X'", "missing < 5", "missing >= 5", "a > 3", "a == 3", "missing == 'x'", "a", "n",
                         "exists z", "big == 9007199254740992", "o == 'v'"})
    CHECK_MESSAGE(!holds(no), no);
}

TEST_CASE("and binds tighter than or, brackets and not") {
  CHECK(holds("t or t and f"));
  CHECK(!holds("(t or t) and f"));
  CHECK(holds("not f and t"));
  CHECK(!holds("not (f or t)"));
  CHECK(holds("f or (f or (t and not f))"));
  CHECK(!holds("f and f or f"));
}

TEST_CASE("errors name the column, in code points") {
  CHECK(column("a = 1") == 3);
  CHECK(column("a == ") == 6);
  CHECK(column("a == 'x") == 6);
  CHECK(column("(a == 1") == 1);
  CHECK(column("a == 1)") == 7);
  CHECK(column("a == 'Nguy\u1ec5n' b") == 15);
  CHECK(column("'x'") == 1);
  CHECK(column("exists 3") == 8);
  CHECK(column("and a") == 1);
  CHECK(column("") == 1);
  CHECK(column("a[0] == 1") == 1);
  CHECK(column(std::string(60, '(') + "a" + std::string(60, ')')) > 1);
}

TEST_CASE("numbers as text") {
  CHECK(compare_numbers("007", "7.00") == 0);
  CHECK(compare_numbers("-2", "1") < 0);
  CHECK(compare_numbers("-2", "-10") > 0);
  CHECK(compare_numbers("-0", "0") == 0);
  CHECK(compare_numbers("1.05", "1.5") < 0);
  char buffer[16];
  CHECK(plain_number("-007.50", buffer) == "-7.50");
  CHECK(plain_number("+0.5", buffer) == "0.5");
  CHECK(plain_number("000", buffer) == "0");
  CHECK(!reads_as_number("1."));
  CHECK(!reads_as_number("1e3"));
  CHECK(!reads_as_number(""));
}
