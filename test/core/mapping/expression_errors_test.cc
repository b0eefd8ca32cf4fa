#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/mapping/expression.h"

using namespace lt;
using namespace lt::mapping;

namespace {

Error refused(const std::string& text) {
  auto expression = Expression::parse(text);
  REQUIRE_MESSAGE(!expression, text);
  CHECK(expression.error().code == Code::bad_expression);
  return expression.error();
}
int column(const std::string& text) { return refused(text).place.column; }
bool says(const std::string& text, const std::string& part) {
  return refused(text).detail.find(part) != std::string::npos;
}

// Paths by their first letter: t text, n number, b boolean, o object; anything else undeclared.
Result<ValueType> checked(const std::string& text) {
  auto expression = Expression::parse(text);
  REQUIRE_MESSAGE(expression, text);
  std::vector<ValueType> types;
  for (const auto& path : expression->paths())
    types.push_back(path.text[0] == 't'   ? ValueType::text
                    : path.text[0] == 'n' ? ValueType::number
                    : path.text[0] == 'b' ? ValueType::boolean
                    : path.text[0] == 'o' ? ValueType::never
                                          : ValueType::unknown);
  return expression->check(types);
}
int wrong(const std::string& text) {
  const auto type = checked(text);
  REQUIRE_MESSAGE(!type, text);
  CHECK(type.error().code == Code::bad_expression);
  CHECK(!type.error().detail.empty());
  return type.error().place.column;
}

}  // namespace

TEST_CASE("expression: errors name the column, in code points") {
  CHECK(column("a = 1") == 3);
  CHECK(column("a == ") == 6);
  CHECK(column("a == 'x") == 6);
  CHECK(column("(a == 1") == 1);
  CHECK(column("a == 1)") == 7);
  CHECK(column("a == 'Nguy\u1ec5n' b") == 15);
  CHECK(column("exists 3") == 8);
  CHECK(column("exists") == 7);
  CHECK(column("and a") == 1);
  CHECK(column("") == 1);
  CHECK(column("a[0] == 1") == 1);
  CHECK(column("a[b == 1") == 2);
  CHECK(column("a && b") == 3);
  CHECK(column("&& b") == 1);
  CHECK(column("a, b") == 2);
  CHECK(column("a == b == c") == 8);
  CHECK(column("a == not b") == 6);
  CHECK(column("a + 1") == 3);
  CHECK(column("a in 'x'") == 6);
  CHECK(column("a in (b)") == 7);
  CHECK(column("a in ()") == 7);
  CHECK(column("a in ('x'") == 6);
  CHECK(column("count('x')") == 7);
  CHECK(column("any(upper(a))") == 5);
  CHECK(column("count(a == 1)") == 9);
  CHECK(column("concat(a,)") == 10);
  CHECK(column("concat(a b)") == 10);
  CHECK(column("concat(a") == 7);
  CHECK(column("'x' (a)") == 5);
}

TEST_CASE("expression: unknown functions get the nearest name, arguments are counted") {
  CHECK(column("a or uper(b)") == 6);
  CHECK(says("uper(b)", "did you mean \"upper\"?"));
  CHECK(says("sum(b)", "unknown function \"sum\""));
  CHECK(says("sum(b)", "concat"));
  CHECK(says("A.B(c)", "unknown function \"A.B\""));
  CHECK(column("upper()") == 1);
  CHECK(says("upper()", "takes 1 argument,"));
  CHECK(column("upper(a, b)") == 10);
  CHECK(column("a == if(b, c)") == 6);
  CHECK(column("if(a, b, c, d)") == 13);
  CHECK(says("substring(a)", "2 or 3 arguments"));
  CHECK(column("substring(a, 1, 2, 3)") == 20);
  CHECK(column("concat()") == 1);
  CHECK(says("concat()", "at least 1"));
  for (const char* bad : {"coalesce()", "lower()", "fold(a, b)", "length()", "number(a, 1)", "count()", "count(a, b)",
                          "any()", "any(a, b, c)", "date(a)", "date(a, 'yyyy-MM-dd', 1)"})
    CHECK_MESSAGE(!Expression::parse(bad), bad);
  CHECK(column("date(a, b)") == 9);
  CHECK(column("date(a, 'dd/MM')") == 9);
  CHECK(says("date(a, 'QQ')", "unknown letters"));
}

