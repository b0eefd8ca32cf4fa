// Child processes of the demo and of the crash tests: this same program with other arguments.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace lt::cli {

class Process {
 public:
  // Starts `program` with arguments and with `environment` added to ours. Its stdout is read line by line; its stderr
  // goes to `log` (appended), or is inherited when `log` is empty.
  static Result<Process> start(const std::string& program, const std::vector<std::string>& arguments,
                               const std::map<std::string, std::string>& environment, const std::string& log);
  Process() = default;
  Process(Process&& other) noexcept { *this = std::move(other); }
  Process& operator=(Process&& other) noexcept;
  ~Process();  // SIGKILL if it still runs

  // The next line of its stdout, without the line end. Error process_ended when it closed it.
  Result<std::string> read_line();
  void signal(int number);
  // Waits for its end. Exit code, or 128 + signal number.
  int wait();
  bool running();
  pid_t id() const { return id_; }

 private:
  pid_t id_ = 0;
  int out_ = -1;
  int status_ = -1;
  std::string buffer_;
};

// Path of the running program.
std::string own_program();

}  // namespace lt::cli
