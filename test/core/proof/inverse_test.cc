// The inverse that invert() makes against one written by hand.
#include "core/codec/xml.h"
#include "core/mapping/compare.h"
#include "core/mapping/encode.h"
#include "core/mapping/invert.h"
#include "core/mapping/mapping_store.h"
#include "core/proof/mapping_domains.h"
#include "test/core/proof/bed.h"

using namespace lt;
using namespace lt::proof;
using namespace lt::proof::test;

namespace {

mapping::MappingStore::Entry shipped(const std::string& file) {
  config::Diagnostics out;
  const std::string root = LT_SOURCE_DIR;
  auto entry = mapping::MappingStore::load_file(system_env(), root + "/mappings/" + file, root + "/schemas", out);
  REQUIRE_MESSAGE(entry.mapping, out.text());
  return entry;
}

std::string result_of(const mapping::Mapping& mapping, const Node* source) {
  Tree target;
  const auto done = mapping::run(mapping, source, target, {});
  if (!done) return code_text(done.error().code) + " at " + done.error().place.path;
  auto encoded = mapping::encode(mapping, *target.root());
  REQUIRE(encoded);
  return encoded->text();
}

}  // namespace

TEST_CASE("the inverse of the reference mapping does what the one written by hand does") {
  const auto there = shipped("bench/dossier-json-to-xml.map.yaml");
  const auto by_hand = shipped("bench/dossier-xml-to-json.map.yaml");
  REQUIRE(there.reverse);
  REQUIRE(by_hand.reverse);
  size_t translated = 0;
  for (const unsigned stray : {0U, 3U}) {
    Taste taste;
    taste.stray = stray;
    const auto xml = Generator::make(*there.parts.target, "Message", domains_of(there, End::target), taste);
    const auto json = Generator::make(*there.parts.source, "", domains_of(there, End::source), taste);
    REQUIRE(xml);
    REQUIRE(json);
    for (uint64_t seed = 0; seed < 250; ++seed) {
      const Document document = xml->document(seed), other = json->document(seed);
      const std::string back = result_of(*there.reverse, document.tree.root());
      CHECK(back == result_of(*by_hand.mapping, document.tree.root()));
      CHECK(result_of(*there.mapping, other.tree.root()) == result_of(*by_hand.reverse, other.tree.root()));
      if (back.substr(0, 3) != "LT-") ++translated;
    }
  }
  CHECK(translated > 300);
}
