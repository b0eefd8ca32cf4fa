// The shipped mappings keep the laws of prove.h.
#include "core/proof/prove.h"
#include "core/mapping/mapping_store.h"
#include "test/core/proof/bed.h"

using namespace lt;
using namespace lt::proof;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kDocuments = 30;
#else
constexpr size_t kDocuments = 300;
#endif

const mapping::MappingStore& shipped() {
  static const mapping::MappingStore store = [] {
    config::Diagnostics out;
    const std::string root = LT_SOURCE_DIR;
    return mapping::MappingStore::load(system_env(), root + "/mappings", root + "/schemas", out);
  }();
  return store;
}

}  // namespace

TEST_CASE("every shipped mapping keeps the laws, on documents nobody thought of") {
  REQUIRE(!shipped().entries().empty());
  for (const auto& [name, entry] : shipped().entries()) {
    const auto proof = prove(entry, {7, kDocuments, 8, 1'500, {}});
    REQUIRE_MESSAGE(proof, (proof ? "" : proof.error().text()));
    CHECK_MESSAGE(proof->ok(), proof->text());
    CHECK_MESSAGE(proof->unusable * 20 <= kDocuments, name);
  }
}
