#include "core/codec/xml.h"

#include <libxml/parser.h>

#include <atomic>

#include "core/codec/holes.h"
#include "core/codec/json.h"
#include "core/message/tree.h"
#include "test/core/codec/sources.h"

using namespace lt;
using namespace lt::codec;
using lt::test::fixture;
using lt::test::GeneratedSource;
using lt::test::PiecesSource;

namespace {

Error refused(std::string_view text, const XmlOptions& options = {}) {
  Tree tree;
  const auto parsed = parse_xml(text, tree, options);
  REQUIRE_FALSE(parsed);
  CHECK(tree.root() == nullptr);
  Tree in_bits;
  PiecesSource source(text, 5);
  const auto again = parse_xml(source, in_bits, options);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == parsed.error().code);
  return parsed.error();
}

// The tree as JSON text: shows shape, names and order.
std::string shape(std::string_view text, const XmlOptions& options = {}) {
  Tree tree;
  const auto parsed = parse_xml(text, tree, options);
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().text()));
  std::string out;
  std::vector<BlobHole> holes;
  REQUIRE(write_json(tree.root(), out, {}, &holes));
  return out;
}

std::atomic<int> loads{0};
xmlParserInputPtr counting_loader(const char*, const char*, xmlParserCtxtPtr) {
  ++loads;
  return nullptr;
}

}  // namespace

