// Hostile and broken documents, and what is answered. What stands elsewhere is not repeated here.
//
// | Hazard                                  | Answer                          | Test case |
// |-----------------------------------------|---------------------------------|--------------------------------------------------|
// | billion laughs, external, parameter     | doctype_refused, nothing loaded | xml_test: no DOCTYPE, no entity, ... |
// | quadratic, hidden, late DOCTYPE         | doctype_refused, line           | here: a DOCTYPE is refused wherever it
// hides     | | references to no character              | bad_xml, line and path          | here: references that are
// no characters          | | 2 million brackets, members in members  | too_deep                        | json_test:
// nesting is bounded; here: the place   | | 2 million elements in one another       | too_deep, line and path         |
// here: two million elements in one another        | | a million attributes, a tag of 2 MB     | too_large | xml_test:
// depth, nodes, ...; here: the place     | | a million members                       | taken; one twice: bad_json |
// here: a million members                          | | a member named twice                    | bad_json, the name |
// json_test: a member named twice                  | | overlong, surrogates, cut, > U+10FFFF   | bad_encoding, line and
// column   | here: every kind of bad UTF-8                    | | UTF-16, UTF-32, declared encodings      |
// bad_encoding                    | json_test: lone surrogates; xml_test: only UTF-8 | | lone surrogate escapes |
// bad_json                        | json_test: lone surrogates                       | | text in NFD | kept byte for
// byte              | here: decomposed Vietnamese stays as it is       | | > 2^53, 1.10, -0, 30 digits             |
// text kept                       | json_test: numbers keep their text               | | the same, written as XML |
// text kept                       | here: numbers keep their text on the way to XML  | | 1e400 | bad_json | json_test;
// here: the place                       | | cut at every byte                       | an error                        |
// json_test, xml_test                              | | 31/02, 29/02, 00/00, years of two digits| wrong_date (LT-2104)
// in mappings| mapping/bad_date_test                            |
#include <doctest/doctest.h>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/message/tree.h"
#include "test/core/codec/sources.h"

using namespace lt;
using namespace lt::codec;
using lt::test::GeneratedSource;
using lt::test::PiecesSource;

namespace {

// What every answer to a partner needs: a code, a place, what to do in both languages.
void check_answer(const Error& error, Code code) {
  CHECK(error.code == code);
  CHECK(error.place.line > 0);
  CHECK(error.text().starts_with(code_text(code)));
  CHECK(error.text().find(error.place.text()) != std::string::npos);
  CHECK_FALSE(info(error.code).hint_vi.empty());
  CHECK_FALSE(info(error.code).hint_en.empty());
  CHECK(is_utf8(error.text()));
}

Error bad_json(const std::string& text) {
  Tree tree;
  const auto parsed = parse_json(text, tree);
  REQUIRE_FALSE(parsed);
  Tree streamed;
  PiecesSource source(text, 3);
  const auto again = parse_json(source, streamed);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == parsed.error().code);
  CHECK(again.error().place.line == parsed.error().place.line);
  return parsed.error();
}

Error bad_xml(const std::string& text) {
  Tree tree;
  const auto parsed = parse_xml(text, tree);
  REQUIRE_FALSE(parsed);
  Tree streamed;
  PiecesSource source(text, 3);
  const auto again = parse_xml(source, streamed);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == parsed.error().code);
  return parsed.error();
}

struct Bytes {
  std::string what, bytes;
};
const Bytes kBadUtf8[] = {{"overlong NUL", "\xC0\x80"},
                          {"overlong '/' in two", "\xC0\xAF"},
                          {"overlong '/' in three", "\xE0\x80\xAF"},
                          {"overlong '/' in four", "\xF0\x80\x80\xAF"},
                          {"overlong U+07FF", "\xE0\x9F\xBF"},
                          {"overlong U+FFFF", "\xF0\x8F\xBF\xBF"},
                          {"high surrogate", "\xED\xA0\x80"},
                          {"low surrogate", "\xED\xBF\xBF"},
                          {"a pair of surrogates (CESU-8)", "\xED\xA0\xBD\xED\xB8\x80"},
                          {"U+110000", "\xF4\x90\x80\x80"},
                          {"U+1FFFFF", "\xF7\xBF\xBF\xBF"},
                          {"five bytes", "\xF8\x88\x80\x80\x80"},
                          {"six bytes", "\xFC\x84\x80\x80\x80\x80"},
                          {"0xFE", "\xFE"},
                          {"0xFF", "\xFF"},
                          {"a tail without a head", "\x80"},
                          {"two of three", "\xE1\xBA"},
                          {"one of two", "\xC4"},
                          {"three of four", "\xF0\x9F\x98"},
                          {"a head before a head", "\xE1\xC4\x91"},
                          {"Latin-1", "\xE0y"},
                          {"windows-1258", "\xD0\xF2"}};

}  // namespace

