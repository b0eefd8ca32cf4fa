#include "core/runtime/file_fetch.h"

#include <exception>

#include <fmt/format.h>

#include "core/base/limits.h"
#include "core/base/log.h"

namespace lt::runtime {
namespace {

constexpr size_t kFiles = 200;  // of one delivery
constexpr const char* kLimit = "files.fetch.limit";

// A place that cannot now, but may a while later.
bool is_busy(int status) { return status == 408 || status == 425 || status == 429 || status / 100 == 5; }

std::string_view why_refused(int status) {
  if (status / 100 == 3) return ": redirects are not followed; the document must name where the file itself is";
  if (status == 401 || status == 403) return ": does it want a header in files.fetch.from?";
  return "";
}

}  // namespace

void FetchesUnderWay::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (auto& [number, ended] : ended_) ended.set(false);
}

FetchesUnderWay::Entry::Entry(FetchesUnderWay& all, net::Promise<bool> ended) : all_(all) {
  const std::lock_guard lock(all_.mutex_);
  stopped_ = all_.stopped_;
  number_ = ++all_.last_;
  if (!stopped_) all_.ended_.emplace(number_, std::move(ended));
}

FetchesUnderWay::Entry::~Entry() {
  const std::lock_guard lock(all_.mutex_);
  all_.ended_.erase(number_);
}

struct FileFetcher::Counters {
  explicit Counters(Metrics& metrics)
      : fetched(of(metrics, "fetched")),
        refused(of(metrics, "refused")),
        failed(of(metrics, "failed")),
        not_allowed(of(metrics, "not_allowed")),
        too_large(of(metrics, "too_large")),
        bytes(metrics.counter("lienthong_files_fetched_bytes_total", "Bytes of files fetched from their address")) {}
  static Counter& of(Metrics& metrics, const char* outcome) {
    return metrics.counter("lienthong_files_fetched_total", "Files fetched from their address, by outcome",
                           {{"outcome", outcome}});
  }
  void count(Code code) const {
    (code == Code::fetch_refused       ? refused
     : code == Code::fetch_not_allowed ? not_allowed
     : code == Code::too_large         ? too_large
                                       : failed)
        .add();
  }
  Counter &fetched, &refused, &failed, &not_allowed, &too_large, &bytes;
};

// The files of one delivery. Shared with the calls, which a stop leaves behind.
struct FileFetcher::Job {
  net::Shard& shard;
  net::ShardPool& pool;
  BodyStore& bodies;
  std::shared_ptr<const Counters> counters;
  std::shared_ptr<const FetchRules> rules;
  journal::KeyClass key_class;
  std::vector<mapping::WantedFile> wanted;
  std::vector<FetchTarget> targets = {};  // of them
  std::map<std::string, Body, std::less<>> got = {};
  size_t next = 0, running = 0;
  uint64_t together = 0;  // bytes
  std::optional<Error> failed = {};
  net::Promise<bool> ended = {};
};

// Takes one file, unless something says that it is not worth it any more.
class FileFetcher::Taker final : public ByteSink {
 public:
  Taker(Job& job, std::shared_ptr<BodySink> kept)
      : job_(job), kept_(std::move(kept)), until_(job.shard.clock().mono() + job.rules->settings.within) {}

  Result<void> write(std::string_view bytes) override {
    auto taken = take(bytes);
    if (!taken) why_not_ = taken.error();
    return taken;
  }
  // Why it took no more; none: nothing was wrong on this side.
  const std::optional<Error>& why_not() const { return why_not_; }

 private:
  Result<void> take(std::string_view bytes) {
    if (job_.failed) return fail(Code::unavailable, "another file of the same delivery cannot be had");
    if (job_.shard.clock().mono() > until_)
      return fail(Code::timed_out, fmt::format("not whole within {}", job_.rules->settings.within.count()) + " ms");
    job_.together += bytes.size();
    if (job_.together > job_.rules->together)
      return fail(Code::too_large,
                  fmt::format("the files of the document are more than {} bytes together", job_.rules->together));
    return kept_->write(bytes);
  }

  Job& job_;
  std::shared_ptr<BodySink> kept_;
  const Mono until_;
  std::optional<Error> why_not_;
};

FileFetcher::FileFetcher(net::Shard& shard, net::ShardPool& pool, BodyStore& bodies, FetchesUnderWay& under_way,
                         Metrics& metrics, std::shared_ptr<const FetchRules> rules)
    : shard_(shard),
      pool_(pool),
      bodies_(bodies),
      under_way_(under_way),
      counters_(std::make_shared<const Counters>(metrics)),
      rules_(std::move(rules)) {}

