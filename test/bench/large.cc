// One large attachment: POST to the answer, stick and product taking turns. The stick here is a plain Beast server that
// reads through one buffer, hashes and writes what it reads, and answers after fdatasync.
#include "test/bench/large.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "test/bench/child.h"
#include "test/bench/http.h"
#include "test/bench/roles.h"

namespace lt::bench {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr size_t kBuffer = 256 << 10;
constexpr size_t kUnit = 1 << 20;

double seconds_since(Steady::time_point began) { return std::chrono::duration<double>(Steady::now() - began).count(); }

// A blocking connection to the loopback.
struct Line {
  explicit Line(uint16_t port) : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port);
    if (::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error("connect");
  }
  ~Line() { ::close(socket); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) throw std::runtime_error("the server closed the connection");
      bytes.remove_prefix(static_cast<size_t>(n));
    }
  }
  std::string answer() const {
    std::string all;
    char bytes[4096];
    while (all.find("\r\n\r\n") == std::string::npos) {
      const ssize_t n = ::recv(socket, bytes, sizeof bytes, 0);
      if (n <= 0) break;
      all.append(bytes, static_cast<size_t>(n));
    }
    return all;
  }
  int socket;
};

// A dossier with one file: what stands before and after it, and the text of the file, over and over.
struct Dossier {
  Dossier() {
    std::ifstream in(std::string(LT_SOURCE_DIR) + "/mappings/judicial/examples/dossier.json");
    std::string whole{std::istreambuf_iterator<char>(in), {}};
    const std::string mark = "JVBERi0xLjQK", unit_of = "H49.02.05";
    for (size_t at; (at = whole.find(unit_of)) != whole.npos;) whole.replace(at, unit_of.size(), "H26.01.01");
    const size_t at = whole.find(mark);
    if (at == whole.npos) throw std::runtime_error("no file in the reference dossier");
    head = whole.substr(0, at);
    tail = whole.substr(at + mark.size());
    std::mt19937 random(1);
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < kUnit; ++i) unit += kAlphabet[random() % kAlphabet.size()];
  }
  std::string head, unit, tail;
};

