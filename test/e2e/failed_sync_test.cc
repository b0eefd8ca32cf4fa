// The real program on a disk whose fdatasync fails: no acceptance, exit code 1, and the next start recovers.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "test/core/net/fixture.h"
#include "test/e2e/program.h"

using namespace lt;

#ifdef LT_FAILED_SYNC_LIBRARY
namespace {

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lienthong-sync-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp " + pattern);
    path = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

struct Running {
  explicit Running(const Folder& folder) {
    auto started = cli::Process::start(LT_PROGRAM, {"run", std::string(LT_SOURCE_DIR) + "/conf/bench"},
                                       {{"LIENTHONG_DATA", folder.path + "/data"},
                                        {"LIENTHONG_LISTEN", "127.0.0.1:0"},
                                        {"LIENTHONG_ADMIN_LISTEN", "127.0.0.1:0"},
                                        {"BENCH_SINK", "http://127.0.0.1:1"},
                                        {"LD_PRELOAD", LT_FAILED_SYNC_LIBRARY},
                                        {"LT_FAILED_SYNC", folder.path + "/broken"}},
                                       folder.path + "/log");
    if (!started) throw std::runtime_error(started.error().text());
    process = std::move(*started);
    const auto line = process.read_line();
    if (!line) throw std::runtime_error("the program did not come up");
    const size_t at = line->find("\"main\":");
    if (at == std::string::npos) throw std::runtime_error(*line);
    port = static_cast<uint16_t>(std::stoul(line->substr(at + 7)));
  }
  std::string post(const std::string& body, const std::string& key) const {
    net::RawSocket socket = net::RawSocket::connect(port);
    socket.send("POST /in HTTP/1.1\r\nHost: h\r\nX-API-Key: bench-key\r\nConnection: close\r\nIdempotency-Key: " + key +
                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return socket.receive_all();
  }
  cli::Process process;
  uint16_t port = 0;
};

std::string dossier() {
  std::ifstream in(std::string(LT_SOURCE_DIR) + "/schemas/bench/dossier.json");
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a failed fdatasync: 503, the program ends with exit code 1, the next start has what was accepted") {
  const Folder folder;
  std::string receipt;
  {
    Running bus(folder);
    const std::string first = bus.post(dossier(), "one");
    REQUIRE(first.starts_with("HTTP/1.1 202"));
    receipt = first.substr(first.find("\r\n\r\n"));
    std::ofstream(folder.path + "/broken") << "x";
    const std::string refused = bus.post(dossier(), "two");
    CHECK(refused.starts_with("HTTP/1.1 503"));
    CHECK(refused.find("LT-6021") != std::string::npos);
    CHECK(bus.process.wait() == 1);
  }
  std::filesystem::remove(folder.path + "/broken");
  Running bus(folder);
  const std::string repeat = bus.post(dossier(), "one");
  CHECK(repeat.starts_with("HTTP/1.1 202"));
  CHECK(repeat.find("Idempotent-Replayed: true") != std::string::npos);
  CHECK(repeat.substr(repeat.find("\r\n\r\n")) == receipt);
  CHECK(bus.post(dossier(), "two").starts_with("HTTP/1.1 202"));
  bus.process.signal(SIGTERM);
  CHECK(bus.process.wait() == 0);
}
#endif
