// A journal without threads, for simulations: what is appended waits until somebody steps.
//
// The same writer, files and recovery as the FileJournal; only who calls the writer differs. Not thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "core/journal/file_journal.h"
#include "core/journal/writer.h"

namespace lt::journal {

class SteppedJournal final : public Journal {
 public:
  // `salt` (of epochs, see WriterOptions) may be empty; give one for runs that are the same to the byte.
  static Result<std::unique_ptr<SteppedJournal>> open(Env& env, const Clock& clock, KeyStore* keys, Metrics& metrics,
                                                      FileJournalOptions options, std::function<uint32_t()> salt = {});
  explicit SteppedJournal(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}

  // Writes and syncs one batch of what waits, then calls back. Returns how many records it held. Callbacks may append.
  size_t step();
  size_t waiting() const { return records_.size(); }
  // An orderly end: writes what waits and the closing mark. Without it, destroying the journal is a crash.
  void close();

  void append(Record record, Appended done) override;
  Result<void> read(Position from, const std::function<bool(const RecordView&)>& visit) const override {
    return writer_->reader().read(from, true, visit);
  }
  Result<void> read_at(Position position, const std::function<void(const RecordView&)>& visit) const override {
    return writer_->reader().read_at(position, true, visit);
  }
  Result<void> read_headers(Position from, const std::function<bool(const RecordView&)>& visit) const override {
    return writer_->reader().read(from, false, visit);
  }
  Result<void> read_header_at(Position position, const std::function<void(const RecordView&)>& visit) const override {
    return writer_->reader().read_at(position, false, visit);
  }
  std::vector<SegmentSpan> segments() const override { return writer_->segments().spans(); }
  Result<void> trim(Position to) override { return writer_->trim(to.offset); }
  Position oldest() const override { return writer_->segments().oldest(); }
  Position end() const override { return writer_->segments().end(); }
  void flush() override;
  Figures figures() const override { return writer_->figures(); }

 private:
  std::unique_ptr<Writer> writer_;
  std::vector<Record> records_;
  std::vector<Appended> done_;
};

}  // namespace lt::journal