TEST_CASE("every kind of bad UTF-8 is refused where it stands, in JSON and in XML") {
  for (const Bytes& bad : kBadUtf8) {
    CAPTURE(bad.what);
    // "ạ" before it: columns count code points.
    const Error value = bad_json("{\n\"a\": \"ạ" + bad.bytes + "\"}");
    check_answer(value, Code::bad_encoding);
    CHECK(value.place.line == 2);
    CHECK(value.place.column == 8);
    check_answer(bad_json("{\"" + bad.bytes + "\": 1}"), Code::bad_encoding);
    check_answer(bad_json("{} " + bad.bytes), Code::bad_encoding);

    const Error text = bad_xml("<a>\n<b>ạ" + bad.bytes + "</b></a>");
    check_answer(text, Code::bad_encoding);
    CHECK(text.place.line == 2);
    CHECK(text.place.column == 5);
    check_answer(bad_xml("<a b='" + bad.bytes + "'/>"), Code::bad_encoding);
    check_answer(bad_xml("<a" + bad.bytes + "/>"), Code::bad_encoding);
    check_answer(bad_xml("<a><!-- " + bad.bytes + " --></a>"), Code::bad_encoding);
    check_answer(bad_xml("<a><![CDATA[" + bad.bytes + "]]></a>"), Code::bad_encoding);
    check_answer(bad_xml("<?xml version='1.0'?><?p " + bad.bytes + "?><a/>"), Code::bad_encoding);
  }
}

TEST_CASE("the last characters of Unicode are taken") {
  for (const char* good : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBD",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBD"}) {
    Tree json, xml;
    REQUIRE(parse_json("\"" + std::string(good) + "\"", json));
    CHECK(json.root()->text == good);
    REQUIRE(parse_xml("<a>" + std::string(good) + "</a>", xml));
    CHECK(xml.root()->text == good);
  }
}

TEST_CASE("decomposed Vietnamese stays as it is") {
  const std::string nfd = "Nguye\xCC\x82\xCC\x83n Thi\xCC\xA3";  // as macOS types it
  CHECK(nfc(nfd) == "Nguyễn Thị");
  Tree json, xml;
  REQUIRE(parse_json("{\"" + nfd + "\":\"" + nfd + "\"}", json));
  CHECK(json.root()->first->name == nfd);
  CHECK(json.root()->first->text == nfd);
  std::string out;
  REQUIRE(write_json(json.root(), out));
  CHECK(out == "{\"" + nfd + "\":\"" + nfd + "\"}");
  REQUIRE(parse_xml("<a b='" + nfd + "'>" + nfd + "</a>", xml));
  CHECK(xml.root()->find("@b")->text == nfd);
  CHECK(xml.root()->find("#text")->text == nfd);
  out.clear();
  REQUIRE(write_xml(xml.root(), {.declaration = false}, out));
  CHECK(out == "<a b=\"" + nfd + "\">" + nfd + "</a>");
}

TEST_CASE("numbers keep their text on the way to XML") {
  Tree tree;
  REQUIRE(parse_json(R"({"n":[9007199254740993,-0,1.10,1E+2,123456789012345678901234567890]})", tree));
  tree.root()->name = "r";
  std::string out;
  REQUIRE(write_xml(tree.root(), {.declaration = false}, out));
  CHECK(out == "<r><n>9007199254740993</n><n>-0</n><n>1.10</n><n>1E+2</n><n>123456789012345678901234567890</n></r>");
}

TEST_CASE("a number that no double holds is refused where it stands") {
  const Error error = bad_json("{\"a\":\n [1, -1e400]}");
  check_answer(error, Code::bad_json);
  CHECK(error.place.line == 2);
  CHECK(error.place.path == "$.a");
}

