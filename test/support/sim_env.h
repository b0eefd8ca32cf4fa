// A disk in memory that loses what was not synced, and fails on request. For tests and simulations.
//
// The model is stricter than most file systems: at a crash each 512-byte sector written since its file's last sync
// survives or not on its own; each creation, rename and removal not covered by sync_directory of the directory it ended
// in survives or not on its own (a rename is atomic). Directories are durable at once. The same calls and the same seed
// give the same disk. Thread-safe, without real time or real files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/env.h"

namespace lt::test {

enum class Operation { open, write, sync, rename, remove, sync_directory, truncate };

class SimEnv final : public Env {
 public:
  SimEnv();
  ~SimEnv() override;

  // The machine stops and starts again: unsynced state is lost as `seed` says, faults are cleared, files opened before
  // give io_error for ever.
  void crash(uint64_t seed);

  // The nth call (1 = the next) of this kind fails. A failed write first puts `partial` bytes in place; after a
  // failed sync what was written before it shows, but is never durable until it is written again.
  void fail(Operation operation, uint64_t nth, Code code = Code::io_error, size_t partial = 0);
  void clear_faults();
  // Power goes away after `operations` more changing calls (all kinds of Operation but opens of existing files): the
  // one at which it happens and all later ones fail, a write having been begun. Until crash().
  void power_off_after(uint64_t operations);
  bool powered_off() const;
  uint64_t operations() const;  // changing calls so far
  // No more than this many bytes in all files; growing beyond is a short write and disk_full.
  void limit_space(uint64_t bytes);
  uint64_t syncs() const;  // that succeeded

  // The bytes as they are now. Changes through these are durable at once.
  std::string contents(const std::string& path) const;
  void set_contents(const std::string& path, std::string bytes);
  void flip(const std::string& path, uint64_t offset, uint8_t mask = 1);
  std::vector<std::string> files() const;  // paths, sorted

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<void> make_directories(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<uint64_t> free_bytes(const std::string& path) override;

 private:
  struct Node;
  struct Change;
  struct State;
  class OpenFile;
  std::unique_ptr<State> state_;
};

}  // namespace lt::test
