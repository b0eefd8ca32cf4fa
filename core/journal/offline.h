// Reads the files of a journal without opening it: nothing is written, repaired or locked, so it may stand beside a
// running writer and then sees what was whole at the call. For `lienthong journal dump`.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/env.h"
#include "core/journal/journal.h"
#include "core/journal/keys.h"

namespace lt::journal {

// Views are valid during the callback only.
struct OfflineRecord {
  Position position;
  RecordType type = RecordType::accepted;
  KeyClass key_class = KeyClass::none;
  Wall written{};
  std::string_view header;
  uint64_t body_size = 0;  // unsealed
  bool sealed = false;
  std::optional<std::string_view> body;  // none: it is sealed and there is no key for it
};

// Records from `from` on, in order, until `visit` returns false. Without `keys` sealed bodies are left out; so are
// those whose key was destroyed. Error journal_corrupt where the files are damaged.
Result<void> read_journal_files(Env& env, const std::string& directory, KeyStore* keys, Position from,
                                const std::function<bool(const OfflineRecord&)>& visit);

}  // namespace lt::journal
