#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "core/base/env.h"
#include "core/cli/map.h"
#include "core/workshop/format.h"

namespace lt::cli {
namespace {

constexpr size_t kFolderDepth = 8;

struct Options {
  std::vector<std::string> files;
  bool check = false;
};

// `path` itself, or every mapping file below it.
void collect(const std::string& path, size_t depth, std::vector<std::string>& out) {
  const auto names =
      path.ends_with(".yaml") ? Result<std::vector<std::string>>(fail(Code::io_error, path)) : system_env().list(path);
  if (!names) {
    if (depth == 0 || path.ends_with(".map.yaml")) out.push_back(path);
    return;
  }
  if (depth > kFolderDepth) return;
  for (const std::string& name : *names)
    if (name.ends_with(".map.yaml") || name.find('.') == std::string::npos) collect(path + "/" + name, depth + 1, out);
}

int format(const Options& options) {
  std::vector<std::string> files;
  for (const std::string& path : options.files) collect(path, 0, files);
  int result = kOk;
  for (const std::string& file : files) {
    const auto text = read_file(system_env(), file);
    const auto made = text ? workshop::format_mapping(*text, file) : text;
    if (!made) {
      result = report_failure(made.error());
    } else if (*made != *text) {
      std::cout << file << std::endl;
      if (options.check) {
        result = kFailure;
      } else if (const auto done = replace_file(system_env(), file, *made); !done) {
        result = report_failure(done.error());
      }
    }
  }
  return result;
}

}  // namespace

void add_map_fmt(CLI::App& map, Action& chosen) {
  auto options = std::make_shared<Options>();
  options->files = {"mappings"};
  auto* command =
      map.add_subcommand("fmt", "Định dạng tệp ánh xạ / format mapping files; prints the names of those changed");
  command->add_option("file", options->files, "files or folders; mappings when none is named");
  command->add_flag("--check", options->check, "change nothing; fail when a file is not formatted");
  command->footer("  lienthong map fmt mappings\n  lienthong map fmt --check");
  command->callback([options, &chosen] { chosen = [options] { return format(*options); }; });
}

}  // namespace lt::cli
