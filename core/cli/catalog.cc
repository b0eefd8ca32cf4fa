// catalog rebuild: the search catalog made again from history and journal, while no bus runs.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <thread>

#include "core/base/metrics.h"
#include "core/catalog/sqlite_catalog.h"
#include "core/cli/command.h"
#include "core/cli/data_files.h"
#include "core/journal/file_journal.h"
#include "core/journal/history.h"
#include "core/message/fact.h"
#include "core/runtime/data_lock.h"

namespace lt::cli {
namespace {

using namespace std::chrono_literals;

struct Options {
  std::string data, key_file;
};

// The last record the catalog takes in; {0, 0} when there is none.
Result<Position> last_fact(const journal::WholeLog& log) {
  Position last;
  LT_TRY(log.read({}, [&](const journal::RecordView& record) {
    if (is_fact(static_cast<uint8_t>(record.type))) last = record.position;
    return true;
  }));
  return last;
}

Result<void> wait_for(catalog::Catalog& catalog, Position last) {
  for (;;) {
    const catalog::Status status = catalog.status();
    if (status.paused) return fail(*status.paused);
    if (status.applied.offset >= last.offset) return {};
    if (isatty(STDERR_FILENO))
      std::cerr << "\r" << status.applied.text() << " / " << last.text() << "   " << std::flush;
    std::this_thread::sleep_for(100ms);
  }
}

Result<Position> rebuild(const Options& options) {
  Env& env = system_env();
  LT_ASSIGN(const std::string directory, journal_directory(env, options.data));
  if (directory != options.data + "/journal")
    return fail(Code::usage, options.data + " is no data directory", {},
                "name the directory that holds journal and catalog");
  LT_ASSIGN(const runtime::DataLock lock, runtime::DataLock::take(options.data));
  LT_ASSIGN(const auto keys,
            open_keys(env, options.data, options.key_file.empty() ? options.data + "/master.key" : options.key_file));
  Metrics metrics;
  LT_ASSIGN(const auto journal,
            journal::open_file_journal(env, system_clock(), keys.get(), metrics, {.directory = directory}));
  LT_ASSIGN(const auto history, journal::History::open(env, options.data + "/history", journal->end().partition));
  LT_ASSIGN(const Position last, last_fact(journal::WholeLog(*journal, history.get())));
  const auto catalog = catalog::open_sqlite_catalog(env, system_clock(), *journal, metrics,
                                                    {.directory = options.data + "/catalog", .history = history.get()});
  catalog->rebuild();
  LT_TRY(wait_for(*catalog, last));
  return last;
}

}  // namespace

void add_catalog(CLI::App& app, Action& chosen) {
  auto* group = app.add_subcommand("catalog", "The search catalog of a data directory");
  group->require_subcommand(1);
  auto options = std::make_shared<Options>();
  auto* command = group->add_subcommand(
      "rebuild", "Make it again from history and journal; no bus may be running on the directory");
  command->add_option("data", options->data, "data directory")->required();
  command->add_option("--master-key", options->key_file, "file of the master key; default <data>/master.key");
  command->footer("  lienthong catalog rebuild /var/lib/lienthong --master-key /etc/lienthong/master.key");
  command->callback([options, &chosen] {
    chosen = [options] {
      while (options->data.size() > 1 && options->data.ends_with('/')) options->data.pop_back();
      const auto end = rebuild(*options);
      if (!end) return report_failure(end.error());
      std::cout << "Đã dựng lại đến / rebuilt up to " << end->text() << std::endl;
      return kOk;
    };
  });
}

}  // namespace lt::cli
