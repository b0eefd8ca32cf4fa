#include "core/runtime/dedupe_store.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/message/carried.h"
#include "core/runtime/dedupe_file.h"

namespace lt::runtime {
namespace {

constexpr std::chrono::seconds kTryAgain{1};
constexpr size_t kListMost = 1 << 20;

struct Run {
  uint64_t after = 0, last = 0;
  int32_t day = 0;
  std::shared_ptr<const DedupeFile> file;  // null: damaged, being made again
};
using Runs = std::vector<Run>;  // oldest first

std::string list_of(const Runs& runs) {
  std::string out;
  for (const Run& run : runs) {
    out += std::to_string(run.after) + ' ' + std::to_string(run.last) + ' ' + std::to_string(run.day) + '\n';
  }
  return out;
}

bool take_number(std::string_view& text, char end, auto& out) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const auto n = static_cast<size_t>(rest - text.data());
  if (error != std::errc() || n >= text.size() || text[n] != end) return false;
  text.remove_prefix(n + 1);
  return true;
}

std::optional<Runs> parse_list(std::string_view text) {
  Runs runs;
  while (!text.empty()) {
    Run run;
    if (!take_number(text, ' ', run.after) || !take_number(text, ' ', run.last) || !take_number(text, '\n', run.day) ||
        run.last <= run.after || (!runs.empty() && run.after < runs.back().last)) {
      return std::nullopt;
    }
    runs.push_back(run);
  }
  return runs;
}

}  // namespace

struct DedupeStore::Impl {
  Impl(Env& e, std::string d, const journal::WholeLog& l, const Clock& c, std::chrono::milliseconds w)
      : env(e), directory(std::move(d)), log(l), clock(c), window(w) {}

  Env& env;
  const std::string directory;
  const journal::WholeLog& log;
  const Clock& clock;
  const std::chrono::milliseconds window;

  mutable std::mutex mutex;
  std::condition_variable wake;
  std::shared_ptr<const Runs> runs = std::make_shared<Runs>();  // guarded; replaced, never changed
  uint64_t reaches = 0;                                         // guarded
  struct Job {
    std::shared_ptr<const engine::DedupeRun> run;
    std::function<void(uint64_t)> done;
  };
  std::deque<Job> jobs;      // guarded
  bool mend_wanted = false;  // guarded
  bool stopping = false;     // guarded
  std::mutex changing;       // one change of the list at a time
  std::thread thread;

  int32_t oldest_day() const { return engine::dedupe_day(clock.wall() - window); }
  std::string path_of(const Run& run) const { return directory + '/' + std::to_string(run.after) + ".ddx"; }

  std::shared_ptr<const Runs> snapshot() const {
    const std::lock_guard lock(mutex);
    return runs;
  }

  // Durable first, then visible; files nobody needs any more go last.
  Result<void> change(Runs next, uint64_t to) {
    Runs over;
    const int32_t oldest = oldest_day();
    std::erase_if(next, [&](const Run& run) {
      if (run.day >= oldest) return false;
      over.push_back(run);
      return true;
    });
    LT_TRY(replace_file(env, directory + "/runs", list_of(next)));
    {
      const std::lock_guard lock(mutex);
      runs = std::make_shared<const Runs>(std::move(next));
      reaches = std::max(reaches, to);
    }
    for (const Run& run : over) (void)env.remove(path_of(run));
    return {};
  }

  Result<void> add(const engine::DedupeRun& sealed) {
    const std::lock_guard one(changing);
    Run run{sealed.after(), sealed.last(), sealed.day(), nullptr};
    LT_TRY(DedupeFile::write(env, path_of(run), sealed));
    LT_ASSIGN(run.file, DedupeFile::open(env, path_of(run)));
    Runs next = *snapshot();
    next.push_back(run);
    return change(std::move(next), run.last);
  }

