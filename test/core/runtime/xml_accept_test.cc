// Documents of XML types are checked against their XSD before they are accepted.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "test/core/runtime/bed.h"

using namespace lt;
using namespace lt::runtime::test;

TEST_CASE("an XML document that breaks its XSD is refused at the door, with the place and without the value") {
  Bed bed;
  Partner partner(bed.clock);
  const std::string folder = bed.folder() + "/schemas";
  std::filesystem::copy(bed.schemas, folder, std::filesystem::copy_options::recursive);
  bed.schemas = folder;
  std::ofstream(folder + "/bench/xml.type.yaml")
      << "type: bench/xml\nformat: xml\nschema: dossier.xsd\ntitle: {vi: thử, en: test}\n"
         "order_key: {space: t, path: $.Dossier.Code}\n";
  bed.configure(
      "endpoints:\n  in: {adapter: http, type: bench/xml, settings: {listener: main, path: /in}}\n"
      "destinations:\n  out: {adapter: http, settings: {url: \"" +
      partner.url() +
      "\", class: partner_idempotent, timeout: 24h}}\nroutes:\n  - {name: all, types: [bench/xml], deliver: "
      "[{destination: out}]}\n");
  bed.start();
  std::string document = *read_file(system_env(), std::string(LT_SOURCE_DIR) + "/schemas/bench/dossier.xml");
  CHECK(bed.post("/in", document).status == 202);
  const size_t at = document.find("1985-03-12");
  REQUIRE(at != std::string::npos);
  document.replace(at, 10, "12/03/1985");
  const auto refused = bed.post("/in", document);
  CHECK(refused.status == 422);
  CHECK(refused.body.find("$.Applicant.Dob") != std::string::npos);
  CHECK(refused.body.find("12/03/1985") == std::string::npos);
}
