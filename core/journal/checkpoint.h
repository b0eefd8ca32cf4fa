// Checkpoints: a folded state as it was after a record, so that a start need not fold the whole journal, and may
// trim it. Files `checkpoint-<16 hex digits of the position>.ckp` beside the segments; format.md says their bytes.
//
// A file is written beside, synced, renamed, the directory synced: it is whole or absent. The newest two are kept, so
// that a damaged one costs time only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/env.h"
#include "core/message/position.h"

namespace lt::journal {

struct Checkpoint {
  Position position;  // of the last record folded
  std::string state;
};

// Removes all but the newest two afterwards.
Result<void> write_checkpoint(Env& env, const std::string& directory, const Checkpoint& checkpoint);

// The newest intact one with `from` <= position < `below`. Damaged ones are told to the log and passed over.
Result<std::optional<Checkpoint>> newest_checkpoint(Env& env, const std::string& directory, Position from,
                                                    Position below);

// Removes those at `from` or later: of a journal that went on after the backup this one was restored from.
Result<void> drop_checkpoints_from(Env& env, const std::string& directory, Position from);

// Positions of the intact ones, newest first. Reads every byte of them.
Result<std::vector<Position>> intact_checkpoints(Env& env, const std::string& directory, uint32_t partition);

}  // namespace lt::journal
