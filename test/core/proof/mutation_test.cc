// Faults planted at random in the shipped mappings: lint, the examples or a proof find nearly all.
#include "test/core/proof/bed.h"
#include "test/core/proof/mutants.h"

using namespace lt;
using namespace lt::proof;
using namespace lt::proof::test;

namespace {

constexpr size_t kMutants = 200;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kDocuments = 20;
#else
constexpr size_t kDocuments = 150;
#endif

mapping::MappingStore shipped() {
  config::Diagnostics out;
  const std::string root = LT_SOURCE_DIR;
  return mapping::MappingStore::load(system_env(), root + "/mappings", root + "/schemas", out);
}

}  // namespace

TEST_CASE("of 200 faults planted in the shipped mappings at least 95 % are found") {
  const auto store = shipped();
  std::vector<const MappingStore::Entry*> entries;
  for (const auto& [name, entry] : store.entries()) entries.push_back(&entry);
  REQUIRE(!entries.empty());
  for (const MappingStore::Entry* entry : entries) {
    std::string told;
    const Mutant unchanged{entry->file, entry->parts, {}};
    REQUIRE_MESSAGE(catcher_of(*entry, unchanged, kDocuments, &told) == Catcher::nobody, entry->file.file << told);
  }
  size_t caught[4] = {};
  std::string survivors;
  Random random(2026);
  std::set<std::string> seen;
  for (size_t tries = 0; seen.size() < kMutants && tries < 20 * kMutants; ++tries) {
    const MappingStore::Entry& base = *entries[random.below(entries.size())];
    const auto mutant = Mutator(base, random.next()).mutate();
    if (!mutant || !seen.insert(base.file.name.text + ": " + mutant->what).second) continue;
    const Catcher by = catcher_of(base, *mutant, kDocuments);
    ++caught[static_cast<size_t>(by)];
    if (by == Catcher::nobody) survivors += "  " + base.file.name.text + ": " + mutant->what + "\n";
  }
  MESSAGE("found by lint " << caught[0] << ", by examples " << caught[1] << ", by proof " << caught[2] << ", survived "
                           << caught[3] << ":\n"
                           << survivors);
  REQUIRE(seen.size() == kMutants);
  CHECK_MESSAGE(caught[3] * 20 <= kMutants, survivors);
  CHECK(caught[0] > 0);
  CHECK(caught[1] > 0);
}
