#include "core/codec/xslt.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "core/base/limits.h"
#include "core/codec/xml.h"
#include "core/message/tree.h"

using namespace lt;
using namespace lt::codec;

namespace {

std::string sheet(const std::string& body, const std::string& attributes = "") {
  return "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform' " + attributes + ">\n" + body +
         "\n</xsl:stylesheet>";
}

Stylesheet compiled(const std::string& text) {
  auto made = Stylesheet::compile(text, "bo.xsl");
  REQUIRE_MESSAGE(made, (made ? "" : made.error().text()));
  return std::move(*made);
}

std::string translated(const std::string& text, std::string_view document) {
  auto out = compiled(text).run(document);
  REQUIRE_MESSAGE(out, (out ? "" : out.error().text()));
  return *out;
}

Error not_compiled(const std::string& text) {
  auto made = Stylesheet::compile(text, "bo.xsl");
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Code::bad_stylesheet);
  CHECK(made.error().place.file == "bo.xsl");
  return made.error();
}

Error failed(const std::string& text, std::string_view document = "<a/>") {
  auto out = compiled(text).run(document);
  REQUIRE_FALSE(out);
  return out.error();
}

const std::string kText = "<xsl:output method='text'/>";

}  // namespace

TEST_CASE("a stylesheet translates a dossier") {
  const std::string text = sheet(R"xsl(<xsl:output method="xml" encoding="UTF-16" indent="no"/>
<xsl:key name="loai" match="Tep" use="@loai"/>
<xsl:template match="/h:HoSo">
  <dossier code="{h:Ma}"><xsl:apply-templates select="Tep"><xsl:sort select="@ten"/></xsl:apply-templates>
  <kinds><xsl:value-of select="count(Tep[generate-id() = generate-id(key('loai', @loai)[1])])"/></kinds></dossier>
</xsl:template>
<xsl:template match="Tep"><file><xsl:value-of select="translate(@ten, 'ab', 'AB')"/></file></xsl:template>)xsl",
                                 "xmlns:h='urn:hs' exclude-result-prefixes='h'");
  CHECK(translated(text,
                   "<h:HoSo xmlns:h='urn:hs'><h:Ma>H57.01</h:Ma><Tep ten='b' loai='1'/><Tep ten='a' loai='2'/>"
                   "<Tep ten='c' loai='1'/><x>Nguyễn</x></h:HoSo>") ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<dossier code=\"H57.01\"><file>A</file><file>B</file><file>c</file><kinds>2</kinds></dossier>");
}

TEST_CASE("Vietnamese passes, whatever encoding the stylesheet asks for") {
  CHECK(translated(sheet("<xsl:output method='text' encoding='windows-1258'/>"
                         "<xsl:template match='/'>Số <xsl:value-of select='a'/></xsl:template>"),
                   "<a>Đắk Lắk</a>") == "Số Đắk Lắk");
}

