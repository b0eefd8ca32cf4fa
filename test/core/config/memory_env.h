// Files in memory, enough of an Env to read configurations from.
#pragma once

#include <map>
#include <string>

#include "core/base/env.h"

namespace lt::test {

class MemoryFile final : public File {
 public:
  explicit MemoryFile(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<size_t> read_at(uint64_t offset, char* out, size_t size) const override {
    if (offset >= bytes_.size()) return 0;
    return bytes_.copy(out, size, offset);
  }
  Result<void> write_at(uint64_t, std::string_view) override { return fail(Code::io_error, "read only"); }
  Result<void> sync() override { return {}; }
  Result<uint64_t> size() const override { return bytes_.size(); }
  Result<void> truncate(uint64_t) override { return fail(Code::io_error, "read only"); }

 private:
  std::string bytes_;
};

class MemoryEnv final : public Env {
 public:
  std::map<std::string, std::string> files;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode) override {
    const auto found = files.find(path);
    if (found == files.end()) return fail(Code::io_error, path + ": No such file");
    return std::unique_ptr<File>(new MemoryFile(found->second));
  }
  Result<void> rename(const std::string&, const std::string&) override { return fail(Code::io_error, "read only"); }
  Result<void> remove(const std::string&) override { return fail(Code::io_error, "read only"); }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> names;
    for (const auto& [path, bytes] : files) {
      if (path.rfind(directory + "/", 0) != 0) continue;
      const auto rest = path.substr(directory.size() + 1);
      if (rest.find('/') == std::string::npos) names.push_back(rest);
    }
    if (names.empty()) return fail(Code::io_error, directory + ": No such directory");
    return names;
  }
  Result<void> make_directories(const std::string&) override { return {}; }
  Result<void> sync_directory(const std::string&) override { return {}; }
  Result<bool> exists(const std::string& path) override {
    if (files.count(path)) return true;
    const auto next = files.lower_bound(path + "/");
    return next != files.end() && next->first.rfind(path + "/", 0) == 0;
  }
  Result<uint64_t> free_bytes(const std::string&) override { return 0; }
};

}  // namespace lt::test
