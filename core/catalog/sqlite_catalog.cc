#include "core/catalog/sqlite_catalog.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>

#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/catalog/projector.h"
#include "core/catalog/reader.h"

namespace lt::catalog {
namespace {

constexpr std::chrono::seconds kTryAgain{1};

size_t weight(const Entry& entry) {
  const Message* message = message_of(*entry.fact);
  return message ? message->body.view().size() : 0;
}

class SqliteCatalog final : public Catalog {
 public:
  SqliteCatalog(Env& env, const Clock& clock, const journal::Journal& journal, Metrics& metrics,
                SqliteCatalogOptions options)
      : env_(env),
        clock_(clock),
        journal_(journal, options.history),
        options_(std::move(options)),
        partition_(journal.end().partition),
        reader_(options_.directory, partition_, clock),
        lag_(metrics.gauge("lienthong_catalog_lag_records", "Facts handed to the catalog and not applied yet")),
        paused_gauge_(metrics.gauge("lienthong_catalog_paused", "1 while the catalog cannot write")),
        applied_total_(metrics.counter("lienthong_catalog_applied_total", "Facts applied to the catalog")),
        commits_(metrics.histogram("lienthong_catalog_commit_seconds", "Time to fold and commit one batch of facts")) {
    applied_.partition = partition_;
    thread_ = std::thread([this] { run(); });
  }
  ~SqliteCatalog() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
      interrupted_ = true;
    }
    arrived_.notify_all();
    thread_.join();
  }

  void apply(std::vector<Entry> batch) override;
  Position applied() const override {
    const std::lock_guard lock(mutex_);
    return applied_;
  }
  Status status() const override {
    const std::lock_guard lock(mutex_);
    return {applied_, lagging_, behind_, paused_};
  }
  void wait_until(Position position) override {
    std::unique_lock lock(mutex_);
    ++waiting_;
    arrived_.notify_all();
    moved_.wait(lock, [&] { return applied_.offset >= position.offset; });
    --waiting_;
  }
  void rebuild() override {
    const std::lock_guard lock(mutex_);
    rebuild_ = true;
    interrupted_ = true;
    applied_.offset = 0;
    arrived_.notify_all();
  }

  Result<MessagePage> list(const MessageFilter& filter, const PageRequest& page) override {
    return ask([&](ReadFiles& files) { return list_messages(files, filter, page); });
  }
  Result<MessageDetails> details(const Id& id) override {
    return ask([&](ReadFiles& files) { return message_details(files, id); });
  }
  Result<Timeline> timeline(std::string_view key) override {
    return ask([&](ReadFiles& files) { return timeline_of(files, key); });
  }
  Result<std::vector<StateCount>> counts(const Span& span) override {
    return ask([&](ReadFiles& files) { return state_counts(files, span); });
  }
  Result<std::vector<CauseGroup>> causes(const Span& span, std::string_view destination, size_t limit) override {
    return ask([&](ReadFiles& files) { return cause_groups(files, span, destination, limit); });
  }

 private:
  template <class F>
  auto ask(F query) -> std::invoke_result_t<F, ReadFiles&> {
    auto answer = reader_.query(std::move(query));
    if (!answer && answer.error().code == Code::catalog_damaged) {
      const std::lock_guard lock(mutex_);
      suspect_ = true;
      arrived_.notify_all();
    }
    return answer;
  }
  void run();
  Result<void> round();
  Result<void> make_ready();
  Result<void> catch_up();
  Result<void> fold(std::vector<Entry>& batch);
  std::vector<Entry> take();
  void report();
  void recover(const Error& error);

  Env& env_;
  const Clock& clock_;
  const journal::WholeLog journal_;
  const SqliteCatalogOptions options_;
  const uint32_t partition_;
  Reader reader_;
  std::unique_ptr<Projector> projector_;  // of the thread; null after an error
  Gauge &lag_, &paused_gauge_;
  Counter& applied_total_;
  Histogram& commits_;

