#include "core/base/env.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <system_error>

namespace lt {
namespace {
tl::unexpected<Error> fail_errno(int number, std::string_view call, const std::string& path) {
  const Code code = number == ENOSPC || number == EDQUOT ? Code::disk_full : Code::io_error;
  return fail(code, std::string(call) + " " + path + ": " + std::generic_category().message(number));
}

// Calls again while a signal interrupts.
template <class Call>
auto again(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(fd_); }

  Result<size_t> read_at(uint64_t offset, char* out, size_t size) const override {
    size_t done = 0;
    while (done < size) {
      const auto got = again([&] { return ::pread(fd_, out + done, size - done, static_cast<off_t>(offset + done)); });
      if (got < 0) return fail_errno(errno, "read", path_);
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }

  Result<void> write_at(uint64_t offset, std::string_view data) override {
    while (!data.empty()) {
      const auto put = again([&] { return ::pwrite(fd_, data.data(), data.size(), static_cast<off_t>(offset)); });
      if (put < 0) return fail_errno(errno, "write", path_);
      if (put == 0) return fail_errno(EIO, "write", path_);
      offset += static_cast<uint64_t>(put);
      data.remove_prefix(static_cast<size_t>(put));
    }
    return {};
  }

  Result<void> sync() override {
    if (again([&] { return ::fdatasync(fd_); }) < 0) return fail_errno(errno, "sync", path_);
    return {};
  }

  Result<uint64_t> size() const override {
    struct stat status {};
    if (::fstat(fd_, &status) < 0) return fail_errno(errno, "stat", path_);
    return static_cast<uint64_t>(status.st_size);
  }

  Result<void> truncate(uint64_t size) override {
    if (again([&] { return ::ftruncate(fd_, static_cast<off_t>(size)); }) < 0)
      return fail_errno(errno, "truncate", path_);
    return {};
  }

  void start_writeback(uint64_t offset, uint64_t size) override {
    (void)::sync_file_range(fd_, static_cast<off_t>(offset), static_cast<off_t>(size), SYNC_FILE_RANGE_WRITE);
  }

 private:
  int fd_;
  std::string path_;
};

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::read:
      return O_RDONLY;
    case OpenMode::read_write:
      return O_RDWR;
    case OpenMode::create_new:
      return O_RDWR | O_CREAT | O_EXCL;
    case OpenMode::create_or_open:
      return O_RDWR | O_CREAT;
  }
  return O_RDONLY;
}

class PosixEnv final : public Env {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    const int fd = again([&] { return ::open(path.c_str(), open_flags(mode) | O_CLOEXEC, 0640); });
    if (fd < 0) return fail_errno(errno, "open", path);
    std::unique_ptr<File> file = std::make_unique<PosixFile>(fd, path);
    // A directory opens for reading and only fails later, where the message would mislead.
    struct stat status {};
    if (::fstat(fd, &status) < 0) return fail_errno(errno, "stat", path);
    if (S_ISDIR(status.st_mode)) return fail_errno(EISDIR, "open", path);
    return file;
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) < 0) return fail_errno(errno, "rename", from + " to " + to);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (std::remove(path.c_str()) < 0 && errno != ENOENT) return fail_errno(errno, "remove", path);
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    const auto close = [](DIR* stream) { ::closedir(stream); };
    const std::unique_ptr<DIR, decltype(close)> stream(::opendir(directory.c_str()), close);
    if (!stream) return fail_errno(errno, "list", directory);
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (!entry) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return fail_errno(errno, "list", directory);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<void> make_directories(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return fail_errno(error.value(), "make directory", path);
    return {};
  }

  Result<void> sync_directory(const std::string& path) override {
    const int fd = again([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    if (fd < 0) return fail_errno(errno, "open directory", path);
    const int outcome = again([&] { return ::fsync(fd); });
    const int number = errno;
    ::close(fd);
    if (outcome < 0) return fail_errno(number, "sync directory", path);
    return {};
  }

  Result<bool> exists(const std::string& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return fail_errno(errno, "stat", path);
  }

  Result<uint64_t> free_bytes(const std::string& path) override {
    struct statvfs status {};
    if (again([&] { return ::statvfs(path.c_str(), &status); }) < 0) return fail_errno(errno, "statvfs", path);
    return static_cast<uint64_t>(status.f_bavail) * status.f_frsize;
  }
};

std::string directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> write_whole(Env& env, const std::string& path, std::string_view data) {
  LT_ASSIGN(auto file, env.open(path, OpenMode::create_or_open));
  LT_TRY(file->truncate(0));
  LT_TRY(file->write_at(0, data));
  return file->sync();
}
}  // namespace

Env& system_env() {
  static PosixEnv env;
  return env;
}

Result<std::string> read_file(Env& env, const std::string& path, uint64_t limit) {
  LT_ASSIGN(const auto file, env.open(path, OpenMode::read));
  LT_ASSIGN(const uint64_t expected, file->size());
  std::string text;
  // One byte more than expected shows the end; files that grow, or whose size is not known (/proc), take more rounds.
  for (uint64_t want = expected + 1;; want = text.size() + (64 << 10)) {
    const size_t have = text.size();
    if (have > limit || expected > limit)
      return fail(Code::too_large, path + ": more than " + std::to_string(limit) + " bytes");
    text.resize(want);
    LT_ASSIGN(const size_t got, file->read_at(have, text.data() + have, want - have));
    text.resize(have + got);
    if (text.size() < want && text.size() <= limit) return text;
  }
}

Result<void> replace_file(Env& env, const std::string& path, std::string_view data) {
  // The temporary has one name per path, so that crashes leave at most one behind; hence the turns.
  static std::mutex turn;
  const std::lock_guard lock(turn);
  const std::string temporary = path + ".tmp";
  auto done = write_whole(env, temporary, data);
  if (done) done = env.rename(temporary, path);
  if (!done) {
    (void)env.remove(temporary);
    return done;
  }
  return env.sync_directory(directory_of(path));
}

}  // namespace lt
