// The files of somebody else, who may be writing them: nothing is changed, whatever the reader would like to tidy up.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/env.h"

namespace lt::cli {

// Changes are left undone and answered with success where a reader makes them in passing (folders, temporary files);
// writing to a file is an error. `env` outlives it.
class ReadOnlyEnv final : public Env {
 public:
  explicit ReadOnlyEnv(Env& env) : env_(env) {}

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    if (mode == OpenMode::read) return env_.open(path, mode);
    return fail(Code::io_error, path + ": opened for reading only");
  }
  Result<void> rename(const std::string& from, const std::string&) override {
    return fail(Code::io_error, from + ": opened for reading only");
  }
  Result<void> remove(const std::string&) override { return {}; }
  Result<std::vector<std::string>> list(const std::string& directory) override { return env_.list(directory); }
  Result<void> make_directories(const std::string&) override { return {}; }
  Result<void> sync_directory(const std::string&) override { return {}; }
  Result<bool> exists(const std::string& path) override { return env_.exists(path); }
  Result<uint64_t> free_bytes(const std::string& path) override { return env_.free_bytes(path); }

 private:
  Env& env_;
};

}  // namespace lt::cli
