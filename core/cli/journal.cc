// journal verify, journal dump: of files, with or without a bus running on them.
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/json_text.h"
#include "core/cli/command.h"
#include "core/cli/data_files.h"
#include "core/cli/record_text.h"
#include "core/codec/json.h"
#include "core/journal/file_journal.h"
#include "core/journal/history.h"

namespace lt::cli {
namespace {

struct Verify {
  std::string directory;
  bool json = false;
};

std::string report_json(const journal::VerifyReport& report, const std::string& problems) {
  const auto number = [](std::string_view name, uint64_t value) {
    return "\"" + std::string(name) + "\":" + std::to_string(value) + ",";
  };
  return "{\"ok\":" + std::string(report.problems == 0 ? "true," : "false,") + number("segments", report.segments) +
         number("batches", report.batches) + number("records", report.records) + number("problems", report.problems) +
         "\"first\":\"" + report.first.text() + "\",\"end\":\"" + report.end.text() + "\",\"chain_head\":\"" +
         report.chain_head + "\",\"damage\":[" + problems + "]}";
}

int verify(const Verify& options) {
  auto directory = journal_directory(system_env(), options.directory);
  if (!directory) return report_failure(directory.error());
  std::string problems;
  const auto tell = [&](const Error& error) {
    if (!options.json) {
      std::cout << error.text() << std::endl;
      return;
    }
    if (!problems.empty()) problems += ',';
    quote_json(error.text(), problems);
  };
  auto report = journal::verify_file_journal(system_env(), *directory, tell);
  if (!report) return report_failure(report.error());
  // Only a whole data directory has history beside its journal.
  if (*directory != options.directory) {
    const auto walked =
        journal::verify_history(system_env(), options.directory + "/history", *report, [&](const Error& error) {
          ++report->problems;
          tell(error);
        });
    if (!walked) return report_failure(walked.error());
  }
  if (options.json) {
    std::cout << report_json(*report, problems) << std::endl;
  } else {
    std::cout << (report->problems == 0 ? "Nguyên vẹn / intact: " : "HỎNG / DAMAGED: ") << report->segments
              << " tệp/segments, " << report->batches << " lô/batches, " << report->records << " bản ghi/records, "
              << report->first.text() << " … " << report->end.text()
              << "\nĐầu chuỗi băm / chain head: " << report->chain_head << std::endl;
  }
  return report->problems == 0 ? kOk : kFailure;
}

struct Dump {
  std::string directory, from, key_file;
  uint64_t limit = 0;
  RecordOptions show;
};

int dump(const Dump& options) {
  Position from;
  if (!options.from.empty()) {
    const auto position = Position::parse(options.from);
    if (!position)
      return report_failure(Error(Code::usage, "--from is not a position", {}, "it looks like 0:4711")), kUsage;
    from = *position;
  }
  auto directory = journal_directory(system_env(), options.directory);
  if (!directory) return report_failure(directory.error());
  std::unique_ptr<journal::KeyStore> keys;
  if (options.show.bodies && !options.key_file.empty()) {
    auto opened = open_keys(system_env(), options.directory, options.key_file);
    if (!opened) return report_failure(opened.error());
    keys = std::move(*opened);
  }
  uint64_t left = options.limit ? options.limit : UINT64_MAX;
  const auto read = journal::read_journal_files(system_env(), *directory, keys.get(), from,
                                                [&](const journal::OfflineRecord& record) {
                                                  std::cout << record_text(record, options.show) << '\n';
                                                  return --left > 0 && std::cout.good();
                                                });
  std::cout << std::flush;
  return read ? kOk : report_failure(read.error());
}

}  // namespace

void add_journal(CLI::App& app, Action& chosen) {
  auto* group = app.add_subcommand("journal", "Look at the journal of a data directory; never writes to it");
  group->require_subcommand(1);

  auto check = std::make_shared<Verify>();
  auto* verify_command =
      group->add_subcommand("verify", "Walk every byte: frames, checksums, the hash chain; exit code 1 when damaged");
  verify_command->add_option("directory", check->directory, "data directory, or its journal")->required();
  verify_command->add_flag("--json", check->json, "the report as JSON");
  verify_command->footer("  lienthong journal verify /var/lib/lienthong");
  verify_command->callback([check, &chosen] { chosen = [check] { return verify(*check); }; });

  auto show = std::make_shared<Dump>();
  auto* dump_command = group->add_subcommand("dump", "Print its records, without bodies unless asked");
  dump_command->add_option("directory", show->directory, "data directory, or its journal")->required();
  dump_command->add_option("--from", show->from, "position to start at, e.g. 0:4711");
  dump_command->add_option("--limit", show->limit, "how many records; 0 = all")->capture_default_str();
  dump_command->add_flag("--json", show->show.json, "one JSON object per line");
  auto* bodies = dump_command->add_flag("--bodies", show->show.bodies, "inline bodies too: they hold personal data");
  dump_command->add_option("--master-key", show->key_file, "file of the master key, for sealed bodies")->needs(bodies);
  dump_command->footer("  lienthong journal dump /var/lib/lienthong --from 0:4711 --limit 20 --json");
  dump_command->callback([show, &chosen] { chosen = [show] { return dump(*show); }; });
}

}  // namespace lt::cli
