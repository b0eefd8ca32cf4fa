#include "core/runtime/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace lt::runtime {

Result<DataLock> DataLock::take(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const std::string path = directory + "/lock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return fail(Code::io_error, path + ": " + std::strerror(errno));
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    char owner[32] = {};
    const ssize_t n = pread(file, owner, sizeof owner - 1, 0);
    close(file);
    return fail(Code::data_in_use, directory + (n > 0 ? " by process " + std::string(owner) : ""));
  }
  const std::string own = std::to_string(getpid());
  if (ftruncate(file, 0) != 0 || pwrite(file, own.data(), own.size(), 0) < 0) {
    close(file);
    return fail(Code::io_error, path + ": " + std::strerror(errno));
  }
  return DataLock(file);
}

DataLock::~DataLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace lt::runtime
