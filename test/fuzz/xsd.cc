// XSD: read, its paths listed and found.
#include "core/schema/xsd.h"

#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  config::Diagnostics diagnostics;
  schema::SchemaFiles files(no_files(), "", diagnostics);
  files.put("a.xsd", std::string(view(bytes, size)));
  const auto model = schema::read_xsd(files, "a.xsd", diagnostics);
  check_findings(diagnostics);
  require((model != nullptr) == diagnostics.ok(), "a model, or findings");
  if (!model) return 0;
  for (const schema::Field& root : model->roots)
    for (const auto& entry : model->paths(root.name)) {
      bool plain = true;
      for (const schema::Field* step : entry.found.steps) plain &= sayable(step->name);
      if (plain) require(model->lookup(entry.path, root.name).has_value(), "a path that is listed is found");
    }
  return 0;
}
