#include <CLI/CLI.hpp>
#include <iostream>

#include "core/cli/map.h"
#include "core/workshop/editor_schema.h"

namespace lt::cli {

void add_map_schema(CLI::App& map, Action& chosen) {
  auto* command =
      map.add_subcommand("schema", "JSON Schema của tệp ánh xạ, cho trình soạn thảo / of mapping files, for editors");
  command->footer(
      "  lienthong map schema > schemas/mapping.schema.json\n"
      "In a mapping file: # yaml-language-server: $schema=../../schemas/mapping.schema.json");
  command->callback([&chosen] {
    chosen = [] {
      std::cout << workshop::editor_schema() << std::flush;
      return kOk;
    };
  });
}

}  // namespace lt::cli
