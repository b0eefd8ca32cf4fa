// Waits until one of some files changed, as editors change them: written in place, or written beside and renamed over.
//
// Their folders are watched (inotify), so a file may come and go. Not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace lt::workshop {

class FolderWatch {
 public:
  static Result<FolderWatch> open();
  FolderWatch(FolderWatch&& other) noexcept;
  FolderWatch& operator=(FolderWatch&&) = delete;
  ~FolderWatch();

  // Watches a file. True when that is news: what was read of it before may be old already. Error io_error when its
  // folder is not there.
  Result<bool> file(const std::string& path);
  // Watches every file with one of the endings in the folder and those below.
  Result<bool> tree(const std::string& folder, const std::vector<std::string>& endings);

  // Returns after a change, and after the burst it came in is over; or when `stop` (a file descriptor) can be read:
  // then false.
  Result<bool> wait(int stop);

 private:
  struct Wanted {
    std::set<std::string> names;
    std::vector<std::string> endings;
    bool wants(const std::string& name) const;
  };
  explicit FolderWatch(int file) : file_(file) {}
  Result<Wanted*> folder(const std::string& path, bool& fresh);
  // True when something wanted was among what is waiting to be read.
  Result<bool> take();

  int file_;
  std::map<int, Wanted> wanted_;  // by watch descriptor
};

}  // namespace lt::workshop
