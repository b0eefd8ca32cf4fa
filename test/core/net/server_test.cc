#include <doctest/doctest.h>

#include <atomic>

#include "core/base/limits.h"
#include "test/core/net/fixture.h"

using namespace lt;
using namespace lt::net;
using namespace std::chrono_literals;

namespace {

Task<Response> echo(Exchange* exchange) {
  Result<std::string> body = co_await read_all(exchange->body, 1 << 20);
  if (!body) co_return problem(body.error());
  co_return text_answer(exchange->head.method + " " + exchange->head.path + "?" + exchange->head.query + " " + *body);
}

Task<Response> ignore_body(Exchange*) { co_return text_answer("ok"); }

Task<Response> throwing(Exchange* exchange) {
  if (exchange->head.path == "/int") throw 7;
  throw std::runtime_error("boom");
  co_return Response();
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string one_answer(uint16_t port, std::string_view request) {
  RawSocket socket = RawSocket::connect(port);
  socket.send(request);
  return socket.receive_all();
}

}  // namespace

TEST_CASE("keep-alive: several requests on one connection, also pipelined and split anywhere") {
  World world;
  auto server = must_serve(world, echo);
  RawSocket socket = RawSocket::connect(server->port());
  socket.send("GET /a%20b?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
  std::string answer = socket.receive_response();
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(has(answer, "Date: "));
  CHECK(answer.ends_with("GET /a b?x=1 "));
  socket.send(
      "\r\nPOST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: "
      "2\r\n\r\nde");
  CHECK(socket.receive_response().ends_with("POST /1? abc"));
  CHECK(socket.receive_response().ends_with("POST /2? de"));
  for (const char c : std::string_view("PUT /3 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nwxyz"))
    socket.send(std::string_view(&c, 1));
  CHECK(socket.receive_response().ends_with("PUT /3? wxyz"));
  socket.send("GET http://h/abs?q HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  answer = socket.receive_all();
  CHECK(has(answer, "Connection: close\r\n"));
  CHECK(answer.ends_with("GET /abs?q "));
}

TEST_CASE("chunked request bodies, with extensions and a trailer, split anywhere") {
  World world;
  auto server = must_serve(world, echo);
  const std::string request =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;a=b\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nX-Trailer: 1\r\n\r\n";
  RawSocket socket = RawSocket::connect(server->port());
  socket.send(request + request);
  CHECK(socket.receive_response().ends_with("POST /? abc0123456789abcdef"));
  CHECK(socket.receive_response().ends_with("POST /? abc0123456789abcdef"));
  for (const char c : request) socket.send(std::string_view(&c, 1));
  CHECK(socket.receive_response().ends_with("POST /? abc0123456789abcdef"));
}

TEST_CASE("Expect: 100-continue is answered when the handler wants the body, and only then") {
  World world;
  auto reading = must_serve(world, echo);
  RawSocket socket = RawSocket::connect(reading->port());
  socket.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(socket.receive_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("hi");
  CHECK(socket.receive_response().ends_with(" hi"));

  auto ignoring = must_serve(world, ignore_body);
  const std::string answer =
      one_answer(ignoring->port(), "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(!has(answer, "100 Continue"));
  CHECK(answer.starts_with("HTTP/1.1 200"));
  CHECK(has(answer, "Connection: close"));
}

TEST_CASE("a body the handler leaves unread: drained when short, else the connection ends") {
  World world;
  auto server = must_serve(world, ignore_body);
  RawSocket socket = RawSocket::connect(server->port());
  socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
  CHECK(socket.receive_response().ends_with("ok"));
  socket.send("12345GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(socket.receive_response().ends_with("ok"));
  socket.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000\r\n\r\n");
  CHECK(has(socket.receive_all(), "Connection: close"));
}

TEST_CASE("HEAD, 204 and HTTP/1.0") {
  World world;
  Router router;
  router.add("GET", "/", ignore_body);
  router.add("DELETE", "/", [](Exchange*) -> Task<Response> { co_return text_answer("ignored", 204); });
  auto server = must_serve(world, router.handler());
  RawSocket socket = RawSocket::connect(server->port());
  socket.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(has(socket.receive_until("\r\n\r\n"), "Content-Length: 2\r\n"));
  socket.send("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string empty = socket.receive_until("\r\n\r\n");
  CHECK(empty.starts_with("HTTP/1.1 204 No Content"));
  CHECK(!has(empty, "Content-Length"));
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(socket.receive_response().ends_with("\r\n\r\nok"));
  CHECK(has(one_answer(server->port(), "GET / HTTP/1.0\r\n\r\n"), "Connection: close"));
  RawSocket old = RawSocket::connect(server->port());
  old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(has(old.receive_response(), "Connection: keep-alive"));
}

TEST_CASE("malformed requests and smuggling are refused with 400 and the connection ends") {
  World world;
  auto server = must_serve(world, echo);
  const std::string_view bad[] = {
      "GET\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/2.7\r\nHost: a\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
  };
  for (const std::string_view request : bad) {
    CAPTURE(request);
    const std::string answer = one_answer(server->port(), request);
    CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
    CHECK(has(answer, "application/problem+json"));
    CHECK(has(answer, "LT-7005"));
    CHECK(answer.find("HTTP/1.1", 5) == std::string::npos);
  }
}

TEST_CASE("413 and 431") {
  World world;
  ServerOptions options;
  options.body_limit = 1000;
  options.header_limit = 4096;
  auto server = must_serve(world, echo, options);
  std::string answer = one_answer(server->port(), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 413 "));
  CHECK(has(answer, "LT-3004"));
  answer = one_answer(server->port(), "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
                                          std::string(1000, 'x') + "\r\n1\r\ny\r\n0\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 413 "));
  answer = one_answer(server->port(), "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(5000, 'x') + "\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 431 "));
  CHECK(has(answer, "LT-7006"));
  answer = one_answer(server->port(), "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(20000, 'x'));
  CHECK(answer.starts_with("HTTP/1.1 431 "));
  std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (size_t i = 0; i <= limits::kHeaderFields; ++i) many += "a:\r\n";
  CHECK(one_answer(server->port(), many + "\r\n").starts_with("HTTP/1.1 431 "));
  answer =
      one_answer(server->port(), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n" +
                                     std::string(1000, 'x'));
  CHECK(answer.starts_with("HTTP/1.1 200 "));
}

TEST_CASE("a slow header, a slow body and an idle connection are ended by the clock") {
  World world;
  ServerOptions options;
  options.header_time = 30s;
  options.body_time = 60s;
  options.idle_time = 120s;
  auto server = must_serve(world, echo, options);
  const auto closed_after = [&](RawSocket& socket) {
    const Mono from = world.clock.mono();
    CHECK(world.advance_until(100ms, [&] { return socket.readable(); }));
    CHECK(socket.receive() == "");
    return world.clock.mono() - from;
  };
  const std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  RawSocket idle = RawSocket::connect(server->port());
  idle.send(request);
  idle.receive_response();
  CHECK(closed_after(idle) >= 119s);

  RawSocket slow = RawSocket::connect(server->port());
  slow.send(request);
  slow.receive_response();
  slow.send("GET / HT");
  const auto header = closed_after(slow);
  CHECK(header >= 29s);
  CHECK(header < 100s);

  RawSocket silent = RawSocket::connect(server->port());
  CHECK(closed_after(silent) >= 30s);

  RawSocket body = RawSocket::connect(server->port());
  body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n1234");
  CHECK(closed_after(body) >= 60s);
}

TEST_CASE("connections over the cap are answered 503") {
  World world;
  ServerOptions options;
  options.connections = 2;
  auto server = must_serve(world, ignore_body, options);
  const std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  RawSocket a = RawSocket::connect(server->port()), b = RawSocket::connect(server->port());
  a.send(request);
  b.send(request);
  a.receive_response();
  b.receive_response();
  RawSocket c = RawSocket::connect(server->port());
  const std::string refused = c.receive_all();
  CHECK(refused.starts_with("HTTP/1.1 503 "));
  CHECK(has(refused, "Retry-After: 1"));
  CHECK(has(refused, "LT-5005"));
  a.send(request);
  CHECK(a.receive_response().ends_with("ok"));
  CHECK(has(world.metrics.expose(), "lienthong_http_connections_refused_total 1"));
}

TEST_CASE("what a handler throws is answered 500, and the connection lives on") {
  World world;
  auto server = must_serve(world, throwing);
  RawSocket socket = RawSocket::connect(server->port());
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answer = socket.receive_response();
  CHECK(answer.starts_with("HTTP/1.1 500 "));
  CHECK(has(answer, "LT-9001"));
  CHECK(!has(answer, "boom"));
  socket.send("GET /int HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(socket.receive_response().starts_with("HTTP/1.1 500 "));
}

TEST_CASE("no header value of a response can start another field") {
  World world;
  auto server = must_serve(world, [](Exchange*) -> Task<Response> {
    Response response;
    response.headers.add("X", "a\r\nSet-Cookie: b");
    co_return response;
  });
  CHECK(has(one_answer(server->port(), "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
            "X: a  Set-Cookie: b\r\n"));
}

namespace {

Task<Response> wait_for_go(Exchange*, Future<int> go, std::atomic<bool>* entered) {
  *entered = true;
  const int value = co_await go.wait();
  co_return text_answer(std::to_string(value));
}

}  // namespace

TEST_CASE("drain: no new connections, the present request is finished, idle connections end") {
  World world;
  Promise<int> go;
  std::atomic<bool> entered = false;
  auto server = must_serve(world, [&](Exchange* exchange) { return wait_for_go(exchange, go.future(), &entered); });
  RawSocket busy = RawSocket::connect(server->port()), idle = RawSocket::connect(server->port());
  busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(world.advance_until(0ms, [&] { return entered.load(); }));
  server->drain();
  CHECK(idle.receive_all() == "");
  world.barrier();
  CHECK_THROWS(RawSocket::connect(server->port()));
  go.set(42);
  const std::string answer = busy.receive_all();
  CHECK(answer.ends_with("42"));
  CHECK(has(answer, "Connection: close"));
}

TEST_CASE("all shards listen on one port that was free, and an occupied one is reported") {
  World world(3);
  std::atomic<int> seen[3] = {};
  auto server = must_serve(world, [&](Exchange* exchange) {
    ++seen[exchange->shard->index()];
    return ignore_body(exchange);
  });
  int tries = 0;
  while ((!seen[0] || !seen[1] || !seen[2]) && ++tries < 1000) {
    CHECK(one_answer(server->port(), "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").ends_with("ok"));
  }
  CHECK(tries < 1000);
  ServerOptions options;
  options.listen = "127.0.0.1:" + std::to_string(server->port());
  const auto taken = serve(*world.pool, world.metrics, options, ignore_body);
  REQUIRE(!taken);
  CHECK(taken.error().code == Code::listen_failed);
  for (const char* wrong : {"nonsense", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:8x", "nohost:80"}) {
    options.listen = wrong;
    CHECK(!serve(*world.pool, world.metrics, options, ignore_body));
  }
}

TEST_CASE("router: literal, hole, rest, 404, 405") {
  World world;
  Router router;
  router.add("GET", "/v1/dossiers/{id}", [](Exchange* exchange) -> Task<Response> {
    co_return text_answer("id=" + Router::segment(exchange->head, "/v1/dossiers/{id}", "id"));
  });
  router.add("POST", "/v1/dossiers", [](Exchange*) -> Task<Response> { co_return text_answer("made", 201); });
  router.add("GET", "/static/*", [](Exchange*) -> Task<Response> { co_return text_answer("file"); });
  auto server = must_serve(world, router.handler());
  const auto ask = [&](std::string_view line) {
    return one_answer(server->port(), std::string(line) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  };
  CHECK(ask("GET /v1/dossiers/H%C3%A0").ends_with("id=H\xc3\xa0"));
  CHECK(ask("POST /v1/dossiers").starts_with("HTTP/1.1 201 Created"));
  CHECK(ask("GET /static/a/b/c").ends_with("file"));
  CHECK(ask("GET /v1/dossiers/").starts_with("HTTP/1.1 404"));
  CHECK(ask("GET /v1/dossiers/1/2").starts_with("HTTP/1.1 404"));
  CHECK(ask("GET /").starts_with("HTTP/1.1 404"));
  const std::string wrong = ask("DELETE /v1/dossiers/1");
  CHECK(wrong.starts_with("HTTP/1.1 405"));
  CHECK(has(wrong, "Allow: GET\r\n"));
}

TEST_CASE("the server may end while handlers wait, and the pool while the server runs") {
  auto world = std::make_unique<World>(2);
  Promise<int> never;
  std::atomic<bool> entered = false;
  auto server = must_serve(*world, [&](Exchange* exchange) { return wait_for_go(exchange, never.future(), &entered); });
  RawSocket socket = RawSocket::connect(server->port());
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(world->advance_until(0ms, [&] { return entered.load(); }));
  SUBCASE("server first") { server.reset(); }
  SUBCASE("pool first") { world->pool->stop(); }
  CHECK(socket.receive_all() == "");
  world->pool->stop();
  server.reset();
}
