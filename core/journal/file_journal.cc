#include "core/journal/file_journal.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/journal/writer.h"

namespace lt::journal {
namespace {

constexpr uint64_t kIdlePiece = uint64_t{1} << 20;  // of the next segment prepared between two looks at the queue
constexpr size_t kQueueOverhead = 128;              // what a waiting record takes besides its bytes, about

size_t weight(const Record& record) { return record.header.size() + record.body.size() + kQueueOverhead; }

// The threaded shell around the writer: appends gather in a vector while the journal thread writes the batch before.
class FileJournal final : public Journal {
 public:
  FileJournal(std::unique_ptr<Writer> writer, std::chrono::microseconds gather)
      : writer_(std::move(writer)), gather_(gather), thread_([this] { run(); }) {}

  ~FileJournal() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void append(Record record, Appended done) override {
    const size_t bytes = weight(record);
    bool asleep = false;
    {
      const std::lock_guard lock(mutex_);
      const bool refused = queued_bytes_ + bytes > limits::kJournalQueue && queued_bytes_ > 0;
      if (!refused) queued_bytes_ += bytes;
      queue_.waiting.push_back({std::move(done), refused});
      queue_.records.push_back(refused ? Record{} : std::move(record));
      ++appended_;
      asleep = std::exchange(asleep_, false);
    }
    if (asleep) wake_.notify_one();
  }

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
  Figures figures() const override { return writer_->figures(); }

  void flush() override {
    std::unique_lock lock(mutex_);
    const uint64_t target = appended_;
    ++flushing_;
    finished_.wait(lock, [&] { return completed_ >= target; });
    --flushing_;
  }

 private:
  struct Waiting {
    Appended done;
    bool refused;  // the queue was full; waits only to be told in its turn
  };
  struct Queue {
    std::vector<Record> records;
    std::vector<Waiting> waiting;
  };

  void run() {
    Queue taken;
    size_t last_batch = 0;
    while (take(taken, last_batch)) {
      const size_t count = taken.records.size();
      last_batch = write_all(taken);
      taken.records.clear();
      taken.waiting.clear();
      const std::lock_guard lock(mutex_);
      completed_ += count;
      if (flushing_ > 0) finished_.notify_all();
    }
    writer_->close();
  }

  // Waits for records and takes all that gathered. False when stopping and nothing is left.
  bool take(Queue& taken, size_t last_batch) {
    std::unique_lock lock(mutex_);
    while (queue_.records.empty()) {
      if (stopping_) return false;
      lock.unlock();
      const bool more = writer_->prepare(kIdlePiece);
      lock.lock();
      if (more || !queue_.records.empty() || stopping_) continue;
      asleep_ = true;
      wake_.wait(lock, [this] { return !queue_.records.empty() || stopping_; });
      asleep_ = false;
    }
    // Under load a short wait makes the batch fuller; a lone record is not kept waiting.
    if (gather_.count() > 0 && last_batch > 1 && !stopping_)
      wake_.wait_for(lock, gather_, [this] { return stopping_; });
    std::swap(taken, queue_);
    queued_bytes_ = 0;
    return true;
  }

  // Returns the records of the last batch.
  size_t write_all(Queue& taken) {
    const std::span<const Record> records(taken.records);
    size_t last = 0;
    for (size_t at = 0; at < records.size();) {
      if (taken.waiting[at].refused) {
        taken.waiting[at++].done(fail(Code::journal_busy, "the queue of the journal is full"));
        continue;
      }
      size_t ready = at;
      while (ready < records.size() && !taken.waiting[ready].refused) ++ready;
      last = Writer::batch_of(records.subspan(at, ready - at));
      write_batch(taken, at, last);
      at += last;
    }
    return last;
  }

  void write_batch(Queue& taken, size_t at, size_t count) {
    const uint64_t before = writer_->figures().bytes;
    auto results = writer_->write(std::span<const Record>(taken.records).subspan(at, count));
    for (size_t i = 0; i < count; ++i) taken.waiting[at + i].done(std::move(results[i]));
    // The next segment is zeroed at three times the pace this one fills, from its half on: ready in time, and no batch
    // waits long behind it.
    writer_->prepare(3 * (writer_->figures().bytes - before));
  }

  std::unique_ptr<Writer> writer_;
  const std::chrono::microseconds gather_;
  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  Queue queue_;
  size_t queued_bytes_ = 0;
  uint64_t appended_ = 0, completed_ = 0;
  int flushing_ = 0;
  bool asleep_ = false, stopping_ = false;
  std::thread thread_;  // last: starts when all above stands
};

}  // namespace

Result<std::unique_ptr<Journal>> open_file_journal(Env& env, const Clock& clock, KeyStore* keys, Metrics& metrics,
                                                   FileJournalOptions options) {
  LT_ASSIGN(
      auto writer,
      Writer::open(
          env, clock, keys, metrics,
          {options.directory, options.partition, options.segment_bytes, options.reserve_bytes, {}, options.trusted}));
  log::info("journal", "open",
            {{"oldest", writer->segments().oldest().offset}, {"end", writer->segments().end().offset}});
  return std::unique_ptr<Journal>(std::make_unique<FileJournal>(std::move(writer), options.gather));
}

}  // namespace lt::journal
