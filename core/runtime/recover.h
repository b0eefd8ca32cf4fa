// From the files of a journal to a cell as it was: the newest checkpoint that can be used, and the journal after it.
#pragma once

#include <optional>
#include <string>

#include "core/base/env.h"
#include "core/journal/checkpoint.h"
#include "core/journal/keys.h"
#include "core/runtime/cell_loop.h"

namespace lt::runtime {

struct Recovered {
  std::optional<Position> checkpoint;
  size_t records = 0;  // folded after it
};

// `first` is the checkpoint to try first; then older ones; then the whole journal, if all of it is there. Error
// journal_corrupt when it was trimmed and no checkpoint can be used. Erasures on the way are carried out again: the
// order was durable, whether the key was gone by the stop is not known.
Result<Recovered> recover_cell(Env& env, const std::string& directory, const journal::Journal& journal,
                               journal::KeyStore& keys, CellLoop& cell, std::optional<journal::Checkpoint> first);

}  // namespace lt::runtime
