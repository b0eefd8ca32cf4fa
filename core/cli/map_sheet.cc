#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/env.h"
#include "core/base/hash.h"
#include "core/cli/map.h"
#include "core/workshop/sheet.h"

namespace lt::cli {
namespace {

struct Options {
  workshop::MappingPlace place;
  std::string file, format = "md", language = "vi";
};

int print(const Options& options) {
  int code = kOk;
  const auto opened = open_for_command(options.place, options.file, false, code);
  if (!opened) return code;
  const auto& entry = opened->entry;
  const std::string& file = entry.file.file;
  workshop::SheetRequest request;
  request.entry = &entry;
  request.html = options.format == "html";
  request.vietnamese = options.language == "vi";
  const auto text = read_file(system_env(), file);
  if (!text) return report_failure(text.error());
  request.sha256 = hex(sha256(*text));
  config::Diagnostics found;  // what is wrong with tables was said when the mapping was opened
  const std::string folder = file.substr(0, file.find_last_of('/') + 1);
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
  command->add_option("file", options->file, "file or name of the mapping")->required();
  add_mapping_place(*command, options->place);
  command->add_option("--format", options->format, "md or html")->check(CLI::IsMember({"md", "html"}));
  command->add_option("--lang", options->language, "vi or en")->check(CLI::IsMember({"vi", "en"}));
  command->footer("  lienthong map sheet onestop-to-judicial --format html > annex.html");
  command->callback([options, &chosen] { chosen = [options] { return print(*options); }; });
}

}  // namespace lt::cli
