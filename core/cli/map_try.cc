// map try: a sample through a mapping, once or whenever something changes.
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "core/base/clock.h"
#include "core/base/json_text.h"
#include "core/cli/map.h"
#include "core/config/yaml.h"
#include "core/mapping/encode.h"
#include "core/workshop/document.h"
#include "core/workshop/folder_watch.h"

namespace lt::cli {
namespace {

struct Options {
  workshop::MappingPlace place;
  std::string mapping, sample, as_of;
  bool reverse = false, watch = false, json_errors = false;
};

std::string error_json(const Error& error) {
  const CodeInfo& entry = info(error.code);
  const std::string hint(error.hint.empty() ? entry.hint_en : std::string_view(error.hint));
  std::string out = "{\"code\":\"" + code_text(error.code) + "\"";
  const auto member = [&](std::string_view name, std::string_view text) {
    if (text.empty()) return;
    out.append(",\"").append(name).append("\":");
    quote_json(text, out);
  };
  member("title", entry.title_en);
  member("title_vi", entry.title_vi);
  member("detail", error.detail);
  member("file", error.place.file);
  if (error.place.line > 0)
    out += ",\"line\":" + std::to_string(error.place.line) + ",\"column\":" + std::to_string(error.place.column);
  member("path", error.place.path);
  member("hint", hint);
  if (error.hint.empty()) member("hint_vi", entry.hint_vi);
  return out + "}";
}

int refuse(const Options& options, const Error& error) {
  if (!options.json_errors) return report_failure(error);
  std::cerr << error_json(error) << std::endl;
  return kFailure;
}

// One trial. `stdin_text`: of "-", read once.
int try_once(const Options& options, const std::string& stdin_text) {
  config::Diagnostics diagnostics;
  auto entry = workshop::open_mapping(system_env(), options.place, options.mapping, diagnostics);
  if (!entry) return refuse(options, entry.error());
  if (options.json_errors && !diagnostics.ok())
    std::cerr << diagnostics.json() << std::endl;
  else
    std::cerr << diagnostics.text() << std::flush;
  if (!diagnostics.ok() || !entry->mapping) return kBadConfiguration;
  auto mapping = entry->mapping;
  if (options.reverse) {
    auto back = workshop::way_back(*entry);
    if (!back) return refuse(options, back.error());
    tell_if_lossy(*entry, **back);
    mapping = std::move(*back);
  }
  Result<std::string> text = stdin_text;
  if (options.sample != "-") text = read_file(system_env(), options.sample);
  if (!text) return refuse(options, text.error());
  Tree source, target;
  if (auto read = workshop::parse_document(mapping->source_is_xml(), std::move(*text), options.sample, source); !read)
    return refuse(options, read.error());
  const SampleContext context(options.as_of);
  if (auto done = mapping::run(*mapping, source.root(), target, context.run); !done)
    return refuse(options, done.error());
  mapping::FileRoom files(workshop::files_beside(system_env(), options.sample));
  if (auto settled = files.settle(target); !settled) return refuse(options, settled.error());
  mapping::EncodeOptions pretty;
  pretty.pretty = true;
  auto encoded = mapping::encode(*mapping, *target.root(), pretty);
  if (!encoded) return refuse(options, encoded.error());
  const std::string& out = encoded->text();
  std::cout << out << (out.ends_with('\n') ? "" : "\n") << std::flush;
  return kOk;
}

// Watches everything the output depends on. True when something of it was not watched before.
Result<bool> watch_all(const Options& options, workshop::FolderWatch& watch) {
  Env& env = system_env();
  LT_ASSIGN(const std::string path, workshop::mapping_file(env, options.place, options.mapping));
  LT_ASSIGN(const std::string schemas, workshop::schemas_for(env, options.place, path));
  LT_ASSIGN(bool news, watch.tree(schemas, {".json", ".xsd"}));
  std::vector<std::string> files{path};
  if (options.sample != "-") files.push_back(options.sample);
  for (const std::string& file : files) {
    LT_ASSIGN(const bool fresh, watch.file(file));
    news = news || fresh;
  }
  config::Diagnostics unused;
  const auto value = config::parse_yaml_file(env, path, unused);
  const std::string folder = path.find('/') == std::string::npos ? "" : path.substr(0, path.rfind('/') + 1);
  for (const mapping::TableUse& use : mapping::read_rule_file(value, unused).tables) {
    // One in a folder that is not there is a finding, and written down when the mapping file is mended.
    const auto fresh = watch.file(folder + use.file.text);
    news = news || (fresh && *fresh);
  }
  return news;
}

// SIGINT and SIGTERM as something to poll.
class StopSignals {
 public:
  StopSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM}) sigaddset(&signals, signal);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    file_ = signalfd(-1, &signals, SFD_CLOEXEC);
  }
  ~StopSignals() { ::close(file_); }
  StopSignals(const StopSignals&) = delete;
  int file() const { return file_; }

 private:
  int file_;
};

int keep_trying(const Options& options, const std::string& stdin_text) {
  const StopSignals stop;
  auto watch = workshop::FolderWatch::open();
  if (!watch) return report_failure(watch.error());
  if (auto watched = watch_all(options, *watch); !watched) return report_failure(watched.error());
  for (;;) {
    std::cout << "--- " << format_rfc3339(system_clock().wall()).substr(11, 8) << " ---" << std::endl;
    try_once(options, stdin_text);
    const auto changed = watch->wait(stop.file());
    if (!changed) return report_failure(changed.error());
    if (!*changed) return kOk;
    // The mapping may name other tables now. Watched before they are read, so that no change is lost in between.
    if (auto watched = watch_all(options, *watch); !watched) report_failure(watched.error());
  }
}

int attempt(const Options& options) {
  std::string stdin_text;
  if (options.sample == "-") {
    auto read = read_sample("-");
    if (!read) return refuse(options, read.error());
    stdin_text = std::move(*read);
  }
  if (options.watch) return keep_trying(options, stdin_text);
  return try_once(options, stdin_text);
}

}  // namespace

void add_map_try(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = group.add_subcommand("try", "Translate a sample: the output, or the error");
  command->add_option("mapping", options->mapping, "file or name")->required();
  command->add_option("sample", options->sample, "document to translate; - is stdin")->required();
  command->add_flag("--reverse", options->reverse, "from target to source");
  command->add_flag("--watch", options->watch, "again whenever mapping, tables, schemas or sample change; Ctrl-C ends");
  command->add_option("--as-of", options->as_of, "day that tables are read as of; default: today")->check(check_day);
  command->add_flag("--json-errors", options->json_errors, "errors as JSON");
  add_mapping_place(*command, options->place);
  command->footer("  lienthong map try onestop-to-judicial mappings/judicial/examples/dossier.json --watch");
  command->callback([options, &chosen] { chosen = [options] { return attempt(*options); }; });
}

}  // namespace lt::cli
