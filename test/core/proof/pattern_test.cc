#include <doctest/doctest.h>
#include <re2/re2.h>

#include <set>

#include "core/base/text.h"
#include "core/proof/pattern_text.h"
#include "core/proof/text_draw.h"

using namespace lt;
using namespace lt::proof;

TEST_CASE("texts of regular expressions match them") {
  const char* const patterns[] = {
      "^[0-9]{12}$",
      "^[0-9A-Z.]+-[0-9]{6}-[0-9]{4,7}$",
      "^[0-9]\\.[0-9]{6}([.][0-9A-Z]+)*$",
      "^([0-9]{14})?$",
      "^([0-9]{2}/)?([0-9]{2}/)?[0-9]{4}$",
      "^(?P<Agency>[0-9A-Z.]+)-(?P<Day>\\d{6})-(?P<Serial>\\d{4,7})$",
      "^[0-9a-f]{64}$",
      "abc",
      "^a|b|cd$",
      "^(?:a|b(?:c|d)){2,3}$",
      "^\\w+@\\w+\\.vn$",
      "^\\s+\\S\\s*$",
      "^\\D{3}\\W$",
      "^[^0-9]{4}$",
      "^[^\"]*$",
      "^[^a-zA-Z0-9]+$",
      "^\\p{L}+( \\p{L}+)*$",
      "^\\p{Lu}\\p{Ll}+$",
      "^\\pL\\PL$",
      "^[\\p{L}\\d _-]{3,10}$",
      "^[[:alpha:]]{2}[[:digit:]]{2}$",
      "^.{5}$",
      "^.+?x$",
      "^(?i)h[ồố] sơ$",
      "^(?i:ABC)d$",
      "^\\Qa.b*c\\E+$",
      "^\\x41\\x{1F600}$",
      "^a{2}b{0}c{1,}$",
      "^\\t\\n?x$",
      "^[\\]\\-\\\\]{3}$",
      "^[]a]+$",
      "^[₠-₤]+$",
      "^\\$\\^\\(\\)\\{\\}$",
      "^a{,2}$",
      "\\bxin\\b",
      "^(a|b|)c$",
      "^()$",
      "^\\d{1,2}/\\d{1,2}/(19|20)\\d\\d$",
      "^(?:\\p{Nd}{3})$",
      "^Đ[ơờớởỡợ]n-[A-F]{1,3}$",
      "^(0[1-9]|[12][0-9]|3[01])-(0[1-9]|1[0-2])$",
      "^[a-c&&x]+$",
  };
  CHECK(std::size(patterns) >= 40);
  for (const char* pattern : patterns) {
    CAPTURE(std::string(pattern));
    const re2::RE2 regex(pattern);
    REQUIRE(regex.ok());
    const auto parsed = PatternText::parse(pattern);
    REQUIRE(parsed.has_value());
    for (uint64_t seed = 1; seed <= 100; ++seed) {
      Draw draw(seed);
      const auto text = parsed->draw(draw);
      REQUIRE(text.has_value());
      CHECK(is_utf8(*text));
      CHECK_MESSAGE(re2::RE2::PartialMatch(*text, regex), *text);
    }
    const std::vector<uint64_t> plainest;
    Draw draw(plainest);
    CHECK(parsed->draw(draw).has_value());
  }
}

TEST_CASE("the plainest text of a pattern is short, others differ") {
  const auto parsed = PatternText::parse("^[0-9A-Z.]+-[0-9]{6}-[0-9]{4,7}$");
  REQUIRE(parsed.has_value());
  const std::vector<uint64_t> plainest;
  Draw draw(plainest);
  CHECK(parsed->draw(draw) == "0-000000-0000");
  std::set<std::string> different;
  std::set<size_t> lengths;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Draw one(seed);
    const std::string text = parsed->draw(one).value_or("");
    different.insert(text);
    lengths.insert(text.size());
  }
  CHECK(different.size() > 190);
  CHECK(lengths.size() > 3);
}

TEST_CASE("lengths asked of a pattern are kept, or there is none") {
  const auto parsed = PatternText::parse("^a+(b|c)*$");
  REQUIRE(parsed.has_value());
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    Draw draw(seed);
    const auto text = parsed->draw(draw, 40, 60);
    REQUIRE(text.has_value());
    CHECK(text->size() >= 40);
    CHECK(text->size() <= 60);
  }
  Draw draw(1);
  CHECK_FALSE(PatternText::parse("^[0-9]{4}$")->draw(draw, 5, 9).has_value());
}

TEST_CASE("a pattern no text can be drawn for says so") {
  CHECK_FALSE(PatternText::parse("(").has_value());
  CHECK_FALSE(PatternText::parse("(?=a)").has_value());
  CHECK_FALSE(PatternText::parse("[^\\x{0}-\\x{10FFFF}]").has_value());
  CHECK_FALSE(PatternText::parse("\\C").has_value());
  const auto contradiction = PatternText::parse("a^b");
  REQUIRE(contradiction.has_value());
  Draw draw(1);
  CHECK_FALSE(contradiction->draw(draw).has_value());
}

TEST_CASE("every style of text keeps its bounds and is what it says") {
  for (int style = 0; style <= static_cast<int>(TextStyle::lines); ++style)
    for (const auto& [least, most] : {std::pair<uint64_t, uint64_t>{0, 0}, {0, 1}, {1, 500}, {7, 7}, {1200, 5000}})
      for (uint64_t variety = 0; variety < 30; ++variety) {
        TextBounds bounds;
        bounds.least = least;
        bounds.most = most;
        const std::string text = text_of(static_cast<TextStyle>(style), variety, variety, bounds);
        CAPTURE(style);
        CAPTURE(text);
        CHECK(is_utf8(text));
        CHECK(count_code_points(text) >= least);
        CHECK(count_code_points(text) <= most);
      }
  const TextBounds any{0, 500, true, true};
  const std::string vietnamese = text_of(TextStyle::vietnamese, 20, 7, any);
  CHECK(nfc(vietnamese) == vietnamese);
  CHECK(vietnamese.size() > count_code_points(vietnamese));
  const std::string decomposed = text_of(TextStyle::decomposed, 20, 7, any);
  CHECK(nfc(decomposed) != decomposed);
  CHECK(text_of(TextStyle::code, 3, 0, any) == "000");
  CHECK(text_of(TextStyle::padded, 5, 0, any) == " aaa ");
  CHECK(count_code_points(text_of(TextStyle::vietnamese, kLongest, 3, any)) == 500);
  CHECK(text_of(TextStyle::quoted, 0, 3, any).empty());
  CHECK(text_of(TextStyle::plain, 4, 0, any) == "aaaa");
}
