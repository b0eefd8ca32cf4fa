#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <deque>
#include <filesystem>
#include <iostream>

#include "core/base/env.h"
#include "core/cli/map.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/config/diagnostics.h"
#include "core/message/tree.h"
#include "core/schema/json_schema.h"
#include "core/schema/model.h"
#include "core/schema/xsd.h"
#include "core/workshop/draft.h"

namespace lt::cli {
namespace {

struct Options {
  workshop::MappingPlace place;
  std::string source, target, output;
  std::vector<std::string> pairs;
};

std::shared_ptr<const schema::Model> model(schema::SchemaFiles& files, const std::string& name,
                                           config::Diagnostics& out) {
  return name.ends_with(".xsd") ? schema::read_xsd(files, name, out) : schema::read_json_schema(files, name, out);
}

// `path` below the schemas folder, by either of its names.
std::string below(const std::string& folder, const std::string& path) {
  return path.starts_with(folder + "/") ? path.substr(folder.size() + 1) : path;
}

Result<const Node*> document(const std::string& file, schema::Format format, std::deque<Tree>& trees) {
  LT_ASSIGN(std::string text, read_file(system_env(), file));
  Tree& tree = trees.emplace_back();
  auto done = format == schema::Format::xml ? codec::parse_xml(std::string_view(text), tree)
                                            : codec::parse_json(std::move(text), tree);
  if (!done) {
    Error error = done.error();
    error.place.file = file;
    return tl::unexpected(std::move(error));
  }
  return tree.root();
}

Result<void> write(const Options& options, const workshop::Draft& draft) {
  const auto folder = std::filesystem::path(options.output).parent_path();
  for (const auto& [name, csv] : draft.tables) {
    const auto path = folder / name;
    LT_ASSIGN(const bool there, system_env().exists(path.string()));
    if (there) return fail(Code::usage, fmt::format("{} is there already and is not overwritten", path.string()));
  }
  for (const auto& [name, csv] : draft.tables) {
    const auto path = folder / name;
    LT_TRY(system_env().make_directories(path.parent_path().string()));
    LT_TRY(replace_file(system_env(), path.string(), csv));
  }
  if (!folder.empty()) LT_TRY(system_env().make_directories(folder.string()));
  return replace_file(system_env(), options.output, draft.text);
}

int draft(const Options& options) {
  const auto schemas = workshop::schemas_for(system_env(), options.place, options.output);
  if (!schemas) return report_failure(schemas.error());
  config::Diagnostics found;
  schema::SchemaFiles files(system_env(), *schemas, found);
  workshop::DraftRequest request;
  request.source.schema = below(*schemas, options.source);
  request.target.schema = below(*schemas, options.target);
  const auto source = model(files, request.source.schema, found), target = model(files, request.target.schema, found);
  if (!source || !target) {
    std::cerr << found.text();
    return kBadConfiguration;
  }
  request.source.model = source.get();
  request.target.model = target.get();
  const std::filesystem::path folder = std::filesystem::path(options.output).parent_path();
  const std::string name = std::filesystem::path(options.output).filename().string();
  if (!name.empty()) request.name = name.substr(0, name.find('.'));
  std::deque<Tree> trees;
  for (size_t i = 0; i + 1 < options.pairs.size(); i += 2) {
    const auto from = document(options.pairs[i], source->format, trees);
    if (!from) return report_failure(from.error());
    const auto to = document(options.pairs[i + 1], target->format, trees);
    if (!to) return report_failure(to.error());
    const auto beside = [&](const std::string& file) {
      // Absolute, since the folder need not be there yet.
      return std::filesystem::proximate(std::filesystem::absolute(file), std::filesystem::absolute(folder / "."))
          .string();
    };
    request.pairs.push_back({*from, *to, beside(options.pairs[i]), beside(options.pairs[i + 1])});
  }
  const auto made = workshop::draft_mapping(request);
  if (!made) return report_failure(made.error());
  if (options.output.empty()) {
    std::cout << made->text << std::flush;
    for (const auto& [table, csv] : made->tables) std::cout << fmt::format("\n# {}\n{}", table, csv) << std::flush;
    return kOk;
  }
  const auto there = system_env().exists(options.output);
  if (there && *there)
    return report_failure(Error(Code::usage, options.output + " is there already and is not overwritten"));
  const auto done = write(options, *made);
  return done ? kOk : report_failure(done.error());
}

}  // namespace

void add_map_draft(CLI::App& map, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = map.add_subcommand("draft",
                                     "Đề xuất ánh xạ từ hai lược đồ và các cặp mẫu / propose a mapping from "
                                     "two schemas and pairs of samples");
  command->add_option("--source", options->source, "schema of the source, below --schemas")->required();
  command->add_option("--target", options->target, "schema of the target, below --schemas")->required();
  add_schemas_place(*command, options->place);
  command->add_option("--pair", options->pairs, "source and target document that mean the same")
      ->type_size(2)
      ->expected(-1);
  command->add_option("-o,--output", options->output, "mapping file to write, and tables beside it; never overwrites");
  command->footer(
      "  lienthong map draft --source bench/dossier.schema.json --target bench/dossier.xsd \\\n"
      "      --pair schemas/bench/dossier.json schemas/bench/dossier.xml -o mappings/bench/new.map.yaml");
  command->callback([options, &chosen] { chosen = [options] { return draft(*options); }; });
}

}  // namespace lt::cli