TEST_CASE("a DOCTYPE is refused wherever it hides") {
  const std::string quadratic =
      "<!DOCTYPE a [<!ENTITY x \"" + std::string(100'000, 'x') + "\">]>\n<a>" + std::string(300'000, '&') + "</a>";
  const Error bomb = bad_xml(quadratic);
  check_answer(bomb, Code::doctype_refused);
  CHECK(bomb.place.line == 1);
  std::string nested = "<!DOCTYPE a [<!ENTITY % p0 'x'>";
  for (int i = 1; i < 20; ++i)
    nested +=
        "<!ENTITY % p" + std::to_string(i) + " '%p" + std::to_string(i - 1) + ";%p" + std::to_string(i - 1) + ";'>";
  check_answer(bad_xml(nested + "%p19;]><a/>"), Code::doctype_refused);
  for (const char* late : {"\n\n<!DOCTYPE a><a/>", "<!-- c -->\n\n<!DOCTYPE a><a/>", "<?p i?>\n\n<!DOCTYPE a><a/>",
                           "\xEF\xBB\xBF<?xml version='1.0'?>\n\n<!DOCTYPE a [<!ATTLIST a b CDATA 'x'>]><a/>"}) {
    const Error error = bad_xml(late);
    check_answer(error, Code::doctype_refused);
    CHECK(error.place.line == 3);
  }
  // Inside the root it is no DOCTYPE but a mistake; in text it is text.
  check_answer(bad_xml("<a>\n<!DOCTYPE a></a>"), Code::bad_xml);
  check_answer(bad_xml("<!doctype a><a/>"), Code::bad_xml);
  Tree tree;
  REQUIRE(parse_xml("<a><![CDATA[<!DOCTYPE a>]]><!-- <!DOCTYPE a> --></a>", tree));
  CHECK(tree.root()->text == "<!DOCTYPE a>");
}

TEST_CASE("references that are no characters are refused with line and path") {
  for (const char* reference : {"&x;", "&nbsp;", "&#0;", "&#1;", "&#xD800;", "&#xFFFE;", "&#x110000;", "&#99999999999;",
                                "&#-1;", "&#x;", "&;", "& ", "&amp"}) {
    const Error error = bad_xml("<a>\n<b>" + std::string(reference) + "</b></a>");
    check_answer(error, Code::bad_xml);
    CHECK(error.place.line == 2);
    CHECK(error.place.path == "$.b");
    check_answer(bad_xml("<a>\n<b c='" + std::string(reference) + "'/></a>"), Code::bad_xml);
  }
}

TEST_CASE("two million elements in one another end at the limit of depth") {
  GeneratedSource body("<r>\n", "<a>", 2'000'000, "");
  Tree tree;
  const auto parsed = parse_xml(body, tree);
  REQUIRE_FALSE(parsed);
  check_answer(parsed.error(), Code::too_deep);
  CHECK(parsed.error().place.line == 2);
  CHECK(parsed.error().place.path.starts_with("$.a.a.a"));
  CHECK(tree.root() == nullptr);
}

TEST_CASE("two million brackets end at the limit of depth, and say where") {
  for (const char* unit : {"[", "{\"a\":"}) {
    GeneratedSource body("{\n\"x\":", unit, 2'000'000, "");
    Tree tree;
    const auto parsed = parse_json(body, tree);
    REQUIRE_FALSE(parsed);
    check_answer(parsed.error(), Code::too_deep);
    CHECK(parsed.error().place.line == 2);
    CHECK(parsed.error().place.path.starts_with("$.x"));
  }
}

TEST_CASE("a million attributes end at the limit, and say where") {
  std::string tag = "<a>\n<b";
  for (int i = 0; i < 1'000'000; ++i) tag += " x" + std::to_string(i) + "=''";
  const Error error = bad_xml(tag + "/></a>");
  check_answer(error, Code::too_large);
  CHECK(error.place.line == 2);
  CHECK(error.detail == "more than 256 attributes");
}

TEST_CASE("a million members are read in one go, and one named twice among them is found") {
  std::string members = "{\n\"m0\":0";
  for (int i = 1; i < 1'000'000; ++i) members += ",\"m" + std::to_string(i) + "\":0";
  Tree tree;
  REQUIRE(parse_json(members + "}", tree));
  CHECK(tree.root()->count == 1'000'000);
  Tree twice;
  const auto parsed = parse_json(members + ",\"m500000\":1}", twice);
  REQUIRE_FALSE(parsed);
  check_answer(parsed.error(), Code::bad_json);
  CHECK(parsed.error().detail == "member \"m500000\" named twice");
}
