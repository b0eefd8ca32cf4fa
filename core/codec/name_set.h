// A set of names that is cheap to empty and to reuse. Inside core/codec only.
//
// Hashes with a secret per process, so that nobody can send an object whose names all collide.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace lt::codec {

class NameSet {
 public:
  // The name's bytes must outlive the set, or its next clear. False: it is already there.
  bool insert(std::string_view name) {
    if ((used_ + 1) * 2 > slots_.size()) grow();
    if (!place(name)) return false;
    ++used_;
    return true;
  }
  void clear() {
    slots_.assign(slots_.size() <= kSmall ? slots_.size() : kSmall, {});
    used_ = 0;
  }

 private:
  static constexpr size_t kSmall = 256;
  static uint64_t hash(std::string_view name);
  bool place(std::string_view name);
  void grow();

  std::vector<std::string_view> slots_;  // a power of two of them; data() == nullptr is free
  size_t used_ = 0;
};

}  // namespace lt::codec
