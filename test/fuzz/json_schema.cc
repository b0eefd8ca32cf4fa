// JSON Schema: read, compiled, and its own document checked against it.
#include "core/schema/json_schema.h"

#include "core/codec/json.h"
#include "core/schema/checker.h"
#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  config::Diagnostics diagnostics;
  schema::SchemaFiles files(no_files(), "", diagnostics);
  files.put("a.json", std::string(view(bytes, size)));
  const auto model = schema::read_json_schema(files, "a.json", diagnostics);
  check_findings(diagnostics);
  require((model != nullptr) == diagnostics.ok(), "a model, or findings");
  if (!model) return 0;
  for (const auto& entry : model->paths()) {
    bool plain = true;
    for (const schema::Field* step : entry.found.steps) plain &= sayable(step->name);
    if (plain) require(model->lookup(entry.path).has_value(), "a path that is listed is found");
  }
  const auto compiled = schema::CompiledSchema::compile(model);
  if (!compiled) {
    check_error(compiled.error());
    return 0;
  }
  Tree self;
  require(codec::parse_json(std::string(view(bytes, size)), self).has_value(), "a schema is JSON");
  schema::Problems problems;
  const bool good = schema::check(*compiled, self.root(), problems);
  require(good == problems.ok(), "valid, or problems");
  require(good == schema::is_valid(*compiled, self.root()), "both verdicts agree");
  if (!good) check_error(problems.error());
  return 0;
}