  // A run as the journal tells it.
  Result<void> make_again(Run& run) {
    lt::log::warn("dedupe", "a run is missing or damaged: making it again from the journal", {{"file", path_of(run)}});
    auto again = engine::DedupeRun(log.oldest().partition, run.day, run.after);
    std::optional<Error> problem;
    const Position from{log.oldest().partition, std::max(run.after + 1, log.oldest().offset)};
    LT_TRY(log.read(from, [&](const journal::RecordView& record) {
      if (record.position.offset > run.last) return false;
      if (record.type != journal::RecordType::accepted) return true;
      const auto message = decode_message_header(static_cast<uint8_t>(record.type), record.header);
      if (!message) {
        problem = message.error();
        return false;
      }
      const Envelope& envelope = (*message)->envelope;
      if (envelope.dedupe_key.empty()) return true;
      again.add({engine::dedupe_key_of(envelope.dedupe_key), engine::dedupe_body((*message)->body.sha256),
                 record.position.offset});
      return true;
    }));
    if (problem) return fail(std::move(*problem));
    if (again.entries().empty()) return fail(Code::dedupe_damaged, "the journal does not reach back to it");
    LT_TRY(DedupeFile::write(env, path_of(run), again));
    LT_ASSIGN(run.file, DedupeFile::open(env, path_of(run)));
    return {};
  }

  // Makes again what has no file. Those the journal knows nothing of are given up: their keys are forgotten early.
  Result<void> mend() {
    const std::lock_guard one(changing);
    Runs next = *snapshot();
    for (Run& run : next) {
      if (run.file || run.day < oldest_day()) continue;
      auto made = make_again(run);
      if (!made && made.error().code != Code::dedupe_damaged) return made;
      if (!made)
        lt::log::error("dedupe", "a run is lost; repeats of its keys are not recognised", {{"file", path_of(run)}});
    }
    std::erase_if(next, [](const Run& run) { return !run.file; });
    return change(std::move(next), 0);
  }

  // Every key of the window that the journal tells of up to `offset`, from where the runs end.
  Result<void> tell_again(uint64_t offset, size_t keys) {
    std::optional<engine::DedupeRun> run;
    std::optional<Error> problem;
    const auto close = [&]() -> bool {
      if (auto added = add(*run); !added) problem = std::move(added).error();
      return !problem;
    };
    uint64_t after = reaches;
    const Position from{log.oldest().partition, std::max(after + 1, log.oldest().offset)};
    LT_TRY(log.read(from, [&](const journal::RecordView& record) {
      if (record.position.offset > offset) return false;
      if (record.type != journal::RecordType::accepted) return true;
      const auto message = decode_message_header(static_cast<uint8_t>(record.type), record.header);
      if (!message) {
        problem = message.error();
        return false;
      }
      const Envelope& envelope = (*message)->envelope;
      if (envelope.dedupe_key.empty()) return true;
      const int32_t day = engine::dedupe_day(envelope.accepted);
      if (day < oldest_day()) return true;
      if (run && (run->day() != day || run->entries().size() >= keys)) {
        after = run->last();
        if (!close()) return false;
        run.reset();
      }
      if (!run) run.emplace(record.position.partition, day, after);
      run->add({engine::dedupe_key_of(envelope.dedupe_key), engine::dedupe_body((*message)->body.sha256),
                record.position.offset});
      return true;
    }));
    if (!problem && run) close();
    if (problem) return fail(std::move(*problem));
    const std::lock_guard lock(mutex);
    reaches = std::max(reaches, offset);
    return {};
  }

  Result<void> open() {
    LT_TRY(env.make_directories(directory));
    LT_ASSIGN(const bool listed, env.exists(directory + "/runs"));
    if (!listed) return {};
    LT_ASSIGN(const std::string text, read_file(env, directory + "/runs", kListMost));
    auto known = parse_list(text);
    // Without the list nothing is known to be here: the cell tells it all again.
    if (!known) {
      lt::log::error("dedupe", "the list of runs is damaged; starting anew", {{"file", directory + "/runs"}});
      return {};
    }
    for (Run& run : *known) {
      if (run.day < oldest_day()) continue;
      auto file = DedupeFile::open(env, path_of(run));
      if (file && (*file)->after() == run.after && (*file)->last() == run.last) run.file = std::move(*file);
    }
    reaches = known->empty() ? 0 : known->back().last;
    runs = std::make_shared<const Runs>(std::move(*known));
    return mend();
  }

