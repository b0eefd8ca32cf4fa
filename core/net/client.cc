#include "core/net/client.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "core/base/limits.h"
#include "core/net/body_writer.h"
#include "core/net/client_impl.h"
#include "core/net/host_pool.h"

namespace lt::net {
namespace {

using std::chrono::microseconds;

tl::unexpected<CallFailure> failed(Error error, bool sent = false) {
  return tl::unexpected<CallFailure>(CallFailure{std::move(error), sent});
}

bool is_ours(std::string_view name) {
  for (const std::string_view ours : {"host", "content-length", "transfer-encoding", "connection"}) {
    if (name.size() == ours.size() && std::equal(name.begin(), name.end(), ours.begin(), [](char a, char b) {
          return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b;
        }))
      return true;
  }
  return false;
}

std::string request_head(const Call& call, const Url& url, std::optional<uint64_t> length) {
  std::string out;
  out.reserve(512);
  out += call.method;
  out += ' ';
  out += url.target;
  out += " HTTP/1.1\r\n";
  append_field(out, "Host", url.authority);
  for (const Header& header : call.headers.all()) {
    if (!is_ours(header.name)) append_field(out, header.name, header.value);
  }
  const bool has_meaning = call.method == "POST" || call.method == "PUT" || call.method == "PATCH";
  if (!length) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (*length > 0 || has_meaning) {
    append_field(out, "Content-Length", std::to_string(*length));
  }
  out += "\r\n";
  return out;
}

// One call on one connection.
class Exchanger {
 public:
  Exchanger(ShardImpl& shard, Call& call, Line& line, Mono until)
      : shard_(shard), call_(call), line_(line), until_(until) {}

  Task<CallResult> run(std::string head, std::optional<uint64_t> length) {
    Connection& connection = line_.connection;
    streams_ = call_.stream || call_.response_sink;
    connection.reset_touched();
    connection.close_after(streams_ ? microseconds(call_.total_time) : until_ - shard_.clock().mono());
    MessageReader::Pace pace;
    if (streams_) pace.first = pace.header = pace.body = call_.total_time;
    line_.reader.pace(pace);
    Result<void> sent;
    if (call_.stream) {
      sent = co_await write_stream(&connection, std::move(head), call_.stream, length, false, call_.total_time);
    } else {
      sent = co_await write_memory(std::move(head));
    }
    // A source that fails leaves half a request behind: the peer must not take it for a whole one.
    const bool line_broke =
        !sent && (sent.error().code == Code::connection_lost || sent.error().code == Code::tls_failed);
    if (!sent && !line_broke) co_return failed(std::move(sent).error(), connection.touched());
    CallResult answer = co_await receive();
    // The peer may refuse early and close: its answer, when there is one, says more than the broken write.
    if (line_broke) {
      reusable_ = false;
      if (!answer) co_return failed(std::move(sent).error(), connection.touched());
    }
    co_return answer;
  }
  bool reusable() const { return reusable_; }

 private:
  Task<Result<void>> write_memory(std::string head) {
    std::string_view first = head, second = call_.body;
    Connection& connection = line_.connection;
    Failure failure = connection.write_now(first, second);
    if (!failure && (!first.empty() || !second.empty() || connection.unsent()))
      failure = co_await connection.write(first, second);
    if (failure) co_return fail(connection.lost(failure));
    co_return Result<void>();
  }

  Task<CallResult> receive() {
    MessageReader& reader = line_.reader;
    const bool sent = line_.connection.touched();
    const uint64_t limit = std::max<uint64_t>(call_.sink_limit, call_.response_limit);
    MessageReader::Got got = MessageReader::Got::message;
    do {
      got = co_await reader.read_head(limit, call_.method == "HEAD");
    } while (got == MessageReader::Got::message && reader.head().status / 100 == 1 && reader.head().status != 101);
    if (got == MessageReader::Got::lost || got == MessageReader::Got::nothing) co_return failed(reader.error(), sent);
    if (got == MessageReader::Got::fault) {
      const Code code = reader.fault() == ParseFault::header_too_large ? Code::header_too_large
                        : reader.fault() == ParseFault::body_too_large ? Code::too_large
                                                                       : Code::bad_http;
      co_return failed(Error(code, "the answer of the peer: " + reader.why()), sent);
    }
    MessageHead& head = reader.head();
    const bool keep = head.keep_alive && !head.until_end && head.status != 101;
    Response response;
    response.status = head.status;
    response.headers = std::move(head.headers);
    Result<void> body;
    if (call_.response_sink && response.status / 100 == 2) {
      body = co_await into_sink();
    } else {
      Result<std::string> text = co_await read_all(&reader, call_.response_limit);
      if (text) {
        response.body = std::move(*text);
      } else {
        body = fail(std::move(text).error());
      }
    }
    if (!body) co_return failed(std::move(body).error(), sent);
    reusable_ = keep && reader.body_done() && !reader.has_more() && line_.connection.is_open();
    co_return std::move(response);
  }

