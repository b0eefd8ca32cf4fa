// The reader for plain documents beside libxml2: XmlParser, which is pushed, always goes through libxml2.
#include <doctest/doctest.h>

#include <random>
#include <string>

#include "core/codec/xml.h"
#include "core/codec/xml_plain.h"
#include "core/message/tree.h"

using namespace lt;
using namespace lt::codec;

namespace {

std::string shown(const Node* node) {
  std::string out = "{" + std::string(node->name) + "|" + std::string(node->ns) + "|" + std::string(node->text) + "|" +
                    std::to_string(static_cast<int>(node->kind)) + "|" + std::to_string(node->line);
  for (const Node* child = node->first; child; child = child->next) out += shown(child);
  return out + "}";
}

// The tree and its lines, or "refused".
std::string by_libxml2(const std::string& text, const XmlOptions& options = {}) {
  Tree tree;
  XmlParser parser(tree, options);
  auto done = parser.feed(text);
  if (done) done = parser.finish();
  return done ? shown(tree.root()) : "refused";
}

// The same, or "left": not a document for this reader.
std::string by_plain(const std::string& text, const XmlOptions& options = {}) {
  Tree tree;
  const Node* root = read_plain_xml(text, tree, options);
  return root ? shown(root) : "left";
}

constexpr const char* kPieces[] = {"<a>",
                                   "</a>",
                                   "<a/>",
                                   "<a />",
                                   "<b x='1' y=\"2\">",
                                   "<b\n x='1'\n>",
                                   "</b>",
                                   "</b\n>",
                                   "<p:c xmlns:p='urn:p'>",
                                   "</p:c>",
                                   "<p:a p:x='1' x='2'/>",
                                   "<a xmlns='urn:d'>",
                                   "<a xmlns=''>",
                                   "<b xmlns:q='urn:p' xmlns:p='urn:p' q:x='1' p:x='2'/>",
                                   "<b xmlns:q=''/>",
                                   "<b xmlns:q='urn:q' xmlns:q='urn:r'/>",
                                   "<b xmlns:q='a b'/>",
                                   "<b xmlns:q='%zz'/>",
                                   "<b xmlns:q='relative'/>",
                                   "<b x='&#10;&amp;&lt;&#x1F600;'/>",
                                   "<b x='a\tb'/>",
                                   "<b x='1' x='2'/>",
                                   "<b x='1'y='2'/>",
                                   "<b x = '1'/>",
                                   "<b x='<'/>",
                                   "<b x='>]]>'/>",
                                   "<b x=''/>",
                                   "<b x/>",
                                   "<xml:b/>",
                                   "<b xml:lang='vi'/>",
                                   "<b xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
                                   "<b:b:b/>",
                                   "<-b/>",
                                   "<b.-_9/>",
                                   "< b/>",
                                   "<b / >",
                                   "</ b>",
                                   "<!-- x -->",
                                   "<![CDATA[x]]>",
                                   "<?pi x?>",
                                   "<\xC4\x91/>",
                                   "text",
                                   "Hồ sơ",
                                   " ",
                                   "\n",
                                   "\r\n",
                                   "\r",
                                   "\t",
                                   "\x01",
                                   "]]>",
                                   "]] >",
                                   ">",
                                   "\"'",
                                   "&",
                                   "&amp;",
                                   "&lt;b/&gt;",
                                   "&quot;&apos;",
                                   "&nbsp;",
                                   "&#32;",
                                   "&#13;",
                                   "&#1;",
                                   "&#xFFFE;",
                                   "&#xD800;",
                                   "&#x110000;",
                                   "&#0000065;",
                                   "&#x;",
                                   "&#X41;",
                                   "\xEF\xBF\xBE",
                                   "\xEF\xBF\xBD",
                                   "\xEF\xBB\xBF",
                                   "<",
                                   ">",
                                   "</p:c",
                                   "<a",
                                   "a text that is longer than sixteen bytes, with a & in it",
                                   "a text that is longer than sixteen bytes, with none in it"};

}  // namespace

TEST_CASE("what the plain reader takes, libxml2 takes, and builds the same tree, lines and all") {
  std::mt19937 random(20'261'121);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  size_t taken = 0;
  for (int round = 0; round < 40'000; ++round) {
    // Mostly balanced, or nothing would be well-formed.
    static constexpr const char* kPairs[][2] = {
        {"<a>", "</a>"}, {"<b x='1'>", "</b>"}, {"<p:c xmlns:p='urn:p'>", "</p:c>"}, {"<a xmlns='urn:d'>", "</a\n>"}};
    std::string text, closing;
    if (below(4) == 0) text = below(2) ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" : "<?xml version=\"1.0\"?>";
    for (size_t depth = 1 + below(3); depth > 0; --depth) {
      const auto& pair = kPairs[below(std::size(kPairs))];
      text += pair[0];
      closing = pair[1] + closing;
      for (size_t n = below(3); n > 0; --n) text += kPieces[below(std::size(kPieces))];
    }
    text += closing;
    if (below(8) == 0) text += kPieces[below(std::size(kPieces))];
    const std::string plain = by_plain(text);
    if (plain == "left") continue;
    ++taken;
    CAPTURE(text);
    REQUIRE(plain == by_libxml2(text));
  }
  CHECK(taken > 5'000);
}

TEST_CASE("the plain reader takes what systems send") {
  for (const char* text :
       {"<a/>", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<a b='1'>\r\n  <c>x &amp; y</c>\r\n</a>\n",
        "<e:E xmlns:e=\"http://example.vn/a\" e:id='1'><e:B>Đ</e:B>tail</e:E>", "<a> </a>", "<a x=''> </a>"})
    CHECK_MESSAGE(by_plain(text) == by_libxml2(text), text);
}

TEST_CASE("the plain reader leaves what is beyond its bounds or those of the options") {
  const auto many = [](int n, const std::string& text) {
    std::string out;
    for (int i = 0; i < n; ++i) out += text;
    return out;
  };
  const auto left = [](const std::string& text, const XmlOptions& options = {}) {
    return by_plain(text, options) == "left";
  };
  XmlOptions options;
  options.depth = 2;
  CHECK(left("<a><a><a/></a></a>", options));
  CHECK_FALSE(left("<a><a/></a>", options));
  CHECK_FALSE(left(many(128, "<a>") + many(128, "</a>")));
  CHECK(left(many(129, "<a>") + many(129, "</a>")));
  options = {};
  options.nodes = 3;
  CHECK(left("<a><a x='1'/>t</a>", options));
  CHECK_FALSE(left("<a><a x='1'/></a>", options));
  options = {};
  options.attributes = 1;
  CHECK(left("<a x='1' xmlns='urn:a'/>", options));
  CHECK_FALSE(left("<a x='1'/>", options));
  options = {};
  options.longest = 9;
  CHECK(left("<a>1234567890</a>", options));
  CHECK_FALSE(left("<a>123456789</a>", options));
  options = {};
  options.text = 8;
  CHECK(left("<a>12</a>", options));
  CHECK(left("<" + std::string(513, 'a') + "/>"));
  CHECK_FALSE(left("<" + std::string(512, 'a') + "/>"));
  std::string attributes;
  for (int i = 0; i < 33; ++i) attributes += " a" + std::to_string(i) + "=''";
  CHECK(left("<a" + attributes + "/>"));
}
