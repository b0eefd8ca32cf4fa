#include "core/mapping/expression.h"

#include <doctest/doctest.h>

#include "test/core/mapping/expression_fixture.h"

using namespace lt;
using namespace lt::mapping;
using test::RootFinder;

namespace {

using test::kDossier;
using test::kPlain;
using test::kXml;

bool holds(const std::string& text, const std::string& document = kPlain) { return test::holds(text, document); }
std::string value(const std::string& text, const std::string& document = kDossier) {
  return test::value(text, document);
}
std::string quoted(const std::string& text) { return "'" + text + "'"; }

}  // namespace

TEST_CASE("expression: comparisons") {
  for (const char* yes : {"a == 'x'",
                          "a != \"y\"",
                          "n == 3",
                          "n == 3.00",
                          "s == 3",
                          "n < 10",
                          "n >= 3",
                          "a < 'y'",
                          "t",
                          "one",
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
                          "exists(a)",
                          "not exists missing",
                          "n == s",
                          "-1 < n",
                          "o == null",
                          "o != 'v'",
                          "a in ('y', 'x')",
                          "n in (1, 3.0)",
                          "missing in ('x', null)",
                          "not a in ('y')",
                          "(a == 'x') == true",
                          "$.a == 'x'",
                          "[\"a\"] == 'x'",
                          "a\n==\t'x'"})
    CHECK_MESSAGE(holds(yes), yes);
  for (const char* no :
       {"a == 'X'", "missing < 5", "missing >= 5", "a > 3", "a == 3", "missing == 'x'", "a", "n", "exists z",
        "big == 9007199254740992", "o == 'v'", "e", "missing", "a in ('y', 'z')", "missing in ('x')", "t > false"})
    CHECK_MESSAGE(!holds(no), no);
}

TEST_CASE("expression: and binds tighter than or, brackets and not") {
  CHECK(holds("t or t and f"));
  CHECK(!holds("(t or t) and f"));
  CHECK(holds("not f and t"));
  CHECK(!holds("not (f or t)"));
  CHECK(holds("f or (f or (t and not f))"));
  CHECK(!holds("f and f or f"));
  CHECK(holds("not n == 4"));
  CHECK(holds("f or t or f"));
  CHECK(!holds("t and t and f"));
  CHECK(value("f or one", kPlain) == "true");
  CHECK(value("one and a", kPlain) == "false");
}

TEST_CASE("expression: paths") {
  auto expression = Expression::parse("$.A == ^.^.B or any(C.D, E == &.F and $.G == 1 and count(H) > 0) or [\"i.j\"]");
  REQUIRE(expression);
  const auto& paths = expression->paths();
  REQUIRE(paths.size() == 8);
  CHECK(paths[0].path.from_root);
  CHECK(paths[1].path.up == 2);
  CHECK(paths[1].column == 8);
  CHECK(paths[2].text == "C.D");
  CHECK(paths[2].many);
  CHECK(paths[2].within == -1);
  CHECK(paths[3].text == "E");
  CHECK(paths[3].within == 2);
  CHECK(!paths[3].many);
  CHECK(paths[4].text == "&.F");
  CHECK(paths[4].within == -1);
  CHECK(paths[5].within == -1);
  CHECK(paths[6].within == 2);
  CHECK(paths[6].many);
  CHECK(path_text(paths[7].path.steps) == "[\"i.j\"]");
  CHECK(paths[7].within == -1);
  // Predicates are path.h's business: here they are one token, blanks, brackets and commas included.
  for (const std::string path : {"Ten[Loai='A, (b)']", "Ten[Loai = \"]\"].X"}) {
    auto one = Expression::parse("upper(" + path + ")");
    if (one)
      CHECK(one->paths()[0].text == path);
    else
      CHECK_MESSAGE(one.error().detail.find(path) != std::string::npos, one.error().detail);
  }
}

