#include "core/journal/stepped_journal.h"

#include <iterator>

namespace lt::journal {

Result<std::unique_ptr<SteppedJournal>> SteppedJournal::open(Env& env, const Clock& clock, KeyStore* keys,
                                                             Metrics& metrics, FileJournalOptions options,
                                                             std::function<uint32_t()> salt) {
  LT_ASSIGN(auto writer, Writer::open(env, clock, keys, metrics,
                                      {std::move(options.directory), options.partition, options.segment_bytes,
                                       options.reserve_bytes, std::move(salt), options.trusted}));
  return std::make_unique<SteppedJournal>(std::move(writer));
}

void SteppedJournal::append(Record record, Appended done) {
  records_.push_back(std::move(record));
  done_.push_back(std::move(done));
}

size_t SteppedJournal::step() {
  if (records_.empty()) return 0;
  const size_t count = Writer::batch_of(records_);
  const uint64_t before = writer_->figures().bytes;
  const auto results = writer_->write(std::span(records_).first(count));
  std::vector<Appended> called(std::make_move_iterator(done_.begin()),
                               std::make_move_iterator(done_.begin() + static_cast<ptrdiff_t>(count)));
  records_.erase(records_.begin(), records_.begin() + static_cast<ptrdiff_t>(count));
  done_.erase(done_.begin(), done_.begin() + static_cast<ptrdiff_t>(count));
  for (size_t i = 0; i < count; ++i) called[i](results[i]);
  writer_->prepare(3 * (writer_->figures().bytes - before));
  return count;
}

void SteppedJournal::flush() {
  while (step() > 0) {
  }
}

void SteppedJournal::close() {
  flush();
  writer_->close();
}

}  // namespace lt::journal