TEST_CASE("elements, attributes, text beside, repeats and blanks take the shape of the tree") {
  CHECK(shape("<a>x</a>") == R"("x")");
  CHECK(shape("<a/>") == R"("")");
  CHECK(shape("<a> </a>") == R"(" ")");
  CHECK(shape("<a>\n <b>1</b>\n <b>2</b>\n</a>") == R"({"b":"1","b":"2"})");
  CHECK(shape("<a x='1' y=\"&lt;\">t</a>") == R"({"@x":"1","@y":"<","#text":"t"})");
  CHECK(shape("<a x='a?b=1&amp;c=&#38;&lt;&amp;#38;'/>") == R"({"@x":"a?b=1&c=&<&#38;"})");
  CHECK(shape("<a x='1'/>") == R"({"@x":"1"})");
  CHECK(shape("<a x='1'>\n<b/></a>") == R"({"@x":"1","b":""})");
  CHECK(shape("<a>one<b/> two</a>") == R"({"#text":"one","b":"","#text":" two"})");
  CHECK(shape("<a>1<![CDATA[<2>]]]]><!-- no --><?no?>&amp;3</a>") == R"("1<2>]]&3")");
  CHECK(shape("\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><a>\xE1\xBA\xA1&#x1EA1;</a>") == R"("ạạ")");
}

TEST_CASE("namespaces are resolved, lines are known") {
  Tree tree;
  REQUIRE(parse_xml("<p:a xmlns:p='urn:1' xmlns='urn:2'\n p:x='1' y='2'>\n<b/><p:c xmlns=''><d/></p:c></p:a>", tree));
  const Node* a = tree.root();
  CHECK(a->name == "a");
  CHECK(a->ns == "urn:1");
  CHECK(a->count == 4);
  CHECK(a->find("@x")->ns == "urn:1");
  CHECK(a->find("@y")->ns == "");
  CHECK(a->find("b")->ns == "urn:2");
  CHECK(a->find("b")->line == 3);
  CHECK(a->find("c")->first->ns == "");
}

TEST_CASE("the reference dossier comes back byte for byte") {
  const std::string dossier = fixture("bench/dossier.xml");
  for (const size_t piece : {1u, 7u, 100'000u}) {
    Tree tree;
    PiecesSource source(dossier, piece);
    REQUIRE(parse_xml(source, tree));
    std::string out;
    REQUIRE(write_xml(tree.root(), {.declaration = true, .prefixes = {{"urn:vn:gov:hoso:1.2", "hs"}}, .indent = true},
                      out));
    CHECK(out == dossier);
  }
}

TEST_CASE("malformed XML says line and path") {
  const Error error = refused("<a>\n <b>\n  <c>x</d>\n </b></a>");
  CHECK(error.code == Code::bad_xml);
  CHECK(error.place.line == 3);
  CHECK(error.place.path == "$.b.c");
  for (const char* bad : {"",
                          "x",
                          "<a>",
                          "<a></b>",
                          "<a/><b/>",
                          "<a/>x",
                          "<a x=1/>",
                          "<a x='1' x='2'/>",
                          "<a>&nope;</a>",
                          "<p:a/>",
                          "<a p:x='1'/>",
                          "<a>\x01</a>",
                          "<a>&#1;</a>",
                          "<a",
                          "<a>]]></a>",
                          "<!-- ",
                          "<a><![CDATA[x",
                          "<a b='<'/>",
                          "{}",
                          "<a><?xml version='1.0'?></a>"})
    CHECK_MESSAGE(refused(bad).code == Code::bad_xml, bad);
}

TEST_CASE("no DOCTYPE, no entity, nothing is loaded") {
  CHECK(shape("<a/>") == R"("")");  // the library is started, its loader installed
  CHECK(xmlGetExternalEntityLoader()("file:///etc/passwd", nullptr, nullptr) == nullptr);
  const auto before = xmlGetExternalEntityLoader();
  xmlSetExternalEntityLoader(counting_loader);
  std::string laughs = "<!DOCTYPE lolz [<!ENTITY lol \"lol\">";
  for (int i = 1; i < 10; ++i) {
    laughs += "<!ENTITY lol" + std::to_string(i) + " \"";
    for (int k = 0; k < 10; ++k) laughs += "&lol" + (i > 1 ? std::to_string(i - 1) : "") + ";";
    laughs += "\">";
  }
  laughs += "]><a>&lol9;</a>";
  for (const std::string& bad :
       {laughs, std::string("<!DOCTYPE a><a/>"), std::string("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"),
        std::string("<!DOCTYPE a PUBLIC 'p' 'http://127.0.0.1/x.dtd'><a/>"),
        std::string("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"),
        std::string("<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1/'> %p;]><a/>")})
    CHECK_MESSAGE(refused(bad).code == Code::doctype_refused, bad);
  CHECK(refused("<a xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='file:///etc/passwd'></a>").code ==
        Code::bad_xml);
  CHECK(loads == 0);
  xmlSetExternalEntityLoader(before);
}

TEST_CASE("only UTF-8") {
  const Error latin = refused("<a>\n ng\xE0y</a>");
  CHECK(latin.code == Code::bad_encoding);
  CHECK(latin.place.line == 2);
  CHECK(latin.place.column == 4);
  for (const char* declared : {"ISO-8859-1", "UTF-16", "windows-1258", "UTF-7"})
    CHECK(refused(std::string("<?xml version=\"1.0\" encoding=\"") + declared + "\"?><a/>").code == Code::bad_encoding);
  CHECK(refused(std::string("\xFF\xFE<\0a\0/\0>\0", 10)).code == Code::bad_encoding);
  CHECK(refused(std::string("<\0a\0/\0>\0", 8)).code == Code::bad_encoding);
  CHECK(refused(std::string("\0<\0a\0/\0>", 8)).code == Code::bad_encoding);
  CHECK(refused("<a>\xED\xA0\x80</a>").code == Code::bad_encoding);
  CHECK(refused("<a>\xE1\xBA").code == Code::bad_encoding);
}

TEST_CASE("depth, nodes, attributes, names and bytes are bounded") {
  const auto nested = [](size_t n) {
    std::string open, close;
    for (size_t i = 0; i < n; ++i) {
      open += "<a>";
      close += "</a>";
    }
    return open + close;
  };
  CHECK(shape(nested(128)).size() > 128);
  CHECK(refused(nested(129)).code == Code::too_deep);
  CHECK(refused(nested(500'000)).code == Code::too_deep);
  CHECK(refused("<a><b/><b/></a>", {.nodes = 2}).code == Code::too_large);
  std::string tag = "<a";
  for (int i = 0; i < 256; ++i) tag += " x" + std::to_string(i) + "='" + std::to_string(i) + "=='";
  CHECK(shape(tag + "/>").starts_with(R"({"@x0":"0==")"));
  CHECK(refused(tag + " y='1'/>").code == Code::too_large);
  GeneratedSource million("<a", " x='1'", 1'000'000, "/>");
  Tree tree;
  CHECK(parse_xml(million, tree).error().code == Code::too_large);
  GeneratedSource long_tag("<a x='", "0123456789", 200'000, "'/>");
  CHECK(parse_xml(long_tag, tree).error().code == Code::too_large);
  GeneratedSource many("<a>", "<b>1</b>", 100'000, "</a>");
  CHECK(parse_xml(many, tree, {.text = 100'000}).error().code == Code::too_large);
  CHECK(refused("<" + std::string(513, 'n') + "/>").code == Code::too_large);
  CHECK(refused("<a/>", {.body = 3}).code == Code::too_large);
}

TEST_CASE("long texts become ranges, whatever the pieces") {
  const std::string text =
      "<a>\n<b>12345678901</b>\n<c s='1'><![CDATA[1234567]]8901]]></c><d>1234567890</d>\n<e>"
      "\n12345\n678901\n</e><f/></a>";
  const XmlOptions few{.longest = 10};
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    Tree tree;
    PiecesSource source(text, piece);
    const auto parsed = parse_xml(source, tree, few);
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().text()));
    const auto taken = [&](const Node* node) {
      REQUIRE(node->kind == Kind::blob);
      return text.substr(node->blob.offset, node->blob.length);
    };
    const Node* a = tree.root();
    CHECK(taken(a->find("b")) == "12345678901");
    CHECK(taken(a->find("c")->find("#text")) == "1234567]]8901");
    CHECK(a->find("d")->text == "1234567890");
    CHECK(taken(a->find("e")) == "\n12345\n678901\n");
    CHECK(a->find("f")->line == 7);
    CHECK(a->count == 5);
  }
}

TEST_CASE("long texts that cannot be ranges are refused, a marker cannot be forged") {
  const XmlOptions few{.longest = 10};
  for (const char* bad :
       {"<a>123456789012&amp;</a>", "<a>&amp;123456789012</a>", "<a>x<!-- -->12345678901</a>",
        "<a>12345678901<!-- -->x</a>", "<a>12345678901<![CDATA[12345678901]]></a>", "<a>123456<!-- -->78901</a>"})
    CHECK_MESSAGE(refused(bad, few).code == Code::too_large, bad);
  CHECK(refused("<a/>12345678901", few).code == Code::bad_xml);
  CHECK(refused("<a>12345678901\x01</a>", few).code == Code::bad_xml);
  CHECK(refused("<a>12345678901", few).code == Code::bad_xml);
  CHECK(shape("<a> <![CDATA[12345678901]]> </a>", few) == R"("")");
  CHECK(shape("<a>             <b/>\n\n\n\n\n\n\n\n\n\n\n\n</a>", few) == R"({"b":""})");
  CHECK(shape("<a><?lt0000000000000000 0?>x</a>", few) == R"("x")");
}

TEST_CASE("a text of 100 MB is lifted in constant memory") {
  GeneratedSource body("<a><f>", "QUJDREVGR0hJSktMQUJDREVGR0hJSktMQUJDREVGR0hJ\r\n", 2'173'913, "</f><g>x</g></a>");
  const size_t before = lt::test::peak_memory();
  Tree tree;
  REQUIRE(parse_xml(body, tree));
  CHECK(lt::test::peak_memory() - before < 8 << 20);
  const Node* file = tree.root()->find("f");
  REQUIRE(file->kind == Kind::blob);
  CHECK(file->blob.offset == 6);
  CHECK(file->blob.length == 2'173'913u * 46);
  CHECK(tree.root()->find("g")->line == 2'173'914);
}

TEST_CASE("cut at every byte, the dossier is an error and never a crash") {
  const std::string dossier = fixture("bench/dossier.xml");
  for (size_t n = 0; n < dossier.rfind('>'); ++n) {
    Tree tree;
    REQUIRE_FALSE(parse_xml(std::string_view(dossier).substr(0, n), tree));
  }
}

TEST_CASE("writing: escapes, arrays, namespaces, holes") {
  Tree tree;
  Node* root = tree.make(Kind::object, "r");
  tree.set_root(root);
  tree.add(root, Kind::text, "@q")->text = "<&\"\n\t>";
  Node* list = tree.add(root, Kind::array, "i");
  tree.add(list, Kind::number)->text = "1.10";
  tree.add(list, Kind::boolean)->flag = true;
  tree.add(list, Kind::null);
  tree.add(root, Kind::text, "t")->text = "]]>&<\"\r\n";
  Node* blob = tree.add(root, Kind::blob, "b");
  const XmlWriteOptions plain{.declaration = false};
  std::string out = "kept";
  CHECK(write_xml(root, plain, out).error().place.path == "$.b");
  CHECK(out == "kept");
  std::vector<BlobHole> holes;
  REQUIRE(write_xml(root, plain, out, &holes));
  CHECK(
      out ==
      "kept<r q=\"&lt;&amp;&quot;&#10;&#9;&gt;\"><i>1.10</i><i>true</i><i/><t>]]&gt;&amp;&lt;\"&#13;\n</t><b></b></r>");
  REQUIRE(holes.size() == 1);
  CHECK(holes[0].at == out.size() - 8);
  CHECK(holes[0].node == blob);
}

TEST_CASE("writing: namespaces come back whatever the prefixes") {
  const std::string text =
      "<a xmlns='urn:1'><b xmlns='urn:2' xmlns:z='urn:1' z:x='1'/><c xmlns=''><d><e xmlns='urn:1'/></d></c></a>";
  Tree tree;
  REQUIRE(parse_xml(text, tree));
  std::string out;
  REQUIRE(
      write_xml(tree.root(), {.declaration = false, .prefixes = {{"urn:1", ""}, {"urn:1", "p"}, {"urn:2", "q"}}}, out));
  CHECK(out ==
        "<a xmlns=\"urn:1\" xmlns:p=\"urn:1\" xmlns:q=\"urn:2\"><q:b p:x=\"1\"/><c xmlns=\"\"><d><e "
        "xmlns=\"urn:1\"/></d></c></a>");
  Tree again;
  REQUIRE(parse_xml(out, again));
  CHECK(again.root()->find("c")->first->first->ns == "urn:1");
  const auto missing = write_xml(tree.root(), {.declaration = false, .prefixes = {{"urn:1", ""}}}, out);
  CHECK(missing.error().place.path == "$.b");
  CHECK_FALSE(write_xml(tree.root(), {.prefixes = {{"urn:1", "p"}, {"urn:2", "p"}}}, out));
}

TEST_CASE("writing: what XML cannot hold is refused with its path") {
  for (const std::string& bad : {std::string("\x01"), std::string("a\0", 2), std::string("\xEF\xBF\xBE"),
                                 std::string("\xEF\xBF\xBF"), std::string("\xC0\x80"), std::string("\x1F")}) {
    Tree tree;
    Node* root = tree.make(Kind::object, "r");
    tree.add(root, Kind::text, "ok")->text = "\t\xEF\xBF\xBD";
    Node* text = tree.add(root, Kind::text, "t");
    std::string out;
    REQUIRE(write_xml(root, {}, out));
    text->text = bad;
    const auto written = write_xml(root, {}, out);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == Code::bad_xml);
    CHECK(written.error().place.path == "$.t");
  }
  for (const char* name : {"", "1a", "a b", "a:b", "a>", "-a", "@", "@1", "@xmlns", "\xFF"}) {
    Tree tree;
    Node* root = tree.make(Kind::object, "r");
    tree.add(root, Kind::text, name)->text = "x";
    std::string out;
    CHECK_MESSAGE(!write_xml(root, {}, out), name);
  }
}
