#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/env.h"
#include "core/base/json_text.h"
#include "core/cli/map.h"
#include "core/cli/table.h"
#include "core/config/diagnostics.h"
#include "core/schema/code_list.h"
#include "core/schema/code_table.h"
#include "core/schema/json_schema.h"
#include "core/schema/model.h"
#include "core/schema/schema_store.h"
#include "core/schema/xsd.h"
#include "core/workshop/complete.h"

namespace lt::cli {
namespace {

struct Options {
  workshop::MappingPlace place;
  std::string file;
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
  const auto file = workshop::mapping_file(system_env(), options.place, options.file);
  if (!file) return report_failure(file.error());
  const auto text = read_file(system_env(), *file);
  if (!text) return report_failure(text.error());
  // What cannot be read only leaves its names out.
  config::Diagnostics found;
  const auto folder = workshop::schemas_for(system_env(), options.place, *file);
  const std::string schemas = folder ? *folder : "schemas";
  schema::SchemaFiles files(system_env(), schemas, found);
  workshop::CompleteRequest request{*text, options.line, options.column};
  request.schema = [&](const std::string& name) -> std::shared_ptr<const schema::Model> {
    return name.ends_with(".xsd") ? schema::read_xsd(files, name, found) : schema::read_json_schema(files, name, found);
  };
  request.table = [&](const std::string& name) {
    const std::string beside = file->substr(0, file->rfind('/') + 1);  // "" without a slash
    return std::make_shared<const schema::CodeTable>(schema::CodeTable::load_file(system_env(), beside + name, found));
  };
  request.codes = [&](const std::string& name) {
    return std::make_shared<const schema::CodeList>(
        schema::CodeList::load_file(system_env(), schemas + "/" + name, found));
  };
  request.schemas = [&] { return schema::schema_names(system_env(), schemas); };
  const auto all = workshop::complete(request);
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
  command->add_option("file", options->file, "file or name of the mapping")->required();
  command->add_option("--line", options->line, "line, from 1")->required()->check(CLI::PositiveNumber);
  command->add_option("--column", options->column, "column of the cursor, from 1")
      ->required()
      ->check(CLI::PositiveNumber);
  add_mapping_place(*command, options->place);
  command->add_flag("--json", options->json, "as JSON");
  command->footer("  lienthong map complete mappings/bench/dossier-json-to-xml.map.yaml --line 12 --column 14 --json");
  command->callback([options, &chosen] { chosen = [options] { return print(*options); }; });
}

}  // namespace lt::cli
