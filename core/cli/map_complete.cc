#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/env.h"
#include "core/base/json_text.h"
#include "core/cli/map.h"
#include "core/cli/table.h"
#include "core/config/diagnostics.h"
#include "core/schema/json_schema.h"
#include "core/schema/model.h"
#include "core/schema/xsd.h"
#include "core/workshop/complete.h"

namespace lt::cli {
namespace {

struct Options {
  std::string file, schemas = "schemas";
  int line = 1, column = 1;
  bool json = false;
};

std::string as_json(const std::vector<workshop::Completion>& all) {
  std::string out = "[";
  for (const auto& at : all) {
    out += out.size() > 1 ? ",\n" : "";
    out += "{\"text\":" + quote_json(at.text) + ",\"kind\":" + quote_json(at.kind) +
           ",\"detail\":" + quote_json(at.detail) + ",\"title\":" + quote_json(at.title) + "}";
  }
  return out + "]\n";
}

int print(const Options& options) {
  const auto text = read_file(system_env(), options.file);
  if (!text) return report_failure(text.error());
  config::Diagnostics found;  // a schema that cannot be read only leaves its paths out
  schema::SchemaFiles files(system_env(), options.schemas, found);
  const auto model = [&](const std::string& name) -> std::shared_ptr<const schema::Model> {
    if (name.empty()) return nullptr;
    return name.ends_with(".xsd") ? schema::read_xsd(files, name, found) : schema::read_json_schema(files, name, found);
  };
  const auto names = workshop::named_schemas(*text);
  const auto source = model(names.first), target = model(names.second);
  const auto all = workshop::complete({*text, options.line, options.column, source.get(), target.get()});
  if (options.json) {
    std::cout << as_json(all) << std::flush;
    return kOk;
  }
  Table table({"text", "kind", "detail", "title"});
  for (const auto& at : all) table.add({at.text, at.kind, at.detail, at.title});
  if (!table.empty()) std::cout << table.text(colours_wanted()) << std::flush;
  return kOk;
}

}  // namespace

void add_map_complete(CLI::App& map, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command =
      map.add_subcommand("complete", "Gợi ý tại một chỗ, cho trình soạn thảo / what may stand at a place, for editors");
  command->add_option("file", options->file, "mapping file")->required();
  command->add_option("--line", options->line, "line, from 1")->required()->check(CLI::PositiveNumber);
  command->add_option("--column", options->column, "column of the cursor, from 1")
      ->required()
      ->check(CLI::PositiveNumber);
  command->add_option("--schemas", options->schemas, "folder of the schemas")->capture_default_str();
  command->add_flag("--json", options->json, "as JSON");
  command->footer("  lienthong map complete mappings/bench/dossier-json-to-xml.map.yaml --line 12 --column 14 --json");
  command->callback([options, &chosen] { chosen = [options] { return print(*options); }; });
}

}  // namespace lt::cli