TEST_CASE("expression: types") {
  const auto type = [](const std::string& text) {
    const auto got = checked(text);
    REQUIRE_MESSAGE(got, text << (got ? "" : ": " + got.error().text()));
    return *got;
  };
  for (const char* text : {"t1", "'x'", "concat(n, b, t, u)", "upper(t)", "lower(u)", "fold(t)", "substring(t, n, 2)",
                           "date(t, 'yyyy-MM-dd')", "coalesce(t, 'x', null)", "if(b, 'x', t)", "if(b, null, t)"})
    CHECK_MESSAGE(type(text) == ValueType::text, text);
  for (const char* number : {"n1", "12", "length(t)", "count(o)", "number(t)", "number(n)", "coalesce(n, 0)"})
    CHECK_MESSAGE(type(number) == ValueType::number, number);
  for (const char* boolean : {"b",
                              "true",
                              "t == 'x'",
                              "n < 3",
                              "n == t",
                              "t == 3",
                              "n == '3'",
                              "t == true",
                              "b == u",
                              "not b",
                              "b and u",
                              "u or u",
                              "exists o",
                              "any(o)",
                              "any(o, b)",
                              "n in (1, 2)",
                              "t in ('A', 'B', null)",
                              "n != null",
                              "b == null",
                              "if(b, b, false)",
                              "any(o, t == 'x' and any(o, u))"})
    CHECK_MESSAGE(type(boolean) == ValueType::boolean, boolean);
  CHECK(type("u") == ValueType::unknown);
  CHECK(type("if(b, t, n)") == ValueType::unknown);
  CHECK(type("coalesce(t, u)") == ValueType::unknown);
  CHECK(type("null") == ValueType::never);
  CHECK(type("o") == ValueType::never);
  auto bare = Expression::parse("x and y");
  REQUIRE(bare);
  CHECK(bare->check({}) == ValueType::boolean);  // without a schema
}

TEST_CASE("expression: errors of types name the column") {
  CHECK(wrong("length(12)") == 8);
  CHECK(wrong("upper(true)") == 7);
  CHECK(wrong("lower(n)") == 7);
  CHECK(wrong("fold(b)") == 6);
  CHECK(wrong("upper(null)") == 7);
  CHECK(wrong("upper(o)") == 7);
  CHECK(wrong("date(n, 'yyyyMMdd')") == 6);
  CHECK(wrong("substring(n, 1)") == 11);
  CHECK(wrong("substring(t, 'a')") == 14);
  CHECK(wrong("substring(t, 1, b)") == 17);
  CHECK(wrong("number(true)") == 8);
  CHECK(wrong("concat('x', o)") == 13);
  CHECK(wrong("coalesce(o, 'x')") == 10);
  CHECK(wrong("if(t, 1, 2)") == 4);
  CHECK(wrong("if(b, o, 2)") == 7);
  CHECK(wrong("any(o, t)") == 8);
  CHECK(wrong("any(o, count(o))") == 8);
  CHECK(wrong("b == 'true'") == 6);
  CHECK(wrong("'true' == b") == 1);
  CHECK(wrong("b == 1") == 6);
  CHECK(wrong("b != upper(t)") == 6);
  CHECK(wrong("b in (true, 'x')") == 13);
  CHECK(wrong("b < true") == 1);
  CHECK(wrong("t >= null") == 6);
  CHECK(wrong("n == 'x'") == 6);
  CHECK(wrong("n >= '3'") == 6);
  CHECK(wrong("o == 'x'") == 1);
  CHECK(wrong("t == o") == 6);
  CHECK(wrong("b and t") == 7);
  CHECK(wrong("n or b") == 1);
  CHECK(wrong("b and not n") == 11);
  CHECK(wrong("not 'x'") == 5);
  CHECK(wrong("b and count(o)") == 7);
  CHECK(wrong("t == 'Nguy\u1ec5n' and length(12) > 1") == 26);
}
