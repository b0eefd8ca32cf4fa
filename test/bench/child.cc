#include "test/bench/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <stdexcept>

extern char** environ;

namespace lt::bench {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::string read_line(int file) {
  std::string line;
  for (char c; ::read(file, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

}  // namespace

Child::Child(const std::vector<std::string>& command, const std::vector<std::string>& environment,
             const std::string& log) {
  std::vector<std::string> arguments = command, variables = environment;
  for (char** at = environ; *at; ++at) variables.emplace_back(*at);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[1], 1);
  posix_spawn_file_actions_addopen(&files, 2, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int failed =
      posix_spawn(&id_, arguments[0].c_str(), &files, nullptr, pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&files);
  ::close(ends[1]);
  if (failed == 0) first_line_ = read_line(ends[0]);
  ::close(ends[0]);
  if (failed != 0) throw std::runtime_error("cannot start " + command[0]);
  if (first_line_.empty()) {
    stop();
    throw std::runtime_error(command[0] + " did not come up; its words are in " + log);
  }
  if (::clock_getcpuclockid(id_, &clock_) != 0) throw std::runtime_error("no CPU clock of the child");
}

Child::~Child() { stop(); }

void Child::stop() {
  if (id_ == 0) return;
  ::kill(id_, SIGTERM);
  ::waitpid(id_, nullptr, 0);
  id_ = 0;
}

double Child::cpu_seconds() const {
  timespec time{};
  ::clock_gettime(clock_, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double Child::resident_mb() const {
  std::ifstream status("/proc/" + std::to_string(id_) + "/status");
  for (std::string word; status >> word;) {
    double kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib / 1024;
  }
  return 0;
}

}  // namespace lt::bench