TEST_CASE("expression: concat, coalesce, if") {
  CHECK(value("concat(MaHoSo, ' - ', NguoiNop.HoTen)") == quoted("H29.12-0042 - Nguyễn Thị Đào"));
  CHECK(value("concat(LePhi, null, missing, true)") == "'15000.50true'");
  CHECK(value("concat(missing)") == "''");
  CHECK(value("concat(missing, '')") == "''");
  CHECK(value("concat('1','2','3','4','5','6','7','8','9','10','11','12','13','14','15','16','17')") ==
        "'1234567891011121314151617'");
  CHECK(value("concat('a', concat('b', upper('c')), 'd')") == "'abCd'");
  CHECK(value("coalesce(missing, MaHoSo, 'x')") == "'H29.12-0042'");
  CHECK(value("coalesce(missing, null, LePhi)") == "15000.50");
  CHECK(value("coalesce(missing, number('x'))") == "absent");
  CHECK(value("coalesce(missing, null)") == "null");
  CHECK(value("coalesce(missing)") == "absent");
  CHECK(value("if(Loai == 'HK', 'hộ khẩu', 'khác')") == quoted("hộ khẩu"));
  CHECK(value("if(missing, 1, 2)") == "2");
  CHECK(value("if(exists Ngay, if(exists missing, 1, upper('b')), 3)") == "'B'");
  CHECK(value("concat(if(Loai == 'A', 1, 2), coalesce(missing, 'c'), if(true, 'y', 'n'))") == "'2cy'");
  CHECK(value("'x'") == "'x'");
  CHECK(value("+007.50") == "7.50");
}

TEST_CASE("expression: functions of texts, in code points") {
  CHECK(value("upper(NguoiNop.HoTen)") == quoted("NGUYỄN THỊ ĐÀO"));
  CHECK(value("lower('NGUYỄN Thị ĐÀO')") == quoted("nguyễn thị đào"));
  CHECK(value("fold(NguoiNop.HoTen)") == "'nguyen thi dao'");
  CHECK(value("fold('Quyết  định số 12')") == "'quyet dinh so 12'");
  const std::string composed = "Huế", apart = "Hue\u0302\u0301";  // NFD
  CHECK(value("length('" + composed + "')") == "3");
  CHECK(value("length('" + apart + "')") == "5");
  CHECK(value("fold('" + apart + "')") == "'hue'");
  CHECK(value("upper('" + apart + "')") == quoted("HUE\u0302\u0301"));
  CHECK(value("substring('" + composed + "', 3)") == quoted("ế"));
  CHECK(value("length(MaHoSo)") == "11");
  CHECK(value("length('')") == "0");
  CHECK(value("substring(MaHoSo, 1, 3)") == "'H29'");
  CHECK(value("substring(NguoiNop.HoTen, 12)") == quoted("Đào"));
  CHECK(value("substring('12345', 2, 3)") == "'234'");
  CHECK(value("substring('12345', 0, 3)") == "'12'");
  CHECK(value("substring('12345', 1.5, 2.6)") == "'234'");
  CHECK(value("substring('12345', -1.5, 4)") == "'12'");
  CHECK(value("substring('12345', -42)") == "'12345'");
  CHECK(value("substring('12345', 6)") == "''");
  CHECK(value("substring('12345', 2, -1)") == "''");
  CHECK(value("substring('12345', 2, 99999999999999999999)") == "'2345'");
  CHECK(value("substring('12345', length('ab'), count(TaiLieu))") == "'234'");
  CHECK(value("substring('12345', missing)") == "absent");
  CHECK(value("substring('12345', Loai)") == "absent");
  for (const char* of_absent :
       {"upper(missing)", "lower(null)", "fold(missing)", "length(missing)", "number(missing)", "substring(missing, 1)",
        "date(missing, 'yyyy-MM-dd')", "upper(NguoiNop)", "length(TaiLieu)"})
    CHECK_MESSAGE(value(of_absent) == "absent", of_absent);
}

TEST_CASE("expression: dates and numbers") {
  CHECK(value("date(Ngay, 'dd/MM/yyyy')") == "'2026-08-15'");
  CHECK(value("date('31/02/2026', 'dd/MM/yyyy')") == "absent");
  CHECK(value("date(Loai, 'dd/MM/yyyy')") == "absent");
  CHECK(value("date(Luc, 'iso-datetime')") == "'2026-08-16'");  // half past three in the morning in Viet Nam
  CHECK(value("date('2026-08-15T23:30:00', 'iso-datetime')") == "'2026-08-15'");
  CHECK(value("date('9999-12-31T23:30:00Z', 'iso-datetime')") == "absent");
  CHECK(holds("date(Ngay, 'dd/MM/yyyy') < '2026-09-01'", kDossier));
  CHECK(!holds("date(Ngay, 'dd/MM/yyyy') < '2026-08-15'", kDossier));
  CHECK(value("number('007')") == "7");
  CHECK(value("number('-007.10')") == "-7.10");
  CHECK(value("number('-0.5')") == "-0.5");
  CHECK(value("number(LePhi)") == "15000.50");
  CHECK(value("number('1 2')") == "absent");
  CHECK(value("number(Loai)") == "absent");
  CHECK(holds("number('10') > number('9')", kDossier));
  CHECK(holds("'10' < '9'", kDossier));
  CHECK(holds("number('9007199254740993') > 9007199254740992", kDossier));
}

