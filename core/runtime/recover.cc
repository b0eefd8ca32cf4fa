#include "core/runtime/recover.h"

#include "core/base/log.h"

namespace lt::runtime {

Result<Recovered> recover_cell(Env& env, const std::string& directory, const journal::Journal& journal,
                               journal::KeyStore& keys, CellLoop& cell, std::optional<journal::Checkpoint> first) {
  const Position begin{journal.end().partition, journal.segments().front().base};
  LT_TRY(journal::drop_checkpoints_from(env, directory, journal.end()));
  Recovered out;
  auto checkpoint = std::move(first);
  if (checkpoint && (checkpoint->position < begin || checkpoint->position >= journal.end())) {
    LT_ASSIGN(checkpoint, journal::newest_checkpoint(env, directory, begin, journal.end()));
  }
  while (checkpoint && !out.checkpoint) {
    const Position position = checkpoint->position;
    if (const auto loaded = cell.load(*checkpoint)) {
      out.checkpoint = position;
      break;
    } else {
      log::warn("recover", "a checkpoint cannot be read; an older one is tried",
                {{"position", position.text()}, {"error", loaded.error()}});
    }
    LT_ASSIGN(checkpoint, journal::newest_checkpoint(env, directory, begin, position));
  }
  checkpoint.reset();
  if (!out.checkpoint && begin.offset > 0)
    return fail(Code::journal_corrupt,
                "the journal begins at byte " + std::to_string(begin.offset) + " and no checkpoint can be used",
                Place{directory, 0, 0, {}},
                "restore a checkpoint-*.ckp of this directory from backup; what was before is in none of the segments");
  std::optional<Error> failed;
  const auto erase_again = [&](const ErasureRecord& erasure) {
    const auto done = keys.destroy({erasure.day, static_cast<journal::KeyClass>(erasure.key_class)});
    if (!done) failed = done.error();
  };
  LT_ASSIGN(out.records, cell.recover(erase_again));
  if (failed) return fail(std::move(*failed));
  return out;
}

}  // namespace lt::runtime
