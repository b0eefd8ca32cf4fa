// Files and fsync as an interface, so that tests can lose unsynced data, fail a sync or fill the disk on purpose.
//
// Paths are UTF-8. All calls may block. Errors are io_error or disk_full with the path and errno text in `detail`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lt {

// One open file. Calls on one File are not thread-safe unless said.
class File {
 public:
  virtual ~File() = default;  // closes
  // Reads up to `size` bytes at `offset`; fewer only at the end of the file. Thread-safe.
  virtual Result<size_t> read_at(uint64_t offset, char* out, size_t size) const = 0;
  // Writes all of `data` at `offset`, growing the file as needed. A short write is an error.
  virtual Result<void> write_at(uint64_t offset, std::string_view data) = 0;
  // Durable contents (fdatasync). After a failure nothing written since the last success may be trusted.
  virtual Result<void> sync() = 0;
  virtual Result<uint64_t> size() const = 0;
  virtual Result<void> truncate(uint64_t size) = 0;
  // Begins to write a range to the disk, so that a later sync has less to do. Promises nothing.
  virtual void start_writeback(uint64_t offset, uint64_t size) {
    static_cast<void>(offset);
    static_cast<void>(size);
  }
};

enum class OpenMode { read, read_write, create_new, create_or_open };

class Env {
 public:
  virtual ~Env() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;                         // of a missing file: no error
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;  // names, sorted, without . and ..
  virtual Result<void> make_directories(const std::string& path) = 0;
  virtual Result<void> sync_directory(const std::string& path) = 0;  // makes renames and creations durable
  virtual Result<bool> exists(const std::string& path) = 0;
  virtual Result<uint64_t> free_bytes(const std::string& path) = 0;
};

// The operating system's files.
Env& system_env();

// A whole small file. Error too_large when it is longer than `limit`.
Result<std::string> read_file(Env& env, const std::string& path, uint64_t limit = 64 << 20);
// Writes `path`.tmp, syncs, renames it over `path`, syncs the directory: after a crash `path` is the old or the new
// file, whole. Threads take turns; two processes must not replace one path at the same time.
Result<void> replace_file(Env& env, const std::string& path, std::string_view data);

}  // namespace lt