TEST_CASE("the pure parts of EXSLT work, the clock and the dice are not there") {
  const std::string names =
      "xmlns:str='http://exslt.org/strings' xmlns:math='http://exslt.org/math' "
      "xmlns:date='http://exslt.org/dates-and-times' "
      "xmlns:exsl='http://exslt.org/common' xmlns:dyn='http://exslt.org/dynamic' "
      "xmlns:crypto='http://exslt.org/crypto'";
  const auto value = [&](const std::string& select) {
    return sheet(kText + "<xsl:template match='/'><xsl:value-of select=\"" + select + "\"/></xsl:template>", names);
  };
  CHECK(translated(value("str:tokenize('a,b', ',')[2]"), "<a/>") == "b");
  CHECK(translated(value("str:replace('abc', 'b', '-')"), "<a/>") == "a-c");
  CHECK(translated(value("math:max(a/b)"), "<a><b>3</b><b>5</b></a>") == "5");
  CHECK(translated(value("count(exsl:node-set(a)/b)"), "<a><b/><b/></a>") == "2");
  for (const char* absent :
       {"date:date-time()", "date:year()", "math:random()", "dyn:evaluate('a')", "crypto:md5('a')"})
    CHECK_MESSAGE(failed(value(absent)).code == Code::stylesheet_failed, absent);
  const Error large = failed(value("count(str:split(a, ''))"), "<a>" + std::string(300'000, 'x') + "</a>");
  CHECK(large.code == Code::stylesheet_failed);
  CHECK(large.detail == "str:tokenize and str:split take at most 256 KiB");
}

TEST_CASE("the same document gives the same bytes") {
  const std::string text =
      sheet(kText +
            "<xsl:template match='/'><xsl:for-each select='//*'><xsl:value-of select='generate-id()'/> "
            "</xsl:for-each><xsl:value-of select='generate-id(/none)'/></xsl:template>");
  CHECK(translated(text, "<a><b/><c/></a>") == "id1id2id3");
}

TEST_CASE("a stylesheet reads no file and no network") {
  for (const char* url : {"file:///etc/passwd", "/etc/passwd", "http://127.0.0.1:9/x", "ftp://127.0.0.1/x", ""}) {
    const Error error = failed(sheet("<xsl:template match='/'>\n<x><xsl:copy-of select=\"document('" +
                                     std::string(url) + "')\"/></x></xsl:template>"));
    CHECK_MESSAGE(error.code == Code::stylesheet_failed, url);
    CHECK(error.detail == "document() reads files and networks: not allowed");
    CHECK(error.place.file == "bo.xsl");
    CHECK(error.place.line == 3);
  }
  for (const char* name : {"include", "import"}) {
    const Error error = not_compiled(sheet("<xsl:" + std::string(name) + " href='file:///etc/passwd'/>"));
    CHECK(error.place.line == 2);
    CHECK(error.detail == "xsl:" + std::string(name) + " is not allowed: one file, nothing outside it");
  }
  CHECK(not_compiled(sheet("<xsl:template match='/'><a><xsl:if test='1'><xsl:document href='/tmp/x'/></xsl:if></a>"
                           "</xsl:template>"))
            .place.line == 2);
}

TEST_CASE("a stylesheet writes no file") {
  for (const char* element :
       {"<exsl:document href='/tmp/lt-xslt-test' xmlns:exsl='http://exslt.org/common'>x</exsl:document>",
        "<saxon:output href='/tmp/lt-xslt-test' xmlns:saxon='http://icl.com/saxon'>x</saxon:output>",
        "<xalan:write select=\"'/tmp/lt-xslt-test'\" "
        "xmlns:xalan='org.apache.xalan.xslt.extensions.Redirect'>x</xalan:write>"}) {
    const Error error =
        failed(sheet("<xsl:template match='/'>" + std::string(element) + "</xsl:template>",
                     "extension-element-prefixes='exsl saxon xalan' xmlns:exsl='http://exslt.org/common' "
                     "xmlns:saxon='http://icl.com/saxon' xmlns:xalan='org.apache.xalan.xslt.extensions.Redirect'"));
    CHECK_MESSAGE(error.code == Code::stylesheet_failed, element);
    CHECK(error.place.line == 2);
  }
}

TEST_CASE("a bomb of templates is stopped by its steps") {
  std::string text = kText;
  for (int i = 0; i < 25; ++i) {
    const std::string next = "<xsl:call-template name='t" + std::to_string(i + 1) + "'/>";
    text += "<xsl:template name='t" + std::to_string(i) + "'>" + next + next + "</xsl:template>";
  }
  text +=
      "<xsl:template name='t25'>x</xsl:template><xsl:template match='/'><xsl:call-template name='t0'/></xsl:template>";
  CHECK(failed(sheet(text)).code == Code::too_much_work);
}

TEST_CASE("searches within searches are stopped by their steps") {
  std::string document = "<a>";
  for (int i = 0; i < 2'000; ++i) document += "<b><c/></b>";
  CHECK(failed(sheet("<xsl:template match='/'><xsl:value-of select='count(//*[count(//*[count(//*) > 1]) > 1])'/>"
                     "</xsl:template>"),
               document + "</a>")
            .code == Code::too_much_work);
}

TEST_CASE("endless recursion is stopped by its depth") {
  const Error error = failed(sheet("<xsl:template match='/' name='t'>\n<xsl:call-template name='t'/></xsl:template>"));
  CHECK(error.code == Code::too_much_work);
  CHECK(error.detail == "templates nested more than 200 deep");
  CHECK(error.place.line == 3);
  CHECK(failed(sheet("<xsl:template match='*'><xsl:apply-templates select='.'/></xsl:template>")).code ==
        Code::too_much_work);
}

TEST_CASE("texts that double are stopped by their memory") {
  const auto doubling = [](const std::string& value) {
    return sheet(kText +
                 "<xsl:template match='/' name='t'><xsl:param name='s' select=\"'0123456789'\"/>"
                 "<xsl:call-template name='t'><xsl:with-param name='s'" +
                 value + "</xsl:call-template></xsl:template>");
  };
  CHECK(failed(doubling(" select='concat($s, $s)'/>")).code == Code::too_much_work);
  CHECK(failed(doubling("><xsl:value-of select='$s'/><xsl:value-of select='$s'/></xsl:with-param>")).code ==
        Code::too_much_work);
  CHECK(failed(doubling("><xsl:copy-of select='$s'/><b/><xsl:copy-of select='$s'/></xsl:with-param>")).code ==
        Code::too_much_work);
}

TEST_CASE("huge output and huge input are refused") {
  const std::string many = "<a>" + std::string(1 << 20, 'x') + "</a>";
  const std::string copies = sheet(kText +
                                   "<xsl:template match='/'><xsl:apply-templates select='//a' mode='m'/></xsl:template>"
                                   "<xsl:template match='a' mode='m'>" +
                                   [] {
                                     std::string all;
                                     for (int i = 0; i < 20; ++i) all += "<xsl:value-of select='.'/>";
                                     return all;
                                   }() +
                                   "</xsl:template>");
  const Error out = failed(copies, many);
  CHECK(out.code == Code::too_large);
  CHECK(out.detail == "the stylesheet makes more than 16777216 bytes");
  CHECK(failed(copies, "<a>" + std::string(limits::kStylesheetInput, 'x') + "</a>").code == Code::too_large);
  CHECK(not_compiled(sheet("<!--" + std::string(limits::kStylesheet, 'x') + "-->")).detail == "Too large");
}

TEST_CASE("no DOCTYPE and no entities, in the stylesheet or in the document") {
  const std::string doctype = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>";
  CHECK(not_compiled(doctype + sheet("<xsl:template match='/'>&x;</xsl:template>")).detail == "XML contains a DOCTYPE");
  const Error undeclared = not_compiled(sheet("<xsl:template match='/'>&x;</xsl:template>"));
  CHECK(undeclared.place.line == 2);
  const std::string copy = sheet("<xsl:template match='/'><xsl:copy-of select='.'/></xsl:template>");
  CHECK(failed(copy, doctype + "<a>&x;</a>").code == Code::doctype_refused);
  CHECK(failed(copy, "<!DOCTYPE a SYSTEM 'http://127.0.0.1/'><a/>").code == Code::doctype_refused);
  CHECK(failed(copy, "<a>&x;</a>").code == Code::bad_xml);
  CHECK(failed(copy, "<a>\xFF</a>").code == Code::bad_encoding);
  CHECK(failed(copy, "").code == Code::bad_xml);
  std::string deep;
  for (int i = 0; i < 129; ++i) deep += "<a>";
  CHECK(failed(copy, deep).code == Code::too_deep);
}

TEST_CASE("a bad stylesheet says where") {
  const Error unknown = not_compiled(sheet("<xsl:template match='/'>\n<xsl:nope/></xsl:template>"));
  CHECK(unknown.place.line == 3);
  const Error path = not_compiled(sheet("<xsl:template match='/'>\n\n<xsl:value-of select='a['/></xsl:template>"));
  CHECK(path.place.line == 4);
  CHECK(not_compiled(sheet("<xsl:template match='/'>\n<a></xsl:template>")).place.line == 3);
  CHECK(not_compiled("<a/>").place.line == 1);
  CHECK(not_compiled("<xsl:stylesheet version='2.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'/>").detail ==
        "version 2.0: only XSLT 1.0");
  CHECK(not_compiled("").detail == "Malformed XML");
}

TEST_CASE("a stylesheet that ends the run is quoted in one short line") {
  const Error said =
      failed(sheet("<xsl:template match='/'>\n<xsl:message terminate='yes'>Thiếu mã\n<xsl:value-of select='a'/>"
                   "</xsl:message></xsl:template>"),
             "<a>" + std::string(500, 'x') + "</a>");
  CHECK(said.code == Code::stylesheet_failed);
  CHECK(said.detail.starts_with("Thiếu mã xxx"));
  CHECK(said.detail.size() <= 200);
  CHECK(translated(sheet(kText + "<xsl:template match='/'><xsl:message>nói</xsl:message>ok</xsl:template>"), "<a/>") ==
        "ok");
}

TEST_CASE("values of the document are not quoted by libxslt") {
  const Error name =
      failed(sheet("<xsl:template match='/'>\n<xsl:element name='{a}'/></xsl:template>"), "<a>bí mật 1</a>");
  CHECK(name.code == Code::stylesheet_failed);
  CHECK(name.place.line == 3);
  CHECK(name.detail.find("bí mật") == std::string::npos);
  CHECK(failed(sheet("<xsl:template match='/'><xsl:value-of select='$none'/></xsl:template>")).code ==
        Code::stylesheet_failed);
}

TEST_CASE("threads share a stylesheet") {
  const Stylesheet shared = compiled(
      sheet(kText +
            "<xsl:template match='/'><xsl:for-each select='//b'><xsl:sort select='.' data-type='number'/>"
            "<xsl:value-of select='.'/>,</xsl:for-each><xsl:if test='a/@bad'><xsl:value-of select='none()'/></xsl:if>"
            "</xsl:template>"));
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&shared, &wrong, t] {
      const std::string mine = std::to_string(100 + t);
      for (int i = 0; i < 50; ++i) {
        const auto out = shared.run("<a><b>" + mine + "</b><b>1</b></a>");
        if (!out || *out != "1," + mine + ",") ++wrong[static_cast<size_t>(t)];
        const auto bad = shared.run("<a bad='1'/>");
        if (bad || bad.error().code != Code::stylesheet_failed) ++wrong[static_cast<size_t>(t)];
      }
    });
  for (auto& thread : threads) thread.join();
  for (const int count : wrong) CHECK(count == 0);
}
