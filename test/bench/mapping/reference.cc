#include <cstdio>
#include <stdexcept>

#include "core/codec/xml.h"
#include "test/bench/mapping/measure.h"
#include "test/bench/mapping/parts.h"
#include "test/bench/mapping/rivals.h"
#include "test/bench/mapping/translator.h"

namespace lt::bench {
namespace {

constexpr double kSlice = 5'000;

void line(const Rounds& rounds, const std::string& name, const std::string& to, const char* aim = "") {
  std::printf("| %s | %.1f | %.2f x %s | %s |\n", name.c_str(), rounds.us(name), rounds.ratio(name, to), to.c_str(),
              aim);
}

// All three must have done the same work.
void check(Translator& there, Translator& back, const Xslt& xslt, const std::string& json, const std::string& xml) {
  const std::string sent = there(json), read = back(xml);
  if (back(sent) != read || there(read) != sent) throw std::runtime_error("the way there and back changes the dossier");
  const std::string foreign = xslt(xml);
  Tree tree;
  need(codec::parse_xml(std::string_view(foreign), tree));
  back(xml);
  if (values_of(tree.root()) != values_of(back.target()))
    throw std::runtime_error("the stylesheet says something else than the mapping");
}

}  // namespace

void measure_reference(int count) {
  const Xslt xslt(file_text("test/bench/mapping/dossier.xsl"));
  const Pair pair = load_pair("mappings/bench/dossier-json-to-xml.map.yaml");
  const std::string json = file_text("mappings/bench/examples/dossier.json");
  const std::string xml = file_text("mappings/bench/examples/dossier.xml");
  Translator there(pair.forward), back(pair.back);
  check(there, back, xslt, json, xml);
  there(json), back(xml);
  const Rounds rounds(
      {
          {"RapidJSON DOM", [&] { rapidjson_dom(json); }},
          {"parse JSON", [&] { there.parse(json); }},
          {"map JSON to XML", [&] { there.run(); }},
          {"write XML", [&] { there.write(); }},
          {"JSON -> XML", [&] { there(json); }},
          {"libxml2 SAX2", [&] { libxml2_sax2(xml); }},
          {"parse XML", [&] { back.parse(xml); }},
          {"map XML to JSON", [&] { back.run(); }},
          {"write JSON", [&] { back.write(); }},
          {"XML -> JSON", [&] { back(xml); }},
          {"libxslt XML -> XML", [&] { xslt(xml); }},
      },
      count, kSlice);
  std::printf("| reference dossier, %.1f KB JSON, %.1f KB XML | us CPU | beside | aim |\n|---|---|---|---|\n",
              static_cast<double>(json.size()) / 1e3, static_cast<double>(xml.size()) / 1e3);
  line(rounds, "RapidJSON DOM", "RapidJSON DOM");
  line(rounds, "parse JSON", "RapidJSON DOM");
  line(rounds, "map JSON to XML", "RapidJSON DOM");
  line(rounds, "write XML", "RapidJSON DOM");
  line(rounds, "JSON -> XML", "RapidJSON DOM", "at most 2.78 (10 us where it takes 3.6)");
  line(rounds, "libxml2 SAX2", "libxml2 SAX2");
  line(rounds, "parse XML", "libxml2 SAX2");
  line(rounds, "map XML to JSON", "libxml2 SAX2");
  line(rounds, "write JSON", "libxml2 SAX2");
  line(rounds, "XML -> JSON", "libxml2 SAX2", "at most 1.89 (20 us where it takes 10.6)");
  line(rounds, "libxslt XML -> XML", "XML -> JSON", "at least 4");
  std::printf("\n");
}

}  // namespace lt::bench
