#include "test/crash/partner.h"

#include <stdexcept>

namespace lt::crash {
namespace {

constexpr size_t kBodyLimit = 1 << 20;
constexpr std::string_view kEvents = "/events/{id}";

net::Response text_reply(int status, std::string text) {
  net::Response response;
  response.status = status;
  response.body = std::move(text);
  return response;
}

}  // namespace

void Progress::add() {
  const std::lock_guard lock(mutex_);
  ++count_;
  moved_.notify_all();
}

uint64_t Progress::now() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

bool Progress::reaches(uint64_t target, std::chrono::seconds time) {
  std::unique_lock lock(mutex_);
  return moved_.wait_for(lock, time, [this, target] { return count_ >= target; });
}

std::string number_of(std::string_view body) {
  constexpr std::string_view kMark = "\"messageId\":\"";
  const size_t at = body.find(kMark);
  if (at == std::string_view::npos) return {};
  body.remove_prefix(at + kMark.size());
  return std::string(body.substr(0, body.find('"')));
}

Partner::Partner(Kind kind, uint64_t seed, Progress& progress)
    : kind_(kind), progress_(progress), random_(seed), pool_(net::make_shard_pool(system_clock(), metrics_, {})) {
  net::Router router;
  router.add("POST", "/in", [this](net::Exchange* exchange) { return take(exchange); });
  router.add("GET", std::string(kEvents), [this](net::Exchange* exchange) { return tell(exchange); });
  auto server = net::serve(*pool_, metrics_, {}, router.handler());
  if (!server) throw std::runtime_error(server.error().text());
  server_ = std::move(*server);
}

Partner::~Partner() { pool_->stop(); }

std::string Partner::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(server_->port()) + std::string(path);
}

Partner::Seen Partner::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

bool Partner::chance(double rate) { return !honest_ && std::uniform_real_distribution<double>(0, 1)(random_) < rate; }

net::Task<net::Response> Partner::take(net::Exchange* exchange) {
  const std::string event(exchange->head.headers.get("Idempotency-Key"));
  ++busy_[event];
  auto body = co_await net::read_all(exchange->body, kBodyLimit);
  net::Response response;
  response.status = 0;
  const bool whole = body.has_value();
  // The bus may be killed and started again while this is being worked on.
  const bool slow = chance(0.2);
  if (whole && slow) {
    const auto pause = std::chrono::milliseconds(std::uniform_int_distribution<int>(1, 300)(random_));
    co_await exchange->shard->sleep(pause);
  }
  if (whole) co_await stay_in_work(exchange, event);
  const bool lost = chance(0.03);
  if (whole && !lost) response = apply(event, number_of(*body));
  if (--busy_[event] == 0) busy_.erase(event);
  const bool unanswered = chance(0.08);
  if (lost || unanswered) {
    const std::lock_guard lock(mutex_);
    ++seen_.dropped;
    response.status = 0;
  }
  co_return response;
}

net::Task<void> Partner::stay_in_work(net::Exchange* exchange, std::string event) {
  const auto free = [this, &event] { return !holding_ || questions_.contains(event); };
  if (free()) co_return;
  const auto count = [this](size_t by) {
    const std::lock_guard lock(mutex_);
    seen_.held += by;
  };
  count(1);
  while (!free()) {
    const bool go_on = co_await exchange->shard->sleep(std::chrono::milliseconds(1));
    if (!go_on) break;
  }
  count(static_cast<size_t>(-1));
}

net::Response Partner::apply(const std::string& event, const std::string& number) {
  net::Response response = text_reply(200, "taken");
  {
    const std::lock_guard lock(mutex_);
    ++seen_.posts;
    if (!events_.insert(event).second && kind_ == Kind::recognises) {
      ++seen_.repeats;
      return text_reply(409, "known");
    }
    ++seen_.applied[number];
    seen_.log.push_back(number);
  }
  progress_.add();
  return response;
}

// A question may overtake the POST it asks about: that one can still be on the wire, or in work here, when the bus that
// sent it is gone. A partner that can be asked must therefore answer about what it has *begun* to receive only once
// that is decided - a row lock or a unique key does that in real systems. What it has not begun to receive it could
// only get from a connection of the dead process whose bytes the kernel still holds; those stand before the question in
// the queue of this one thread.
net::Task<net::Response> Partner::tell(net::Exchange* exchange) {
  const std::string event = net::Router::segment(exchange->head, kEvents, "id");
  questions_.insert(event);
  bool waited = false;
  while (busy_.contains(event)) {
    waited = true;
    const bool go_on = co_await exchange->shard->sleep(std::chrono::milliseconds(1));
    if (!go_on) break;
  }
  const bool has = kind_ == Kind::asked && events_.contains(event);
  const bool unanswered = chance(0.05);
  {
    const std::lock_guard lock(mutex_);
    ++seen_.asked;
    if (has) ++seen_.found;
    if (waited) ++seen_.overtaken;
  }
  net::Response response = text_reply(unanswered ? 0 : has ? 200 : 404, "");
  co_return response;
}

}  // namespace lt::crash
