#include "core/cli/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

extern char** environ;

namespace lt::cli {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Result<Process> Process::start(const std::string& program, const std::vector<std::string>& arguments,
                               const std::map<std::string, std::string>& environment, const std::string& log) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(Code::io_error, std::string("pipe: ") + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  if (!log.empty())
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

  std::vector<std::string> argument_texts{program};
  argument_texts.insert(argument_texts.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables;
  for (char** variable = environ; *variable; ++variable) {
    const std::string text = *variable;
    if (!environment.contains(text.substr(0, text.find('=')))) variables.push_back(text);
  }
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  Process process;
  const int failed = posix_spawn(&process.id_, program.c_str(), &actions, &attributes, pointers(argument_texts).data(),
                                 pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(ends[1]);
  process.out_ = ends[0];
  if (failed != 0) {
    process.id_ = 0;
    return fail(Code::io_error, program + ": " + std::strerror(failed));
  }
  return process;
}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(out_, other.out_);
  std::swap(status_, other.status_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

Process::~Process() {
  if (running()) {
    signal(SIGKILL);
    wait();
  }
  if (out_ >= 0) close(out_);
}

Result<std::string> Process::read_line() {
  for (;;) {
    if (const size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    char chunk[4096];
    const ssize_t n = read(out_, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return fail(Code::process_ended, "process " + std::to_string(id_) + " said nothing more");
    buffer_.append(chunk, static_cast<size_t>(n));
  }
}

void Process::signal(int number) {
  if (id_ > 0 && status_ < 0) kill(id_, number);
}

int Process::wait() {
  if (id_ > 0 && status_ < 0) {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    status_ = exit_code(status);
  }
  return status_;
}

bool Process::running() {
  if (id_ <= 0 || status_ >= 0) return false;
  int status = 0;
  if (waitpid(id_, &status, WNOHANG) != id_) return true;
  status_ = exit_code(status);
  return false;
}

std::string own_program() {
  char path[4096];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  return n > 0 ? std::string(path, static_cast<size_t>(n)) : std::string("lienthong");
}

}  // namespace lt::cli
