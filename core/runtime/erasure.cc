#include "core/runtime/erasure.h"

#include <future>

#include "core/journal/checkpoint.h"
#include "core/journal/file_journal.h"

namespace lt::runtime {

Result<bool> erase(Env& env, const Clock& clock, const std::string& data, journal::KeyStore& keys,
                   const ErasureRecord& order) {
  if (order.day >= journal::key_day(clock.wall()))
    return fail(Code::usage, "the day is not over: bodies are still sealed under its key", {},
                "erase it after midnight, Vietnam time");
  Metrics metrics;
  journal::FileJournalOptions options;
  options.directory = data + "/journal";
  LT_ASSIGN(const auto checkpoint, journal::newest_checkpoint(env, options.directory, {}, {0, UINT64_MAX}));
  if (checkpoint) options.trusted = checkpoint->position.offset;
  LT_ASSIGN(const auto journal, journal::open_file_journal(env, clock, &keys, metrics, options));
  journal::Record record;
  record.type = journal::RecordType::erasure;
  record.header = encode_erasure(order);
  std::promise<Result<Position>> written;
  journal->append(std::move(record), [&written](Result<Position> position) { written.set_value(std::move(position)); });
  LT_TRY(written.get_future().get());
  return keys.destroy({order.day, static_cast<journal::KeyClass>(order.key_class)});
}

}  // namespace lt::runtime
