// map explain: which rule wrote a field.
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/cli/map.h"
#include "core/workshop/document.h"
#include "core/workshop/explain.h"

namespace lt::cli {
namespace {

struct Options {
  workshop::MappingPlace place;
  std::string mapping, sample, path, as_of;
  bool reverse = false;
};

int explain(const Options& options) {
  int code = kOk;
  const auto opened = open_for_command(options.place, options.mapping, options.reverse, code);
  if (!opened) return code;
  auto text = read_sample(options.sample);
  if (!text) return report_failure(text.error());
  Tree source;
  const auto read =
      workshop::parse_document(opened->mapping->source_is_xml(), std::move(*text), options.sample, source);
  if (!read) return report_failure(read.error());
  const auto& entry = opened->entry;
  const mapping::Side& side = options.reverse ? entry.file.source : entry.file.target;
  const workshop::ExplainParts parts{opened->mapping.get(), options.reverse ? entry.parts.source : entry.parts.target,
                                     side.root.text, &entry.file, options.reverse ? &entry.reversal : nullptr};
  const SampleContext context(options.as_of);
  const auto found = workshop::explain(system_env(), parts, source.root(), options.path, context.run);
  if (!found) {
    report_failure(found.error());
    return found.error().code == Code::usage ? kUsage : kFailure;
  }
  std::cout << found->text() << std::flush;
  return kOk;
}

}  // namespace

void add_map_explain(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = group.add_subcommand(
      "explain", "Which rule wrote a field of the output, from where, through which table row; or why none did");
  command->add_option("mapping", options->mapping, "file or name")->required();
  command->add_option("sample", options->sample, "document to translate; - is stdin")->required();
  command->add_option("path", options->path, "of the output: $.A.B[2].C or A.B[2].C, from 0")->required();
  command->add_flag("--reverse", options->reverse, "the sample is of the target, the path of the source");
  command->add_option("--as-of", options->as_of, "day that tables are read as of; default: today")->check(check_day);
  add_mapping_place(*command, options->place);
  command->footer(
      "  lienthong map explain onestop-to-judicial mappings/judicial/examples/dossier.json toKhai.nycDanToc");
  command->callback([options, &chosen] { chosen = [options] { return explain(*options); }; });
}

}  // namespace lt::cli