// Seconds from the first byte to the answer, which must be 202.
double post(uint16_t port, const Dossier& dossier, size_t megabytes, const std::string& key) {
  const Line line(port);
  const size_t size = dossier.head.size() + megabytes * kUnit + dossier.tail.size();
  const auto began = Steady::now();
  line.send(
      "POST /large HTTP/1.1\r\nHost: bench\r\nX-API-Key: bench-key\r\nContent-Type: application/json\r\n"
      "Idempotency-Key: " +
      key + "\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + dossier.head);
  for (size_t i = 0; i < megabytes; ++i) line.send(dossier.unit);
  line.send(dossier.tail);
  const std::string answer = line.answer();
  const double took = seconds_since(began);
  if (!answer.starts_with("HTTP/1.1 202")) throw std::runtime_error("refused: " + answer.substr(0, 600));
  return took;
}

double peak_mb(const Child& child) {
  std::ifstream status("/proc/" + std::to_string(child.id()) + "/status");
  for (std::string word; status >> word;) {
    double kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib / 1024;
  }
  return 0;
}

struct Round {
  double rate = 0, cpu = 0, grown_mb = 0, delivered = 0;
};

Round measure(const Child& child, uint16_t port, const Dossier& dossier, size_t megabytes) {
  post(port, dossier, 1, "warm");  // keys of the day, first connection
  Round round;
  const double cpu = child.cpu_seconds(), before = peak_mb(child);
  const double took = post(port, dossier, megabytes, "large");
  round.rate = static_cast<double>(megabytes) / took;
  round.cpu = (child.cpu_seconds() - cpu) * 1024 / static_cast<double>(megabytes);
  round.grown_mb = peak_mb(child) - before;
  return round;
}

double median(const std::vector<Round>& rounds, double Round::*member) {
  std::vector<double> values;
  for (const Round& round : rounds) values.push_back(round.*member);
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void row(const char* name, const std::vector<Round>& rounds) {
  const auto [least, most] =
      std::minmax_element(rounds.begin(), rounds.end(), [](auto& a, auto& b) { return a.rate < b.rate; });
  std::printf(
      "| %s | %.0f [%.0f-%.0f] | %.2f | %.1f | %s |\n", name, median(rounds, &Round::rate), least->rate, most->rate,
      median(rounds, &Round::cpu), median(rounds, &Round::grown_mb),
      rounds.front().delivered > 0 ? std::to_string(static_cast<int>(median(rounds, &Round::delivered))).c_str() : "");
}

Round run_stick_once(const LargeOptions& options, const Dossier& dossier) {
  const fs::path file = fs::path(options.directory) / "large.stick";
  Child child({options.self, "stick-large", file.string()}, {}, options.directory + "/stick-large.log");
  const Round round = measure(child, static_cast<uint16_t>(std::stoul(child.first_line())), dossier, options.megabytes);
  child.stop();
  fs::remove(file);
  return round;
}

Round run_product_once(const LargeOptions& options, const Dossier& dossier) {
  const fs::path data = fs::path(options.directory) / "large-data";
  fs::remove_all(data);
  Child drain({options.self, "drain"}, {}, options.directory + "/drain.log");
  Child child({LT_PROGRAM, "run", std::string(LT_SOURCE_DIR) + "/conf/bench"},
              {"LIENTHONG_DATA=" + data.string(), "LIENTHONG_LISTEN=127.0.0.1:0", "LIENTHONG_ADMIN_LISTEN=127.0.0.1:0",
               "BENCH_SINK=http://127.0.0.1:" + drain.first_line()},
              options.directory + "/product-large.log");
  const std::string& line = child.first_line();
  const size_t at = line.find("\"main\":");
  if (at == line.npos) throw std::runtime_error("no port in " + line);
  Round round = measure(child, static_cast<uint16_t>(std::stoul(line.substr(at + 7))), dossier, options.megabytes);
  const auto began = Steady::now();
  const auto wanted = static_cast<double>(options.megabytes * kUnit);
  while (std::stod(fetch(static_cast<uint16_t>(std::stoul(drain.first_line())), "/figures")) < wanted) {
    if (seconds_since(began) > 120) throw std::runtime_error("the body was not delivered within two minutes");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  round.delivered = static_cast<double>(options.megabytes) / seconds_since(began);
  child.stop();
  drain.stop();
  fs::remove_all(data);
  return round;
}

// Answers one request after the other on one connection at a time. `take` gets each part of a body.
template <class Take, class Whole>
void serve_bodies(Take take, Whole whole) {
  asio::io_context io(1);
  Tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  std::cout << acceptor.local_endpoint().port() << std::endl;
  const auto talk = [&](Tcp::socket socket) {
    const auto buffer = std::make_unique_for_overwrite<char[]>(kBuffer);
    boost::system::error_code failure;
    beast::flat_buffer unread;
    while (!failure) {
      http::request_parser<http::buffer_body> parser;
      parser.body_limit(uint64_t{1} << 40);
      http::read_header(socket, unread, parser, failure);
      while (!failure && !parser.is_done()) {
        parser.get().body().data = buffer.get();
        parser.get().body().size = kBuffer;
        http::read(socket, unread, parser, failure);
        if (failure == http::error::need_buffer) failure = {};
        take(std::string_view(buffer.get(), kBuffer - parser.get().body().size));
      }
      if (failure) break;
      const bool asks = parser.get().method() == http::verb::get;
      Response response(asks ? http::status::ok : http::status::accepted, 11);
      response.body() = whole(asks);
      if (!asks) response.result(static_cast<http::status>(parser.get().target() == "/large" ? 202 : 200));
      response.prepare_payload();
      http::write(socket, response, failure);
    }
  };
  for (;;) {
    Tcp::socket socket(io);
    acceptor.accept(socket);
    socket.set_option(Tcp::no_delay(true));
    std::thread(talk, std::move(socket)).detach();
  }
}

}  // namespace

int run_stick_large(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  EVP_MD_CTX* hash = EVP_MD_CTX_new();
  EVP_DigestInit_ex(hash, EVP_sha256(), nullptr);
  serve_bodies(
      [&](std::string_view part) {
        EVP_DigestUpdate(hash, part.data(), part.size());
        if (::write(file, part.data(), part.size()) != static_cast<ssize_t>(part.size())) std::_Exit(1);
      },
      [&](bool) {
        if (::fdatasync(file) != 0) std::_Exit(1);
        unsigned char digest[32];
        EVP_DigestFinal_ex(hash, digest, nullptr);
        EVP_DigestInit_ex(hash, EVP_sha256(), nullptr);
        return std::string("{}");
      });
  return 0;
}

int run_drain() {
  std::atomic<uint64_t> bytes{0};
  serve_bodies([&](std::string_view part) { bytes += part.size(); },
               [&](bool asks) { return asks ? std::to_string(bytes.load()) : std::string("{}"); });
  return 0;
}

int compare_large(const LargeOptions& options) {
  fs::create_directories(options.directory);
  const Dossier dossier;
  std::vector<Round> sticks, products;
  std::vector<double> ratios;
  for (int i = 0; i < options.rounds; ++i) {
    sticks.push_back(run_stick_once(options, dossier));
    products.push_back(run_product_once(options, dossier));
    ratios.push_back(products.back().rate / sticks.back().rate);
    std::fprintf(stderr, "round %d: stick %.0f MB/s, product %.0f MB/s (+%.1f MB), out %.0f MB/s\n", i + 1,
                 sticks.back().rate, products.back().rate, products.back().grown_mb, products.back().delivered);
  }
  std::printf(
      "| %zu MB | MB/s in, POST to 202 [min-max] | CPU s/GiB | peak memory grew, MB | MB/s out, after the 202 |\n",
      options.megabytes);
  std::printf("|---|---|---|---|---|\n");
  row("stick", sticks);
  row("product", products);
  std::sort(ratios.begin(), ratios.end());
  std::printf("\nproduct / stick = %.2f in MB/s\n", ratios[ratios.size() / 2]);
  return 0;
}

}  // namespace lt::bench
