// Runs the real program and reads what it prints.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/cli/process.h"

namespace lt::test {

struct Ran {
  int exit_code = -1;
  std::string out;
};

inline Ran run_program(const std::vector<std::string>& arguments,
                       const std::map<std::string, std::string>& environment = {}) {
  Ran ran;
  auto process = cli::Process::start(LT_PROGRAM, arguments, environment, "/dev/null");
  if (!process) return ran;
  while (auto line = process->read_line()) ran.out += *line + '\n';
  ran.exit_code = process->wait();
  return ran;
}

}  // namespace lt::test
