#include "core/net/host_pool.h"

#include <algorithm>

#include "core/base/limits.h"

namespace lt::net {

HostPool::HostPool(ShardImpl& shard, Url url, SslContext tls, std::string name, const size_t& limit)
    : shard_(shard), url_(std::move(url)), tls_(std::move(tls)), name_(std::move(name)), limit_(limit) {}

HostPool::~HostPool() { SSL_SESSION_free(session_); }

void HostPool::close_idle() {
  open_ -= idle_.size();
  idle_.clear();
}

std::unique_ptr<Line> HostPool::take_idle() {
  while (!idle_.empty()) {
    std::unique_ptr<Line> line = std::move(idle_.back());
    idle_.pop_back();
    line->connection.never_close();
    if (line->connection.is_open() && line->connection.is_quiet()) return line;
    --open_;
  }
  return nullptr;
}

void HostPool::give_back(std::unique_ptr<Line> line) {
  if (line && (shard_.stopping() || !line->connection.is_open())) line.reset();
  if (!waiting_.empty()) {
    // The permit goes on to the one who has waited longest, with the connection if it is still good.
    const std::shared_ptr<Turn> turn = std::move(waiting_.front());
    waiting_.pop_front();
    turn->line = std::move(line);
    detail::Latch::open(turn);
    return;
  }
  if (!line || open_ > limit_) {
    --open_;
    return;
  }
  line->connection.close_after(std::chrono::milliseconds(limits::kIdleConnectionMs));
  idle_.push_back(std::move(line));
}

Task<std::optional<HostPool::Lease>> HostPool::lease(std::shared_ptr<HostPool> pool, std::chrono::microseconds time) {
  std::optional<Lease> lease;
  if (auto line = pool->take_idle()) {
    lease.emplace(pool, std::move(line));
    co_return lease;
  }
  if (pool->open_ < pool->limit_) {
    ++pool->open_;
    lease.emplace(pool, nullptr);
    co_return lease;
  }
  auto turn = std::make_shared<Turn>();
  pool->waiting_.push_back(turn);
  const bool granted = co_await detail::Latch::wait(turn, time);
  if (!granted) {
    std::erase(pool->waiting_, turn);
    co_return std::nullopt;
  }
  if (turn->line && !turn->line->connection.is_quiet()) turn->line.reset();
  lease.emplace(pool, std::move(turn->line));
  co_return lease;
}

Task<Result<std::unique_ptr<Line>>> HostPool::connect(std::shared_ptr<HostPool> pool, std::chrono::microseconds time) {
  const Mono until = pool->shard_.clock().mono() + time;
  const std::string where = pool->url_.host + ":" + std::to_string(pool->url_.port);
  Result<std::vector<Endpoint>> ends = co_await resolve(pool->url_.host, pool->url_.port, time);
  if (!ends) co_return fail(std::move(ends).error());
  Error error(Code::connect_failed, where);
  for (const Endpoint& end : *ends) {
    auto line = std::make_unique<Line>(pool->shard_);
    line->connection.close_after(until - pool->shard_.clock().mono());
    const Failure failure = co_await line->connection.connect(end);
    if (line->connection.timed_out()) co_return fail(Code::timed_out, "connecting to " + where);
    if (failure) {
      error.detail = where + ": " + failure.message();
      continue;
    }
    if (pool->tls_) {
      std::unique_ptr<TlsEngine> engine = TlsEngine::client(pool->tls_, pool->name_, pool->session_);
      const Result<void> secure = co_await line->connection.handshake(std::move(engine));
      if (!secure) co_return fail(secure.error().code, where + ": " + secure.error().detail);
    }
    line->connection.never_close();
    co_return std::move(line);
  }
  co_return fail(std::move(error));
}

void HostPool::remember_session(Line& line) {
  if (!line.connection.tls()) return;
  SSL_SESSION* fresh = line.connection.tls()->session();
  if (!fresh) return;
  SSL_SESSION_free(session_);
  session_ = fresh;
}

}  // namespace lt::net
