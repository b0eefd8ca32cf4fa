// Open watches and cursors of polled sources: what has to be asked again, and how far lists were read.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/outcome.h"
#include "core/message/wire.h"

namespace lt::engine {

class Watches {
 public:
  void fold(const std::vector<WatchChange>& changes);
  void fold(const CursorChange& change) { cursors_[change.source] = change.value; }
  std::vector<WatchChange> open(std::string_view set) const;
  std::string cursor(std::string_view source) const;

  void save(WireWriter& out) const;
  bool load(WireReader& in);

 private:
  struct Set {
    std::map<std::string, uint64_t, std::less<>> by_key;
    std::map<uint64_t, std::pair<std::string, std::string>> by_age;  // key, context
    uint64_t next = 0;
  };
  std::map<std::string, Set, std::less<>> sets_;
  std::map<std::string, std::string, std::less<>> cursors_;
};

}  // namespace lt::engine
