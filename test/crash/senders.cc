#include "test/crash/senders.h"

#include <stdexcept>

#include "core/base/env.h"

namespace lt::crash {
namespace {

constexpr auto kBetweenTries = std::chrono::milliseconds(5);

std::string must_read(const std::string& path) {
  auto text = read_file(system_env(), path);
  if (!text) throw std::runtime_error(text.error().text());
  return std::move(*text);
}

void replace_value(std::string& text, std::string_view name, const std::string& value) {
  const std::string mark = '"' + std::string(name) + "\":\"";
  const size_t at = text.find(mark) + mark.size();
  text.replace(at, text.find('"', at) - at, value);
}

std::string member(std::string_view json, std::string_view name) {
  const std::string mark = '"' + std::string(name) + "\":\"";
  const size_t at = json.find(mark);
  if (at == std::string_view::npos) return {};
  json.remove_prefix(at + mark.size());
  return std::string(json.substr(0, json.find('"')));
}

}  // namespace

Senders::Senders(std::string key, uint64_t seed, Progress& progress)
    : key_(std::move(key)),
      dossier_(must_read(LT_SOURCE_DIR "/schemas/bench/dossier.json")),
      progress_(progress),
      random_(seed),
      pool_(net::make_shard_pool(system_clock(), metrics_, {})) {}

Senders::~Senders() { pool_->stop(); }

void Senders::start(const std::string& name, Lane lane, int at_once) {
  {
    const std::lock_guard lock(mutex_);
    lanes_[name].lane = std::move(lane);
  }
  running_ += static_cast<size_t>(at_once);
  for (int i = 0; i < at_once; ++i) pool_->shard(0).spawn("sender", send_many(name));
}

bool Senders::finish(std::chrono::seconds time) {
  enough_ = true;
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, time, [this] { return running_ == 0; });
}

std::string Senders::send_last(const std::string& name, std::chrono::seconds time) {
  std::unique_lock lock(mutex_);
  State& state = lanes_.at(name);
  const size_t index = state.begun++;
  const size_t had = state.receipts.size();
  lock.unlock();
  pool_->shard(0).spawn("sender", send_one(name, index));
  lock.lock();
  ended_.wait_for(lock, time, [&] { return state.receipts.size() > had; });
  return name + ':' + std::to_string(index);
}

std::map<std::string, Senders::Receipt> Senders::receipts(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return lanes_.at(name).receipts;
}

std::vector<std::string> Senders::complaints() const {
  const std::lock_guard lock(mutex_);
  return complaints_;
}

void Senders::complain(std::string what) {
  const std::lock_guard lock(mutex_);
  complaints_.push_back(std::move(what));
}

net::Task<void> Senders::send_many(std::string name) {
  while (!enough_) {
    size_t index = 0;
    {
      const std::lock_guard lock(mutex_);
      index = lanes_[name].begun++;
    }
    co_await send_one(name, index);
  }
  const std::lock_guard lock(mutex_);
  --running_;
  ended_.notify_all();
}

net::Task<net::CallResult> Senders::post(std::string path, std::string number, std::string order_key) {
  net::Call call;
  call.url = "http://127.0.0.1:" + std::to_string(port_.load()) + path;
  call.total_time = std::chrono::milliseconds(10'000);
  call.headers.set("Content-Type", "application/json");
  call.headers.set("X-API-Key", key_);
  call.headers.set("Idempotency-Key", number);
  call.body = dossier_;
  replace_value(call.body, "messageId", number);
  // The dossier's code, not those of the agencies before it.
  const size_t at = call.body.find("\"dossier\"");
  std::string tail = call.body.substr(at);
  replace_value(tail, "code", order_key);
  call.body.replace(at, std::string::npos, tail);
  co_return co_await pool_->shard(0).client().call(std::move(call));
}

net::Task<void> Senders::send_one(std::string name, size_t index) {
  Lane lane;
  {
    const std::lock_guard lock(mutex_);
    lane = lanes_[name].lane;
  }
  const std::string number = name + ':' + std::to_string(index);
  const std::string order_key = name + "-" + std::to_string(index / lane.per_key);
  std::string first;
  // Some that have their receipt ask once more: it must be the same one, also from the next life of the bus.
  int wanted = random_() % 8 == 0 ? 2 : 1;
  while (wanted > 0) {
    auto answer = co_await post(lane.path, number, order_key);
    if (answer && answer->status == 202) {
      --wanted;
      if (!first.empty()) {
        ++repeats_;
        if (answer->body != first) complain(number + ": " + first + " and then " + answer->body);
        if (answer->headers.get("Idempotent-Replayed") != "true")
          complain(number + ": a repeat without Idempotent-Replayed");
        continue;
      }
      first = answer->body;
      const std::lock_guard lock(mutex_);
      lanes_[name].receipts[number] = {member(first, "position"), first, order_key};
      ended_.notify_all();
      progress_.add();
      continue;
    }
    if (answer && answer->status != 503 && answer->status != 507) {
      complain(number + ": HTTP " + std::to_string(answer->status) + " " + answer->body);
      co_return;
    }
    const bool go_on = co_await pool_->shard(0).sleep(kBetweenTries);
    if (!go_on) co_return;
  }
}

}  // namespace lt::crash