net::Task<Result<mapping::OpenNamed>> FileFetcher::fetch(std::vector<mapping::WantedFile> files,
                                                         journal::KeyClass key_class) {
  if (!rules_) co_return fail(Code::fetch_not_allowed, "files.fetch is not configured");
  if (files.size() > kFiles) co_return fail(Code::too_large, fmt::format("{} files of one document", files.size()));
  std::shared_ptr<Job> job(new Job{shard_, pool_, bodies_, counters_, rules_, key_class, std::move(files)});
  for (const mapping::WantedFile& file : job->wanted) {
    auto target = rules_->places.find(file.address);
    if (!target) {
      counters_->count(target.error().code);
      co_return fail(std::move(target.error()).at(file.path));
    }
    job->targets.push_back(std::move(*target));
  }
  const FetchesUnderWay::Entry entry(under_way_, job->ended);
  if (entry.stopped()) co_return fail(Code::unavailable, "the bus is stopping");
  auto ended = job->ended.future();
  const size_t lines = std::min<size_t>(rules_->settings.at_once, job->targets.size());
  job->running = lines;
  for (size_t i = 0; i < lines; ++i) shard_.spawn("fetch", work(job));
  const bool whole = co_await ended.wait();
  if (!whole) co_return fail(Code::unavailable, "the bus is stopping");
  if (job->failed) co_return fail(*job->failed);
  mapping::OpenNamed open = [job, &bodies = bodies_](std::string_view address) -> Result<std::unique_ptr<ByteSource>> {
    const auto found = job->got.find(address);
    if (found == job->got.end()) return fail(Code::fetch_not_allowed, shown_address(address) + " was not asked for");
    return bodies.open(found->second);
  };
  co_return open;
}

// One of those that fetch the files of a delivery side by side.
net::Task<void> FileFetcher::work(std::shared_ptr<Job> job) {
  try {
    while (!job->failed && job->next < job->targets.size()) {
      const size_t which = job->next++;
      auto body = co_await fetch_one(job, &job->targets[which]);
      if (body) {
        job->got[job->wanted[which].address] = std::move(*body);
      } else if (!job->failed) {
        job->counters->count(body.error().code);
        job->failed = std::move(body.error()).at(job->wanted[which].path);
      }
    }
  } catch (const std::exception& bug) {
    if (!job->failed) job->failed = Error(Code::bug, std::string("fetching a file threw: ") + bug.what());
  }
  if (--job->running == 0) job->ended.set(true);
}

net::Task<Result<Body>> FileFetcher::fetch_one(std::shared_ptr<Job> job, const FetchTarget* target) {
  const FileFetchingSection& settings = job->rules->settings;
  std::shared_ptr<BodySink> kept = job->bodies.sink(settings.limit, job->key_class);
  Taker taker(*job, kept);
  net::Call call;
  call.method = "GET";
  call.url = target->url;
  call.headers = target->place->headers;
  call.connect_time = settings.connect_time;
  call.total_time = settings.timeout;
  call.response_sink = &taker;
  call.sink_limit = settings.limit;
  const net::CallResult answer = co_await job->shard.client().call(std::move(call));
  auto judged = judge(*job, *target, taker, answer);
  Result<Body> body = fail(Code::bug);
  // The disk is waited for, also to remove what broke off.
  std::function<void()> end = [&body, kept, good = judged.has_value()] {
    if (good) body = kept->commit();
    kept->drop();
  };
  if (kept->size() <= limits::kInlineBody)
    end();
  else
    co_await job->pool.offload(std::move(end));
  if (!judged) co_return fail(std::move(judged).error());
  if (!body) co_return body;
  job->counters->fetched.add();
  job->counters->bytes.add(body->size);
  log::debug("fetch", "file fetched", {{"address", target->shown}, {"bytes", body->size}});
  co_return body;
}

Result<void> FileFetcher::judge(const Job& job, const FetchTarget& target, const Taker& taker,
                                const net::CallResult& answer) {
  const auto because = [&](Code code, std::string_view why) {
    return fail(code, target.shown + ": " + std::string(why));
  };
  if (!answer) {
    const Error& error = taker.why_not() ? *taker.why_not() : answer.error().error;
    if (error.code == Code::too_large && job.together <= job.rules->together)
      return because(Code::too_large, fmt::format("more than {} bytes, {}", job.rules->settings.limit, kLimit));
    if (error.code == Code::too_large) return because(Code::too_large, error.detail);
    if (taker.why_not() && error.code != Code::timed_out) return fail(error);  // our disk, not the place
    return because(Code::fetch_failed, code_text(error.code) + " " + error.detail);
  }
  const std::string status = fmt::format("HTTP {}", answer->status);
  if (is_busy(answer->status)) return because(Code::fetch_failed, status);
  if (answer->status != 200) return because(Code::fetch_refused, status + std::string(why_refused(answer->status)));
  const std::string_view encoding = answer->headers.get("Content-Encoding");
  if (!encoding.empty() && encoding != "identity")
    return because(Code::fetch_refused, "it is sent packed, and nobody asked for that");
  if (!answer->headers.has("Content-Length") && !answer->headers.has("Transfer-Encoding"))
    return because(Code::fetch_refused, "its length is not said: a connection that broke would look like its end");
  return {};
}

}  // namespace lt::runtime
