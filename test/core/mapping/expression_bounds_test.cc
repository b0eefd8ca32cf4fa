#include <doctest/doctest.h>

#include <functional>
#include <random>

#include "core/base/limits.h"
#include "core/base/text.h"
#include "test/core/mapping/count_new.h"
#include "test/core/mapping/expression_fixture.h"

using namespace lt;
using namespace lt::mapping;
using test::kDossier;
using test::kPlain;
using test::kXml;
using test::RootFinder;

namespace {

bool holds(const std::string& text, const std::string& document = kPlain) { return test::holds(text, document); }
std::string value(const std::string& text, const std::string& document = kDossier) {
  return test::value(text, document);
}
std::string quoted(const std::string& text) { return "'" + text + "'"; }

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

}  // namespace

TEST_CASE("expression: depth and length are bounded") {
  const auto nest = [](size_t n, const std::string& open, const std::string& inner, const std::string& close) {
    std::string out;
    for (size_t i = 0; i < n; ++i) out += open;
    out += inner;
    for (size_t i = 0; i < n; ++i) out += close;
    return out;
  };
  constexpr size_t kDepth = limits::kExpressionDepth;
  CHECK(holds(nest(kDepth, "(", "t", ")")));
  CHECK(column(nest(kDepth + 1, "(", "t", ")")) == kDepth + 1);
  CHECK(holds(nest(kDepth, "not ", "t", "")));
  CHECK(column(nest(kDepth + 1, "not ", "t", "")) > 1);
  CHECK(column(nest(60, "(", "a", ")")) > 1);
  CHECK(holds(nest(kDepth - 1, "f or (t and ", "t", ")")));
  CHECK(value(nest(kDepth - 1, "concat('x', ", "'y'", ")")) == quoted(std::string(kDepth - 1, 'x') + "y"));
  CHECK(says(nest(kDepth, "concat('x', ", "'y'", ")"), "nested too deeply"));
  CHECK(says(nest(12, "concat(1, 2, 3, ", "'y'", ")"), "nested too deeply"));
  CHECK(says(nest(200, "any(a, ", "b", ")"), "nested too deeply"));
  CHECK(says(nest(200, "if(", "b", ")"), "nested too deeply"));
  CHECK(holds("t" + std::string(limits::kExpression - 1, ' ')));
  CHECK(says("t" + std::string(limits::kExpression, ' '), "longer than 2000 bytes"));
  CHECK(says(std::string(1'000'000, '('), "longer"));
}

