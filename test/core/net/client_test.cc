#include <doctest/doctest.h>

#include <fstream>

#include "test/core/net/fixture.h"

using namespace lt;
using namespace lt::net;
using namespace std::chrono_literals;

namespace {

Task<Response> echo(Exchange* exchange) {
  Result<std::string> body = co_await read_all(exchange->body, 1 << 20);
  if (!body) co_return problem(body.error());
  co_return text_answer(exchange->head.method + " " + exchange->head.target + " " + *body + " " + exchange->head.peer);
}

Call post(std::string url, std::string body = "hello") {
  Call call;
  call.url = std::move(url);
  call.body = std::move(body);
  return call;
}

CallResult ask(World& world, Call call) {
  Shard* shard = &world.shard();
  return world.run(call_on(shard, std::move(call)));
}

std::string peer_of(const CallResult& result) { return result->body.substr(result->body.rfind(' ')); }

// Gives `size` bytes without holding them.
class Pattern final : public ByteSource {
 public:
  Pattern(uint64_t size, bool known) : left_(size), total_(size), known_(known) {}
  Result<size_t> read(char* out, size_t size) override {
    const size_t n = static_cast<size_t>(std::min<uint64_t>(left_, size));
    for (size_t i = 0; i < n; ++i) out[i] = static_cast<char>((total_ - left_ + i) % 251);
    left_ -= n;
    return n;
  }
  std::optional<uint64_t> size() const override { return known_ ? std::optional(total_) : std::nullopt; }

 private:
  uint64_t left_, total_;
  bool known_;
};

struct Checked final : ByteSink {
  uint64_t seen = 0;
  bool right = true, finished = false;
  Result<void> write(std::string_view bytes) override {
    for (const char c : bytes) right = right && c == static_cast<char>(seen++ % 251);
    return {};
  }
  Result<void> finish() override {
    finished = true;
    return {};
  }
};

Task<Response> count_body(Exchange* exchange) {
  Checked checked;
  std::vector<char> buffer(64 << 10);
  while (true) {
    const Result<size_t> got = co_await exchange->body->read(buffer.data(), buffer.size());
    if (!got) co_return problem(got.error());
    if (*got == 0) break;
    const std::string_view bytes(buffer.data(), *got);
    static_cast<void>(checked.write(bytes));
  }
  co_return text_answer(std::to_string(checked.seen) + (checked.right ? " right" : " wrong"));
}

uint64_t resident_kb() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word == "VmHWM:") {
      uint64_t kb = 0;
      status >> kb;
      return kb;
    }
  }
  return 0;
}

}  // namespace

TEST_CASE("calls reuse one connection, and any status is an answer") {
  World world;
  auto server = must_serve(world, echo);
  const CallResult first = ask(world, post(url_of(server->port(), "/a?b=c")));
  REQUIRE(first);
  CHECK(first->status == 200);
  CHECK(first->body.starts_with("POST /a?b=c hello "));
  const CallResult second = ask(world, post(url_of(server->port())));
  REQUIRE(second);
  CHECK(peer_of(first) == peer_of(second));
  Router none;
  auto empty = must_serve(world, none.handler());
  const CallResult missing = ask(world, post(url_of(empty->port())));
  REQUIRE(missing);
  CHECK(missing->status == 404);
}

