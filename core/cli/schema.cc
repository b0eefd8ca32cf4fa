// schema: the shape of the configuration, for editors and for people.
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/cli/command.h"
#include "core/config/field.h"
#include "core/runtime/bus_config.h"

namespace lt::cli {

void add_schema(CLI::App& app, Action& chosen) {
  auto reference = std::make_shared<std::string>();
  auto* command = app.add_subcommand("schema", "JSON Schema of the configuration, for editors");
  command->add_option("--reference", *reference, "the reference page instead, Markdown: vi or en")
      ->check(CLI::IsMember({"vi", "en"}));
  command->footer("  lienthong schema > lienthong.schema.json\n  lienthong schema --reference vi");
  command->callback([reference, &chosen] {
    chosen = [reference] {
      const auto& spec = runtime::bus_config_spec();
      std::cout << (reference->empty() ? config::json_schema(spec, "Liên Thông")
                                       : config::reference_page(spec, *reference == "vi"))
                << std::endl;
      return kOk;
    };
  });
}

}  // namespace lt::cli