TEST_CASE("expression: steps and texts are bounded") {
  std::string many = R"({"k":"x","a":[)";
  for (int i = 0; i < 1000; ++i) many += (i ? "," : "") + std::string(R"({"n":"Một tên khá dài ở đây"})");
  many += "]}";
  Tree tree, arena;
  test::read_into(tree, many);
  const auto run = [&](const std::string& text, uint64_t& steps) {
    auto expression = Expression::parse(text);
    REQUIRE(expression);
    return expression->holds(RootFinder(*expression, tree.root()), arena, steps);
  };
  uint64_t steps = 100'000;
  REQUIRE(run("any(a, n == 'x')", steps));
  CHECK(steps < 99'000);
  const auto got = run("any($.a, any($.a, any($.a, n == 'x')))", steps);
  REQUIRE(!got);
  CHECK(got.error().code == Code::too_much_work);
  CHECK(steps == 0);
  CHECK(!run("k == 'x'", steps));

  // Texts made for one item are gone with the next: 1000 items, more than the bound in sum.
  steps = 10'000'000;
  const auto folded = run("any(a, concat(upper(n), lower(n), n) == 'x')", steps);
  REQUIRE(folded);
  CHECK(!*folded);

  std::string large = R"({"l":")" + std::string(60'000, 'a') + R"(","a":[1,2]})";
  test::read_into(tree, large);
  CHECK(run("upper(l) == 'x'", steps));
  const auto text = run("concat(upper(l), 'x') == 'x'", steps);
  REQUIRE(!text);
  CHECK(text.error().code == Code::too_much_work);
  CHECK(text.error().detail.find("bytes of text") != std::string::npos);
  CHECK(run("any(a, upper($.l) == 'x')", steps));
}

TEST_CASE("expression: texts made inside any() do not disturb those made outside") {
  CHECK(value("concat(upper('ab'), if(any(TaiLieu, concat(upper(Ten), 'x', lower(Loai)) == 'CCCDxa'), upper('c'), "
              "'d'), lower('E'))") == "'ABCe'");
  CHECK(value("any(TaiLieu, concat(upper(Ten), if(any($.TaiLieu, concat(lower(Ten), lower(Ten), lower(Ten)) == 'x'), "
              "'', lower(Loai))) == 'CCCDa')") == "true");
}

TEST_CASE("expression: evaluation takes nothing from the heap") {
  auto expression = Expression::parse(
      "if(any(TaiLieu, concat(Ten, '/', Loai) == 'x' or number(length(upper(Ten))) > 90) or Loai in ('A', 'B'), 'no', "
      "concat(upper(NguoiNop.HoTen), lower(MaHoSo), substring(MaHoSo, 2, 3), count(TaiLieu), date(Luc, "
      "'iso-datetime'), "
      "coalesce(missing, number('-007'), LePhi)))");
  REQUIRE(expression);
  Tree tree, arena;
  test::read_into(tree, kDossier);
  arena.allocate(1);
  const RootFinder finder(*expression, tree.root());
  uint64_t steps = 100'000;
  const size_t before = test::allocations();
  const auto got = expression->value(finder, arena, steps);
  CHECK(test::allocations() == before);
  REQUIRE(got);
  CHECK(test::shown(*got) == quoted("NGUYỄN THỊ ĐÀOh29.12-004229.32026-08-16-7"));
}

TEST_CASE("expression: whatever parses has a value on every document") {
  std::mt19937 random(20261121);
  const auto pick = [&](size_t n) { return static_cast<size_t>(random() % n); };
  static const char* const kPieces[] = {"a",         "n",
                                        "t",         "o",
                                        "o.k",       "$.a",
                                        "^.a",       ".",
                                        "&.a",       "TaiLieu",
                                        "Ten",       "Trang",
                                        "[\"a\"]",   "T",
                                        "N",         "g",
                                        "'x'",       "\"Đ\"",
                                        "12.5",      "-1",
                                        "true",      "false",
                                        "null",      "==",
                                        "!=",        "<",
                                        "<=",        ">",
                                        ">=",        "and",
                                        "or",        "not",
                                        "(",         ")",
                                        ",",         "in",
                                        "exists",    "concat(",
                                        "coalesce(", "if(",
                                        "upper(",    "lower(",
                                        "fold(",     "substring(",
                                        "length(",   "count(",
                                        "any(",      "date(",
                                        "number(",   "'dd/MM/yyyy'",
                                        "in (",      "any(TaiLieu,",
                                        "any(T,",    "any(Trang,",
                                        "[",         "]",
                                        "'",         "e\u0302",
                                        "\xff"};
  // Sentences of the grammar, so that most inputs get far.
  const std::function<std::string(int)> sentence = [&](int depth) -> std::string {
    if (depth <= 0 || pick(4) == 0) return kPieces[pick(23)];
    const auto inner = [&] { return sentence(depth - 1); };
    static const char* const kSigns[] = {" == ", " != ", " < ", " >= ", " and ", " or "};
    static const char* const kOne[] = {"upper(", "lower(", "fold(", "length(", "number(", "(", "not ("};
    static const char* const kPaths[] = {"TaiLieu", "T", "Trang", "a", "$.TaiLieu", "^.T", ".", "missing"};
    switch (pick(8)) {
      case 0:
        return "(" + inner() + kSigns[pick(6)] + inner() + ")";
      case 1:
        return inner() + kSigns[pick(6)] + inner();
      case 2:
        return kOne[pick(7)] + inner() + ")";
      case 3:
        return "concat(" + inner() + ", " + inner() + ", " + inner() + ")";
      case 4:
        return (pick(2) ? "coalesce(" : "if(") + inner() + "," + inner() + "," + inner() + ")";
      case 5:
        return "substring(" + inner() + "," + inner() + (pick(2) ? "," + inner() : "") + ")";
      case 6:
        return std::string(pick(2) ? "any(" : "count(") + kPaths[pick(8)] + (pick(3) ? "," + inner() : "") + ")";
      default:
        return "date(" + inner() + ", 'dd/MM/yyyy')";
    }
  };
  Tree documents[4], arena;
  test::read_into(documents[0], kPlain);
  test::read_into(documents[1], kDossier);
  test::read_into(documents[2], kXml);
  test::read_into(documents[3], "[]");
  size_t parsed = 0, typed = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    const size_t kind = pick(10);
    if (kind == 0) {
      for (size_t n = pick(40); n > 0; --n) text += static_cast<char>(random());
    } else if (kind < 4) {
      for (size_t n = pick(16); n > 0; --n)
        text += std::string(kPieces[pick(std::size(kPieces))]) + (pick(2) ? " " : "");
    } else {
      text = sentence(static_cast<int>(pick(5)));
      if (pick(4) == 0 && !text.empty()) text[pick(text.size())] = "()',.'[x"[pick(8)];
    }
    const auto expression = Expression::parse(text);
    if (!expression) {
      if (expression.error().place.column < 1 ||
          expression.error().place.column > static_cast<int>(count_code_points(text)) + 1)
        FAIL_CHECK("column out of the text: " << text);
      continue;
    }
    ++parsed;
    typed += expression->check({}).has_value();
    for (Tree& document : documents) {
      arena.clear();
      uint64_t steps = 100'000;
      const auto got = expression->value(RootFinder(*expression, document.root()), arena, steps);
      if (!got) FAIL_CHECK("no value: " << text);
      steps = pick(50);
      const auto little = expression->holds(RootFinder(*expression, document.root()), arena, steps);
      if (!little && little.error().code != Code::too_much_work) FAIL_CHECK("wrong error: " << text);
    }
  }
  CHECK(parsed > 30'000);
  CHECK(typed > 10'000);
  MESSAGE(parsed << " of 100000 parsed, " << typed << " are well typed");
}
