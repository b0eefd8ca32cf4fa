// CSV, and a code table read from it: what forward finds, reverse finds too.
#include "core/schema/code_table.h"

#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  config::Diagnostics diagnostics;
  const config::CsvTable csv = config::parse_csv(view(bytes, size), "a.csv", diagnostics);
  for (const auto& row : csv.rows) require(row.size() == csv.header.size(), "a row has the fields of the header");
  const auto table = schema::CodeTable::load(csv, diagnostics);
  check_findings(diagnostics);
  if (!diagnostics.ok()) return 0;
  size_t asked = 0;
  for (const schema::CodeRow& row : table.rows()) {
    if (++asked > 200) break;
    const std::optional<schema::Day> day = row.from == schema::kEver ? row.to : row.from;
    const auto* found = table.forward(row.source, day);
    require(found != nullptr && found->source == row.source, "a row is found on its first day");
    const auto* back = table.reverse(row.target, day);
    require(back != nullptr && back->target == row.target, "a row is found in reverse");
    if (table.injective() && !table.dated())
      require(table.reverse(found->target)->source == row.source, "an injective table loses nothing");
  }
  return 0;
}
