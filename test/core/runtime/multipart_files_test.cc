// Files that came beside a document and go on by themselves.
#include "core/runtime/file_serving.h"
#include "core/runtime/render.h"
#include "test/core/runtime/file_house.h"
#include "test/core/runtime/multipart_office.h"

using namespace lt;
using namespace lt::runtime::test;

TEST_CASE("a file that came beside the document gets an address, and is served there as it came") {
  Office o;
  Partner partner(o.bed.clock);
  o.use(", carrier: part, as: url, name: ten");
  o.bed.configure(o.setup(partner.url()) + "files: {serve: {listener: main, url: \"" + std::string(kHost) +
                  "/tep\"}}\n");
  o.bed.start();
  REQUIRE(o.post(call_of(kDossier)).status == 202);
  REQUIRE(partner.until_got(1));
  const auto given = addresses(partner.got()[0].body);
  REQUIRE_MESSAGE(given.size() == 1, partner.got()[0].body);
  const auto got = ask(o.bed, given[0]);
  CHECK(got.status == 200);
  CHECK(got.body == kPdf);
}

TEST_CASE("a delivery of many parts looks for them in the body once") {
  struct Counting final : adapter::Bodies {
    explicit Counting(const Body& one) : body(one) {}
    Result<std::unique_ptr<ByteSource>> open(const Body&, uint64_t offset, uint64_t length) override {
      whole += offset == 0 && length >= body.size ? 1 : 0;
      return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(body.view().substr(offset, length)));
    }
    const Body& body;
    int whole = 0;
  };
  for (const char* how :
       {", carrier: part, as: url, name: ten", ", carrier: part", ", carrier: part, as: part, name: ten"}) {
    CAPTURE(how);
    Office o;
    Partner partner(o.bed.clock);
    o.use(how);
    o.bed.configure(o.setup(partner.url()) + "files: {serve: {listener: main, url: \"" + std::string(kHost) +
                    "/tep\"}}\n");
    o.bed.start();
    const std::string file = R"({"ten":"a.pdf","noiDung":"don"},{"ten":"b","noiDung":"khac"})";
    REQUIRE(o.post(call_of(R"({"ma":"H1","tep":[)" + file + "," + file + "]}")).status == 202);
    const auto message = o.accepted();
    const auto graph = o.bed.bus().graph();
    Counting bodies(message->body);
    runtime::RenderParts parts{graph->schemas, graph->mappings, &bodies, &o.bed.clock, "", nullptr};
    parts.addresses = runtime::make_address_giver(*graph->config.files.serve, CipherKey{});
    const auto rendered = runtime::render(parts, *message, message->envelope.deliveries.at(0), Position{});
    REQUIRE(rendered);
    CHECK(bodies.whole == 1);
  }
}
