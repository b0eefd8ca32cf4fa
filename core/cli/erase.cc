// erase: destroys the data key of a day and class, and with it every body sealed under it, while no bus runs.
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/text.h"
#include "core/cli/command.h"
#include "core/cli/data_files.h"
#include "core/runtime/data_lock.h"
#include "core/runtime/erasure.h"

namespace lt::cli {
namespace {

struct Options {
  std::string data, key_file, key_class, day, by, why;
};

Result<uint32_t> parse_day(const std::string& text) {
  const auto start = parse_rfc3339(text + "T00:00:00+07:00");
  if (text.size() != 10 || !start)
    return fail(Code::usage, "--day " + text + " is no date", {}, "it looks like 2026-11-20");
  return journal::key_day(*start);
}

Result<bool> erase(const Options& options) {
  Env& env = system_env();
  LT_ASSIGN(const uint32_t day, parse_day(options.day));
  const auto key_class = journal::parse_key_class(options.key_class);
  if (!key_class) return fail(Code::usage, "--key-class " + options.key_class);
  if (normalise(options.by).empty() || normalise(options.why).empty())
    return fail(Code::usage, "--by and --why are empty", {}, "say who does this, and why");
  LT_ASSIGN(const std::string directory, journal_directory(env, options.data));
  if (directory != options.data + "/journal")
    return fail(Code::usage, options.data + " is no data directory", {},
                "name the directory that holds journal and keys");
  const auto lock = runtime::DataLock::take(options.data);
  if (!lock)
    return fail(lock.error().code, lock.error().detail, {},
                "stop the bus, erase, start it again: what waits of that day then becomes dead, as erased");
  LT_ASSIGN(const auto keys,
            open_keys(env, options.data, options.key_file.empty() ? options.data + "/master.key" : options.key_file));
  return runtime::erase(env, system_clock(), options.data, *keys,
                        {day, static_cast<uint8_t>(*key_class), options.by, options.why, system_clock().wall()});
}

}  // namespace

void add_erase(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "erase", "Destroy the data key of a day: its bodies can never be read again; no bus may be running");
  command->add_option("data", options->data, "data directory")->required();
  command->add_option("--key-class", options->key_class, "personal or document")
      ->required()
      ->check(CLI::IsMember({"personal", "document"}));
  command->add_option("--day", options->day, "YYYY-MM-DD, Vietnam time, over already")->required();
  command->add_option("--by", options->by, "who orders it")->required();
  command->add_option("--why", options->why, "for what reason")->required();
  command->add_option("--master-key", options->key_file, "file of the master key; default <data>/master.key");
  command->footer(
      "  lienthong erase /var/lib/lienthong --key-class personal --day 2026-08-20 --by \"Trần Thị Bình\" "
      "--why \"yêu cầu số 12\"");
  command->callback([options, &chosen] {
    chosen = [options] {
      while (options->data.size() > 1 && options->data.ends_with('/')) options->data.pop_back();
      const auto was = erase(*options);
      if (!was) return report_failure(was.error());
      std::cout << (*was ? "Đã xoá / erased: " : "Không có gì để xoá / nothing was sealed: ") << options->key_class
                << ' ' << options->day << std::endl;
      return kOk;
    };
  });
}

}  // namespace lt::cli
