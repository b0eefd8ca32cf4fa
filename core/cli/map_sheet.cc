#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/env.h"
#include "core/base/hash.h"
#include "core/cli/map.h"
#include "core/workshop/sheet.h"

namespace lt::cli {
namespace {

struct Options {
  std::string file, schemas = "schemas", format = "md", language = "vi";
};

int print(const Options& options) {
  config::Diagnostics found;
  const auto entry = mapping::MappingStore::load_file(system_env(), options.file, options.schemas, found);
  if (!entry.mapping) {
    std::cerr << found.text();
    return kBadConfiguration;
  }
  workshop::SheetRequest request;
  request.entry = &entry;
  request.html = options.format == "html";
  request.vietnamese = options.language == "vi";
  const auto text = read_file(system_env(), options.file);
  if (!text) return report_failure(text.error());
  request.sha256 = hex(sha256(*text));
  const std::string folder = options.file.substr(0, options.file.find_last_of('/') + 1);
  for (const auto& use : entry.file.tables) {
    const auto csv = read_file(system_env(), folder + use.file.text);
    if (!csv) return report_failure(csv.error());
    request.tables.push_back(
        {use.name.text, use.file.text, hex(sha256(*csv)), config::parse_csv(*csv, folder + use.file.text, found)});
  }
  std::cout << workshop::sheet(request) << std::flush;
  return kOk;
}

}  // namespace

void add_map_sheet(CLI::App& map, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = map.add_subcommand("sheet", "Phụ lục ánh xạ để hai bên ký / the annex that two agencies sign");
  command->add_option("file", options->file, "mapping file")->required();
  command->add_option("--schemas", options->schemas, "folder of the schemas")->capture_default_str();
  command->add_option("--format", options->format, "md or html")->check(CLI::IsMember({"md", "html"}));
  command->add_option("--lang", options->language, "vi or en")->check(CLI::IsMember({"vi", "en"}));
  command->footer("  lienthong map sheet mappings/judicial/onestop-to-judicial.map.yaml --format html > annex.html");
  command->callback([options, &chosen] { chosen = [options] { return print(*options); }; });
}

}  // namespace lt::cli
