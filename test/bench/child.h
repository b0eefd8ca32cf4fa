// A server under measurement: a child process, and what the kernel says of it.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <string>
#include <vector>

namespace lt::bench {

class Child {
 public:
  // `environment`: NAME=value added to ours. stderr goes to the file `log`. Reads the first line of stdout. Throws
  // std::runtime_error.
  Child(const std::vector<std::string>& command, const std::vector<std::string>& environment, const std::string& log);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  const std::string& first_line() const { return first_line_; }
  pid_t id() const { return id_; }
  double cpu_seconds() const;  // user and system, of all its threads so far
  double resident_mb() const;
  void stop();  // SIGTERM, waits

 private:
  pid_t id_ = 0;
  clockid_t clock_ = 0;
  std::string first_line_;
};

}  // namespace lt::bench