  // The file is not to be trusted: no look-up goes by it until it is made again.
  void distrust(const std::string& path) {
    const std::lock_guard lock(mutex);
    Runs next = *runs;
    for (Run& run : next) {
      if (run.file && run.file->path() == path) run.file = nullptr;
    }
    runs = std::make_shared<const Runs>(std::move(next));
    mend_wanted = true;
    wake.notify_one();
  }

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [this] { return stopping || mend_wanted || !jobs.empty(); });
      if (stopping) return;
      const bool mends = std::exchange(mend_wanted, false);
      const Job job = mends ? Job() : jobs.front();
      lock.unlock();
      const auto done = mends ? mend() : add(*job.run);
      if (!done) lt::log::error("dedupe", "a run cannot be written", {{"error", done.error()}});
      if (done && !mends) job.done(job.run->last());
      lock.lock();
      if (!done) {
        mend_wanted = mend_wanted || mends;
        wake.wait_for(lock, kTryAgain, [this] { return stopping; });
      } else if (!mends) {
        jobs.pop_front();
      }
    }
  }
};

DedupeStore::DedupeStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->thread = std::thread([this] { impl_->work(); });
}

Result<std::unique_ptr<DedupeStore>> DedupeStore::open(Env& env, const std::string& directory,
                                                       const journal::WholeLog& log, const Clock& clock,
                                                       std::chrono::milliseconds window) {
  auto impl = std::make_unique<Impl>(env, directory, log, clock, window);
  LT_TRY(impl->open());
  return std::unique_ptr<DedupeStore>(new DedupeStore(std::move(impl)));
}

DedupeStore::~DedupeStore() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->wake.notify_one();
  }
  impl_->thread.join();
}

uint64_t DedupeStore::reaches() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->reaches;
}

Result<DedupeStore::Looked> DedupeStore::look(std::string_view text, const Sha256& body) const {
  Looked looked;
  std::shared_ptr<const Runs> runs;
  {
    const std::lock_guard lock(impl_->mutex);
    runs = impl_->runs;
    looked.to = impl_->reaches;
  }
  const engine::DedupeKey key = engine::dedupe_key_of(text);
  const int32_t oldest = impl_->oldest_day();
  for (auto run = runs->rbegin(); run != runs->rend(); ++run) {
    if (run->day < oldest) continue;
    if (!run->file) return fail(Code::dedupe_damaged, std::to_string(run->after) + ".ddx is being made again");
    auto found = run->file->find(key);
    if (!found) {
      if (found.error().code == Code::dedupe_damaged) impl_->distrust(run->file->path());
      return fail(std::move(found).error());
    }
    if (!*found) continue;
    looked.seen =
        engine::DedupeSeen{{run->file->partition(), (*found)->offset}, (*found)->body == engine::dedupe_body(body)};
    break;
  }
  return looked;
}

void DedupeStore::seal(std::shared_ptr<const engine::DedupeRun> run, std::function<void(uint64_t)> done) {
  const std::lock_guard lock(impl_->mutex);
  impl_->jobs.push_back({std::move(run), std::move(done)});
  impl_->wake.notify_one();
}

Result<void> DedupeStore::reach(uint64_t offset, size_t keys) {
  if (offset <= reaches()) return {};
  lt::log::warn("dedupe", "the index on disk is behind; telling it again from the journal",
                {{"from", std::to_string(reaches())}, {"to", std::to_string(offset)}});
  return impl_->tell_again(offset, keys);
}

Result<void> DedupeStore::seal_now(const engine::DedupeRun& run) { return impl_->add(run); }

}  // namespace lt::runtime
