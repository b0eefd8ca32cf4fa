// The journal of the stick: records with CRC32C in one zero-filled file, group commit by fdatasync on a thread of its
// own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace lt::bench {

class StickJournal {
 public:
  using Tags = std::vector<uint64_t>;
  // `durable` runs on the journal's thread, once per sync, with the tags of the records it covered in order of append.
  StickJournal(const std::string& path, std::function<void(Tags)> durable);
  ~StickJournal();
  // From one thread. The file is used again from its beginning when full: nobody reads it.
  void append(uint64_t tag, std::string_view body);
  uint64_t syncs() const { return syncs_; }

 private:
  void run();

  std::function<void(Tags)> durable_;
  int file_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string waiting_;  // guarded, as are the next two
  Tags tags_;
  bool asleep_ = false, stopping_ = false;
  std::atomic<uint64_t> syncs_{0};
  std::thread thread_;
};

}  // namespace lt::bench