  Task<Result<void>> into_sink() {
    const auto buffer = std::make_unique_for_overwrite<char[]>(limits::kIoChunk);
    uint64_t total = 0;
    while (true) {
      const Result<size_t> got = co_await line_.reader.read(buffer.get(), limits::kIoChunk);
      if (!got) co_return fail(got.error());
      if (*got == 0) co_return call_.response_sink->finish();
      total += *got;
      if (total > call_.sink_limit)
        co_return fail(Code::too_large, "more than " + std::to_string(call_.sink_limit) + " bytes");
      Result<void> written = call_.response_sink->write(std::string_view(buffer.get(), *got));
      if (!written) co_return written;
    }
  }

  ShardImpl& shard_;
  Call& call_;
  Line& line_;
  const Mono until_;
  bool streams_ = false, reusable_ = false;
};

class Client final : public HttpClient, private Closable {
 public:
  explicit Client(ShardImpl& shard) : shard_(shard) { shard.add(this); }

  Task<CallResult> call(Call call) override { return run(this, std::move(call)); }
  void set_connection_limit(size_t per_host) override { limit_ = std::max<size_t>(per_host, 1); }

 private:
  void close_all() override {
    for (auto& [key, pool] : pools_) pool->close_idle();
  }

  Result<std::shared_ptr<HostPool>> pool_of(const Call& call, const Url& url) {
    static const TlsClientOptions kDefaults;
    const TlsClientOptions& tls = call.tls ? *call.tls : kDefaults;
    std::string key = (url.tls ? "s" : "p") + url.host + ":" + std::to_string(url.port);
    if (url.tls) key += '\n' + tls.ca_file + '\n' + tls.certificate_file + '\n' + tls.key_file + '\n' + tls.server_name;
    if (const auto known = pools_.find(key); known != pools_.end()) return known->second;
    SslContext context;
    if (url.tls) {
      auto& known = contexts_[tls.ca_file + '\n' + tls.certificate_file + '\n' + tls.key_file];
      if (!known) {
        LT_ASSIGN(known, client_context(tls));
      }
      context = known;
    }
    const std::string& name = tls.server_name.empty() ? url.host : tls.server_name;
    return pools_.emplace(std::move(key), std::make_shared<HostPool>(shard_, url, context, name, limit_)).first->second;
  }

  static Task<CallResult> run(Client* self, Call call) {
    ShardImpl& shard = self->shard_;
    const Mono until = shard.clock().mono() + call.total_time;
    Result<Url> url = parse_url(call.url);
    if (!url) co_return failed(std::move(url).error());
    if (call.method.find_first_of(" \r\n\t") != std::string::npos)
      co_return failed(Error(Code::bad_url, "method " + call.method));
    Result<std::shared_ptr<HostPool>> pool = self->pool_of(call, *url);
    if (!pool) co_return failed(std::move(pool).error());
    std::optional<HostPool::Lease> lease = co_await HostPool::lease(*pool, call.total_time);
    if (!lease) co_return failed(Error(Code::timed_out, "waiting for a free connection to " + url->authority));
    if (!lease->line()) {
      const auto left = std::min<microseconds>(call.connect_time, until - shard.clock().mono());
      Result<std::unique_ptr<Line>> line = co_await HostPool::connect(*pool, left);
      if (!line) co_return failed(std::move(line).error());
      lease->set_line(std::move(*line));
    }
    const std::optional<uint64_t> length = call.stream ? call.stream->size() : call.body.size();
    std::string head = request_head(call, *url, length);
    Exchanger exchanger(shard, call, *lease->line(), until);
    CallResult result = co_await exchanger.run(std::move(head), length);
    if (!result && result.error().error.code == Code::timed_out && result.error().error.detail.empty()) {
      result.error().error.detail = url->authority;
    }
    (*pool)->remember_session(*lease->line());
    lease->line()->connection.never_close();
    if (exchanger.reusable()) lease->keep();
    co_return result;
  }

  ShardImpl& shard_;
  size_t limit_ = 64;
  std::unordered_map<std::string, std::shared_ptr<HostPool>> pools_;
  std::map<std::string, SslContext> contexts_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(ShardImpl& shard) { return std::make_unique<Client>(shard); }

}  // namespace lt::net
