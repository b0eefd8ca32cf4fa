// One process per data directory: two writers of one journal would destroy it.
#pragma once

#include <string>

#include "core/base/result.h"

namespace lt::runtime {

class DataLock {
 public:
  // Makes the directory and locks `<directory>/lock`. Error data_in_use names the process that holds it.
  static Result<DataLock> take(const std::string& directory);
  DataLock(DataLock&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  DataLock& operator=(DataLock&&) = delete;
  ~DataLock();

 private:
  explicit DataLock(int file) : file_(file) {}
  int file_;
};

}  // namespace lt::runtime
