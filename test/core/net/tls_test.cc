#include <doctest/doctest.h>

#include <openssl/ssl.h>

#include "test/core/net/authority.h"
#include "test/core/net/fixture.h"

using namespace lt;
using namespace lt::net;
using namespace std::chrono_literals;

namespace {

Task<Response> who_are_you(Exchange* exchange) {
  Result<std::string> body = co_await read_all(exchange->body, 8 << 20);
  if (!body) co_return problem(body.error());
  const bool known = exchange->head.client_certificate.starts_with("-----BEGIN CERTIFICATE-----");
  co_return text_answer(std::string(known ? "known " : "unknown ") + std::to_string(body->size()) + " " +
                        exchange->head.peer);
}

std::shared_ptr<TlsClientOptions> trusting(const Authority& authority) {
  auto tls = std::make_shared<TlsClientOptions>();
  tls->ca_file = authority.ca_file();
  return tls;
}

CallResult ask(World& world, uint16_t port, std::shared_ptr<const TlsClientOptions> tls, std::string body = "hello") {
  Call call;
  call.url = "https://127.0.0.1:" + std::to_string(port) + "/";
  call.body = std::move(body);
  call.tls = std::move(tls);
  Shard* shard = &world.shard();
  return world.run(call_on(shard, std::move(call)));
}

}  // namespace

TEST_CASE("TLS: keep-alive, a large body, a good certificate by address and by name") {
  Authority authority("Test CA");
  authority.issue("server", "IP:127.0.0.1,DNS:bus.example.vn");
  World world;
  auto server = must_serve(world, who_are_you, secure(authority, "server"));
  const CallResult first = ask(world, server->port(), trusting(authority));
  REQUIRE(first);
  CHECK(first->body.starts_with("unknown 5 "));
  const CallResult second = ask(world, server->port(), trusting(authority), std::string(5 << 20, 'x'));
  REQUIRE(second);
  CHECK(second->body.starts_with("unknown 5242880 "));
  CHECK(first->body.substr(first->body.rfind(' ')) == second->body.substr(second->body.rfind(' ')));
  auto named = trusting(authority);
  named->server_name = "bus.example.vn";
  CHECK(ask(world, server->port(), named).has_value());
}

TEST_CASE("TLS: unknown authority, wrong host, plain HTTP, silence: tls_failed and not sent") {
  Authority authority("Test CA"), stranger("Other CA");
  authority.issue("server", "IP:127.0.0.1,DNS:bus.example.vn");
  World world;
  auto server = must_serve(world, who_are_you, secure(authority, "server"));
  auto wrong_name = trusting(authority);
  wrong_name->server_name = "evil.example.vn";
  for (const auto& tls : {trusting(stranger), wrong_name, std::make_shared<TlsClientOptions>()}) {
    const CallResult result = ask(world, server->port(), tls);
    REQUIRE(!result);
    CHECK(result.error().error.code == Code::tls_failed);
    CHECK(result.error().error.detail.find("certificate") != std::string::npos);
    CHECK(!result.error().sent);
  }
  auto plain = must_serve(world, who_are_you);
  const CallResult not_tls = ask(world, plain->port(), trusting(authority));
  REQUIRE(!not_tls);
  CHECK(not_tls.error().error.code == Code::tls_failed);
  CHECK(!not_tls.error().sent);
  auto missing = trusting(authority);
  missing->ca_file = "/no/such/file.pem";
  CHECK(ask(world, server->port(), missing).error().error.code == Code::tls_failed);

  RawSocket silent = RawSocket::connect(server->port());
  CHECK(world.advance_until(1s, [&] { return silent.readable(); }));
  CHECK(silent.receive() == "");
}

TEST_CASE("mutual TLS: only with a certificate of the right authority, which the handler sees") {
  Authority authority("Test CA"), stranger("Other CA");
  authority.issue("server", "IP:127.0.0.1");
  authority.issue("partner", "DNS:partner");
  stranger.issue("partner", "DNS:partner");
  World world;
  auto server = must_serve(world, who_are_you, secure(authority, "server", true));
  auto known = trusting(authority);
  known->certificate_file = authority.certificate("partner");
  known->key_file = authority.key("partner");
  const CallResult good = ask(world, server->port(), known);
  REQUIRE(good);
  CHECK(good->body.starts_with("known 5"));
  CHECK(!ask(world, server->port(), trusting(authority)).has_value());
  auto foreign = trusting(authority);
  foreign->certificate_file = stranger.certificate("partner");
  foreign->key_file = stranger.key("partner");
  CHECK(!ask(world, server->port(), foreign).has_value());
  auto mixed = trusting(authority);
  mixed->certificate_file = authority.certificate("partner");
  mixed->key_file = stranger.key("partner");
  CHECK(ask(world, server->port(), mixed).error().error.code == Code::tls_failed);
}

namespace {

// One handshake with a client of our own making; the session it ended with, or null.
SSL_SESSION* handshake(uint16_t port, SSL_CTX* context, SSL_SESSION* session, bool* resumed) {
  RawSocket socket = RawSocket::connect(port);
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, socket.fd());
  if (session) SSL_set_session(ssl, session);
  SSL_SESSION* got = nullptr;
  if (SSL_connect(ssl) == 1) {
    const char request[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    char answer[4096];
    SSL_write(ssl, request, sizeof request - 1);
    SSL_read(ssl, answer, sizeof answer);
    if (resumed) *resumed = SSL_session_reused(ssl) == 1;
    got = SSL_get1_session(ssl);
    SSL_shutdown(ssl);
  }
  SSL_free(ssl);
  return got;
}

}  // namespace

TEST_CASE("TLS versions and ciphers: 1.2 and 1.3 with resumption, nothing older or weaker") {
  Authority authority("Test CA");
  authority.issue("server", "IP:127.0.0.1");
  World world;
  auto server = must_serve(world, who_are_you, secure(authority, "server"));
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_max_proto_version(context.get(), version);
    SSL_SESSION* session = handshake(server->port(), context.get(), nullptr, nullptr);
    REQUIRE(session);
    bool resumed = false;
    SSL_SESSION* again = handshake(server->port(), context.get(), session, &resumed);
    CHECK(resumed);
    SSL_SESSION_free(session);
    SSL_SESSION_free(again);
  }
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA:AES128-SHA");
  CHECK(!handshake(server->port(), context.get(), nullptr, nullptr));
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  CHECK(!handshake(server->port(), context.get(), nullptr, nullptr));
}

TEST_CASE("TLS files that are missing or do not fit stop the server from starting") {
  Authority authority("Test CA");
  authority.issue("a", "IP:127.0.0.1");
  authority.issue("b", "IP:127.0.0.1");
  World world;
  ServerOptions options = secure(authority, "a");
  options.tls.key_file = authority.key("b");
  CHECK(serve(*world.pool, world.metrics, options, who_are_you).error().code == Code::tls_failed);
  options.tls.key_file = "/no/such.key";
  CHECK(serve(*world.pool, world.metrics, options, who_are_you).error().detail.find("/no/such.key") !=
        std::string::npos);
}
