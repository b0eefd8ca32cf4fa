// The value in force, exchanged as a whole; whoever took it keeps it alive as long as he uses it.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace lt::runtime {

template <class T>
class Current {
 public:
  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  // Returns the one before.
  std::shared_ptr<const T> exchange(std::shared_ptr<const T> next) {
    const std::lock_guard lock(mutex_);
    return std::exchange(value_, std::move(next));
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace lt::runtime