  mutable std::mutex mutex_;
  std::condition_variable arrived_, moved_;
  std::deque<Entry> inbox_;
  size_t inbox_bytes_ = 0;
  bool stop_ = false, rebuild_ = false;
  bool suspect_ = false;  // a query met a damaged file
  size_t waiting_ = 0;    // in wait_until: then nothing lingers
  // While it lags nothing enters the inbox: the journal has it. Facts up to `missed_to_` were turned away.
  bool lagging_ = true;
  uint64_t missed_to_ = 0, behind_ = 0;
  Position applied_;
  std::optional<Error> paused_;
  std::atomic<bool> interrupted_{false};  // leave a long catch-up: to stop, or to start over
  std::thread thread_;
};

void SqliteCatalog::apply(std::vector<Entry> batch) {
  std::erase_if(batch, [this](const Entry& entry) { return entry.position.partition != partition_ || !entry.fact; });
  if (batch.empty()) return;
  size_t bytes = 0;
  for (const Entry& entry : batch) bytes += weight(entry);
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    const size_t before = inbox_.size();
    behind_ += batch.size();
    lag_.set(static_cast<int64_t>(behind_));
    const bool full =
        inbox_.size() + batch.size() > limits::kCatalogInbox || inbox_bytes_ + bytes > limits::kCatalogInboxBytes;
    if (full) lagging_ = true;
    if (lagging_) {
      missed_to_ = std::max(missed_to_, batch.back().position.offset);
    } else {
      inbox_bytes_ += bytes;
      inbox_.insert(inbox_.end(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
    }
    // The first ends its sleep, a full batch its lingering; those between would wake it for nothing.
    wake = lagging_ || before == 0 || (before < limits::kCatalogBatch && inbox_.size() >= limits::kCatalogBatch);
  }
  if (wake) arrived_.notify_one();
}

std::vector<Entry> SqliteCatalog::take() {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> batch;
  const size_t n = std::min(inbox_.size(), limits::kCatalogBatch);
  batch.reserve(n);
  for (size_t i = 0; i < n; ++i) {
    inbox_bytes_ -= weight(inbox_.front());
    batch.push_back(std::move(inbox_.front()));
    inbox_.pop_front();
  }
  return batch;
}

void SqliteCatalog::run() {
  for (;;) {
    auto done = round();
    if (!done) recover(done.error());
    std::unique_lock lock(mutex_);
    // What could not be applied is read from the journal at the next start.
    if (stop_ && (inbox_.empty() || !done)) return;
    if (!done && paused_) {
      arrived_.wait_for(lock, kTryAgain, [this] { return stop_; });
      continue;
    }
    const auto called = [this] { return stop_ || rebuild_ || suspect_ || lagging_; };
    if (done && inbox_.empty()) arrived_.wait(lock, [&] { return called() || !inbox_.empty(); });
    // A transaction costs about as much as the facts of one message: better a few hundred of them in each.
    if (done)
      arrived_.wait_for(lock, options_.linger,
                        [&] { return called() || waiting_ > 0 || inbox_.size() >= limits::kCatalogBatch; });
  }
}

Result<void> SqliteCatalog::round() {
  LT_TRY(make_ready());
  auto batch = take();
  if (!batch.empty()) return fold(batch);
  bool behind = false;
  {
    const std::lock_guard lock(mutex_);
    behind = lagging_ && !stop_;
  }
  return behind ? catch_up() : Result<void>();
}

// Sets damaged files aside, opens the files, starts a rebuild that was asked for.
Result<void> SqliteCatalog::make_ready() {
  {
    const std::lock_guard lock(mutex_);
    suspect_ = false;
  }
  if (const auto damaged = reader_.take_damaged(); !damaged.empty()) {
    projector_.reset();
    for (const auto& name : damaged) LT_TRY(Projector::set_aside(env_, reader_, options_.directory, name));
  }
  const bool fresh = !projector_;
  if (fresh) {
    LT_ASSIGN(projector_, Projector::open(env_, reader_,
                                          {options_.directory, options_.reserve_bytes, journal_.oldest().offset,
                                           journal_.end().offset}));
  }
  bool drop = false;
  {
    const std::lock_guard lock(mutex_);
    drop = std::exchange(rebuild_, false);
    if (drop) interrupted_ = stop_;
    if (drop || fresh) {
      lagging_ = true;
      if (!inbox_.empty()) missed_to_ = std::max(missed_to_, inbox_.back().position.offset);
      inbox_.clear();
      inbox_bytes_ = 0;
    }
  }
  if (drop) LT_TRY(projector_->drop(journal_.oldest().offset));
  if (drop || fresh) report();
  return {};
}

Result<void> SqliteCatalog::fold(std::vector<Entry>& batch) {
  const Mono began = clock_.mono();
  LT_TRY(projector_->fold(batch));
  commits_.observe_us(static_cast<uint64_t>((clock_.mono() - began).count()));
  applied_total_.add(batch.size());
  {
    const std::lock_guard lock(mutex_);
    behind_ -= std::min<uint64_t>(behind_, batch.size());
    if (paused_) log::info("catalog", "writing again");
    paused_.reset();
  }
  paused_gauge_.set(0);
  report();
  batch.clear();
  return {};
}

Result<void> SqliteCatalog::catch_up() {
  const uint64_t known = projector_->applied();
  std::vector<Entry> batch;
  size_t bytes = 0;
  Result<void> folded;
  // From a record that is no longer kept on, the journal could not read: then from its oldest.
  const Position from{partition_, known < journal_.oldest().offset ? 0 : known};
  const auto read = journal_.read(from, [&](const journal::RecordView& record) {
    if (record.position.offset <= known || !is_fact(static_cast<uint8_t>(record.type))) return !interrupted_;
    auto fact = decode_fact_header(static_cast<uint8_t>(record.type), record.header);
    if (!fact) {
      log::warn("catalog", "a record that cannot be read as a fact is left out",
                {{"position", record.position.text()}, {"error", fact.error()}});
      return !interrupted_;
    }
    batch.push_back({record.position, record.written, std::make_shared<const Fact>(std::move(*fact))});
    bytes += record.header.size();
    if (batch.size() == limits::kCatalogBatch || bytes > limits::kCatalogInboxBytes) {
      folded = fold(batch);
      bytes = 0;
    }
    return folded.has_value() && !interrupted_;
  });
  LT_TRY(folded);
  LT_TRY(read);
  if (interrupted_) return {};
  if (!batch.empty()) LT_TRY(fold(batch));
  {
    const std::lock_guard lock(mutex_);
    // Turned away since the reading began? Then once more. Else all that comes from here on follows without a gap.
    if (!rebuild_ && missed_to_ <= std::max(known, projector_->applied())) {
      lagging_ = false;
      behind_ = inbox_.size();
      paused_.reset();
    }
  }
  report();
  return {};
}

void SqliteCatalog::report() {
  {
    const std::lock_guard lock(mutex_);
    if (!rebuild_) applied_.offset = projector_->applied();
    lag_.set(static_cast<int64_t>(behind_));
  }
  moved_.notify_all();
}

void SqliteCatalog::recover(const Error& error) {
  projector_.reset();
  std::optional<Error> paused = error;
  if (error.code == Code::catalog_damaged) {
    const std::string name = std::filesystem::path(error.place.file).filename().string();
    auto aside = Projector::set_aside(env_, reader_, options_.directory, name);
    paused = aside ? std::nullopt : std::optional<Error>(aside.error());
  }
  const std::lock_guard lock(mutex_);
  if (paused && (!paused_ || paused_->code != paused->code)) {
    log::warn("catalog", "searches lag: the catalog cannot write now and tries again every second",
              {{"error", *paused}});
  }
  paused_ = std::move(paused);
  paused_gauge_.set(paused_ ? 1 : 0);
}

}  // namespace

std::unique_ptr<Catalog> open_sqlite_catalog(Env& env, const Clock& clock, const journal::Journal& journal,
                                             Metrics& metrics, SqliteCatalogOptions options) {
  return std::make_unique<SqliteCatalog>(env, clock, journal, metrics, std::move(options));
}

}  // namespace lt::catalog