TEST_CASE("expression: count and any") {
  CHECK(value("count(TaiLieu)") == "3");
  CHECK(value("count(Rong)") == "0");
  CHECK(value("count(missing)") == "0");
  CHECK(value("count(Don)") == "1");
  CHECK(value("any(TaiLieu)") == "true");
  CHECK(value("any(Rong)") == "false");
  CHECK(value("any(missing)") == "false");
  CHECK(value("any(TaiLieu, Ten == 'CCCD')") == "true");
  CHECK(value("any(TaiLieu, Ten == 'x')") == "false");
  CHECK(value("any(Rong, true)") == "false");
  CHECK(value("any(missing, true)") == "false");
  CHECK(value("any(TaiLieu, Loai == ^.Loai and fold(Ten) == 'giay to')") == "true");
  CHECK(value("any(TaiLieu, Loai == ^.Loai and Ten == 'CCCD')") == "false");
  CHECK(value("any(TaiLieu, count(Trang) == 2)") == "true");
  CHECK(value("any(TaiLieu, any(Trang, . == 2))") == "true");
  CHECK(value("any(TaiLieu, any(Trang, . == 3))") == "false");
  CHECK(value("any(TaiLieu, any(Trang, . == 2) and Ten == $.TaiLieu)") == "false");
  CHECK(value("concat('a', any(TaiLieu, Ten == 'x'), any(TaiLieu, exists Ten), 'b')") == "'afalsetrueb'");
  CHECK(value("any(Don, . == 'mot')") == "true");

  CHECK(value("count(T)", kXml) == "3");
  CHECK(value("count(x)", kXml) == "1");
  CHECK(value("any(T, N == 'C')", kXml) == "true");
  CHECK(value("any(T, N == 'D')", kXml) == "false");
  CHECK(value("any(T, count(.) == 1 and N == 'B')", kXml) == "true");
  CHECK(value("any(T, any(T, . == 'in') and any(^.T, N == 'A'))", kXml) == "true");
}

TEST_CASE("expression: XML") {
  CHECK(holds("g", kXml));
  CHECK(holds("f == true and f.@id == 1", kXml));
  CHECK(!holds("f", kXml));  // with an attribute beside, a truth has to be asked for
  CHECK(holds("m == 7 and m == '007' and m != '7'", kXml));
  CHECK(value("concat(m, f)", kXml) == "'007true'");
}

TEST_CASE("expression: a lifted string exists, and has no value") {
  Tree tree, arena;
  Node* root = tree.make(Kind::object);
  tree.add(root, Kind::blob, "b")->blob = {10, 100'000, false};
  tree.add(root, Kind::text, "t")->text = "x";
  const auto run = [&](const std::string& text) {
    auto expression = Expression::parse(text);
    REQUIRE(expression);
    uint64_t steps = 1000;
    return test::shown(*expression->value(RootFinder(*expression, root), arena, steps));
  };
  for (const char* yes : {"exists b", "b != null", "count(b) == 1", "any(b)"}) CHECK_MESSAGE(run(yes) == "true", yes);
  for (const char* no : {"b == null", "b == 'x'", "b != 'x'", "b < 'x'", "t != b", "t == b", "b == b", "b != b",
                         "b in ('x', null)", "b == true", "b > 1", "null == b", "b"})
    CHECK_MESSAGE(run(no) != "true", no);
  CHECK(run("upper(b)") == "absent");
  CHECK(run("length(b)") == "absent");
  CHECK(run("coalesce(b, t)") == "'x'");
  CHECK(run("concat(b, t)") == "'x'");
}
