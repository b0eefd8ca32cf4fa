// Strict YAML, and the two kinds of file read from it: mapping rules and types.
#include "core/config/yaml.h"

#include "core/mapping/rule_file.h"
#include "core/schema/type_file.h"
#include "test/fuzz/fuzz.h"

using namespace lt;
using namespace lt::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  config::Diagnostics diagnostics;
  config::Value value = config::parse_yaml(view(bytes, size), "a.yaml", diagnostics);
  static_cast<void>(config::content_hash(value));
  static_cast<void>(mapping::read_rule_file(value, diagnostics));
  static_cast<void>(schema::read_type_file(value, "a/b.type.yaml", diagnostics));
  const auto variables = [](const std::string& name) -> std::optional<std::string> {
    if (name == "A") return "x";
    return std::nullopt;
  };
  config::expand_references(value, no_files(), variables, diagnostics);
  check_findings(diagnostics);
  return 0;
}