TEST_CASE("HEAD, 204, 304, 1xx, HTTP/1.0 until the end, Connection: close") {
  World world;
  RawListener listener;
  const auto exchange = [&](std::string method, std::string_view answer, bool close) {
    Call call = post(url_of(listener.port()), "");
    call.method = std::move(method);
    Shard* shard = &world.shard();
    auto result = world.begin(call_on(shard, std::move(call)));
    RawSocket peer = listener.accept();
    peer.receive_until("\r\n\r\n");
    peer.send(answer);
    if (close) peer.close_sending();
    CallResult got = result.get();
    REQUIRE(got);
    return *got;
  };
  CHECK(exchange("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", true).body.empty());
  CHECK(exchange("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", true).status == 204);
  CHECK(exchange("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", true).status == 304);
  CHECK(exchange(
            "POST",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
            true)
            .body == "x");
  CHECK(exchange("GET", "HTTP/1.0 200 OK\r\n\r\nall of it", true).body == "all of it");
  CHECK(exchange("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", true)
            .body == "abcd");
  // The peer announced the end of the connection but keeps it open: it is not used again.
  CHECK(exchange("GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", false).body == "x");
  CHECK(exchange("GET", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny", true).body == "y");
}

TEST_CASE("an idle connection that the peer closed, or wrote to, is noticed before it is used") {
  World world;
  RawListener listener;
  Shard* shard = &world.shard();
  const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
  auto first = world.begin(call_on(shard, post(url_of(listener.port()))));
  RawSocket a = listener.accept();
  a.receive_until("hello");
  a.send(answer);
  REQUIRE(first.get());
  SUBCASE("closed") { a.close(); }
  SUBCASE("reset") { a.reset(); }
  SUBCASE("unexpected bytes") { a.send("HTTP/1.1 408 Request Timeout\r\n\r\n"); }
  auto second = world.begin(call_on(shard, post(url_of(listener.port()))));
  RawSocket b = listener.accept();
  b.receive_until("hello");
  b.send(answer);
  CHECK(second.get().has_value());
}

TEST_CASE("sent or not sent") {
  World world;
  Shard* shard = &world.shard();
  RawListener listener;
  const auto begin = [&](Call call) { return world.begin(call_on(shard, std::move(call))); };

  SUBCASE("connection refused: not sent") {
    uint16_t port = 0;
    {
      RawListener gone;
      port = gone.port();
    }
    const CallResult result = ask(world, post(url_of(port)));
    REQUIRE(!result);
    CHECK(result.error().error.code == Code::connect_failed);
    CHECK(!result.error().sent);
  }
  SUBCASE("bad URL: not sent") {
    for (const char* url :
         {"ftp://a", "http://", "http://a:0/", "http://a:99999/", "http://u:p@a/", "http://a/ b", "a", "https://:1"}) {
      CAPTURE(url);
      const CallResult result = ask(world, post(url));
      REQUIRE(!result);
      CHECK(result.error().error.code == Code::bad_url);
      CHECK(!result.error().sent);
    }
  }
  SUBCASE("name not found: not sent") {
    const CallResult result = ask(world, post("http://no-such-host.invalid/"));
    REQUIRE(!result);
    CHECK(result.error().error.code == Code::name_not_found);
    CHECK(!result.error().sent);
  }
  SUBCASE("closed before reading: sent") {
    auto result = begin(post(url_of(listener.port())));
    listener.accept().close();
    const CallResult got = result.get();
    REQUIRE(!got);
    CHECK(got.error().error.code == Code::connection_lost);
    CHECK(got.error().sent);
  }
  SUBCASE("read all, then closed: sent") {
    auto result = begin(post(url_of(listener.port())));
    RawSocket peer = listener.accept();
    CHECK(peer.receive_until("hello").ends_with("hello"));
    peer.close();
    const CallResult got = result.get();
    REQUIRE(!got);
    CHECK(got.error().error.code == Code::connection_lost);
    CHECK(got.error().sent);
  }
  SUBCASE("half an answer, then closed: sent") {
    auto result = begin(post(url_of(listener.port())));
    RawSocket peer = listener.accept();
    peer.receive_until("hello");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123");
    peer.close();
    const CallResult got = result.get();
    REQUIRE(!got);
    CHECK(got.error().error.code == Code::connection_lost);
    CHECK(got.error().sent);
  }
  SUBCASE("never answered: timed out, sent") {
    auto result = begin(post(url_of(listener.port())));
    RawSocket peer = listener.accept();
    peer.receive_until("hello");
    const Mono from = world.clock.mono();
    CHECK(world.advance_until(1s, [&] { return result.wait_for(0s) == std::future_status::ready; }));
    CHECK(world.clock.mono() - from >= 30s);
    const CallResult got = result.get();
    REQUIRE(!got);
    CHECK(got.error().error.code == Code::timed_out);
    CHECK(got.error().sent);
    CHECK(peer.receive() == "");
  }
  SUBCASE("malformed answer: sent") {
    auto result = begin(post(url_of(listener.port())));
    RawSocket peer = listener.accept();
    peer.receive_until("hello");
    peer.send("SSH-2.0-OpenSSH\r\n\r\n");
    const CallResult got = result.get();
    REQUIRE(!got);
    CHECK(got.error().error.code == Code::bad_http);
    CHECK(got.error().sent);
  }
  SUBCASE("answer over the limit") {
    Call call = post(url_of(listener.port()));
    call.response_limit = 10;
    auto result = begin(std::move(call));
    RawSocket peer = listener.accept();
    peer.receive_until("hello");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901");
    const CallResult got = result.get();
    REQUIRE(!got);
    CHECK(got.error().error.code == Code::too_large);
    CHECK(got.error().sent);
  }
}

TEST_CASE("an early refusal during a long upload is the answer, not a broken connection") {
  World world;
  ServerOptions options;
  options.body_limit = 1000;
  auto server = must_serve(world, echo, options);
  Call call = post(url_of(server->port()));
  call.stream = std::make_shared<Pattern>(8 << 20, true);
  const CallResult result = ask(world, std::move(call));
  REQUIRE(result);
  CHECK(result->status == 413);
}

TEST_CASE("over the connection limit calls wait their turn, in order, and time out waiting") {
  World world;
  Shard* shard = &world.shard();
  RawListener listener;
  shard->post([shard] { shard->client().set_connection_limit(1); });
  const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
  auto first = world.begin(call_on(shard, post(url_of(listener.port()), "first")));
  auto second = world.begin(call_on(shard, post(url_of(listener.port()), "second")));
  auto third = world.begin(call_on(shard, post(url_of(listener.port()), "third")));
  RawSocket peer = listener.accept();
  peer.receive_until("first");
  SUBCASE("in order, on the one connection") {
    peer.send(answer);
    CHECK(peer.receive_until("second").ends_with("second"));
    peer.send(answer);
    CHECK(peer.receive_until("third").ends_with("third"));
    peer.send(answer);
    CHECK(first.get().has_value());
    CHECK(second.get().has_value());
    CHECK(third.get().has_value());
    CHECK(!listener.waiting());
  }
  SUBCASE("the first one fails: the next connects anew") {
    peer.close();
    CHECK(!first.get().has_value());
    RawSocket next = listener.accept();
    next.receive_until("second");
    next.send(answer);
    CHECK(second.get().has_value());
    next.receive_until("third");
    next.send(answer);
    CHECK(third.get().has_value());
  }
  SUBCASE("time passes") {
    CHECK(world.advance_until(1s, [&] { return third.wait_for(0s) == std::future_status::ready; }));
    const CallResult waited = third.get();
    REQUIRE(!waited);
    CHECK(waited.error().error.code == Code::timed_out);
    CHECK(!waited.error().sent);
    CHECK(first.get().error().sent);
  }
}

TEST_CASE("an idle connection ends after a while") {
  World world;
  Shard* shard = &world.shard();
  RawListener listener;
  auto first = world.begin(call_on(shard, post(url_of(listener.port()))));
  RawSocket peer = listener.accept();
  peer.receive_until("hello");
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
  REQUIRE(first.get());
  CHECK(world.advance_until(1s, [&] { return peer.readable(); }));
  CHECK(peer.receive() == "");
}

TEST_CASE("100 MB up and down in constant memory, sized and chunked") {
  static constexpr uint64_t kSize = 100 << 20;
  World world;
  Router router;
  router.add("POST", "/up", count_body);
  router.add("GET", "/sized", [](Exchange*) -> Task<Response> {
    Response response;
    response.stream = std::make_shared<Pattern>(kSize, true);
    co_return response;
  });
  router.add("GET", "/chunked", [](Exchange*) -> Task<Response> {
    Response response;
    response.stream = std::make_shared<Pattern>(kSize, false);
    co_return response;
  });
  auto server = must_serve(world, router.handler());
  const uint64_t before = resident_kb();
  for (const bool known : {true, false}) {
    Call up = post(url_of(server->port(), "/up"));
    up.stream = std::make_shared<Pattern>(kSize, known);
    const CallResult sent = ask(world, std::move(up));
    REQUIRE(sent);
    CHECK(sent->body == std::to_string(kSize) + " right");
    Checked checked;
    Call down = post(url_of(server->port(), known ? "/sized" : "/chunked"), "");
    down.method = "GET";
    down.response_sink = &checked;
    const CallResult got = ask(world, std::move(down));
    REQUIRE(got);
    CHECK(checked.seen == kSize);
    CHECK(checked.right);
    CHECK(checked.finished);
  }
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static_cast<void>(before);  // a sanitizer keeps freed memory for a while
#else
  CHECK(resident_kb() - before < 16 << 10);
#endif
}

TEST_CASE("a source that fails or lies about its size never looks like a whole request") {
  World world;
  auto server = must_serve(world, echo);
  struct Broken final : ByteSource {
    bool known = false;
    Result<size_t> read(char* out, size_t) override {
      if (given) return known ? Result<size_t>(size_t{0}) : fail(Code::io_error, "disk");
      given = true;
      *out = 'x';
      return size_t{1};
    }
    std::optional<uint64_t> size() const override { return known ? std::optional<uint64_t>(5) : std::nullopt; }
    bool given = false;
  };
  for (const bool known : {false, true}) {
    auto source = std::make_shared<Broken>();
    source->known = known;
    Call call = post(url_of(server->port()));
    call.stream = source;
    const CallResult result = ask(world, std::move(call));
    REQUIRE(!result);
    CHECK(result.error().error.code == (known ? Code::bug : Code::io_error));
    CHECK(result.error().sent);
  }
}
