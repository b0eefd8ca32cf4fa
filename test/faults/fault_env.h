// A disk whose nth operation of a kind fails, once. The machine's files are in memory and can lose what was not synced;
// the catalog's folder is real, because SQLite opens its files itself.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "core/base/env.h"
#include "test/support/sim_env.h"

namespace lt::test {

struct Fault {
  // Operations SimEnv knows, and two more.
  enum class Kind : uint8_t { open, write, sync, rename, remove, sync_directory, truncate, make_directories, list };
  Kind kind = Kind::write;
  uint64_t nth = 0;  // 1 = the first since the disk is there; 0 = never
  Code code = Code::io_error;
  size_t partial = 0;  // of a failed write: so many bytes are in place
};

class FaultEnv final : public Env {
 public:
  FaultEnv(std::string real_folder, Fault fault) : real_folder_(std::move(real_folder)), fault_(fault) {}
  // Did the fault happen?
  bool hit() const { return hit_; }
  void no_more_faults() { armed_ = false; }
  // The machine stops and starts again.
  void crash(uint64_t seed) { memory_.crash(seed); }
  uint64_t count(Fault::Kind kind) const;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<void> make_directories(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<bool> exists(const std::string& path) override { return at(path).exists(path); }
  Result<uint64_t> free_bytes(const std::string& path) override { return at(path).free_bytes(path); }

 private:
  class Watched;
  Env& at(const std::string& path) { return path.starts_with(real_folder_) ? system_env() : memory_; }
  // Counts the operation; the error when it is the one to fail and the disk in memory does not fail it itself.
  Result<void> meet(Fault::Kind kind, const std::string& path);

  const std::string real_folder_;
  const Fault fault_;
  SimEnv memory_;
  std::atomic<bool> armed_{true}, hit_{false};
  mutable std::mutex mutex_;
  std::map<Fault::Kind, uint64_t> counts_;
};

}  // namespace lt::test
