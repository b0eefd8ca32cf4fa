// A small house that keeps files behind addresses, and a bus whose mapping takes them from there.
#pragma once

#include <filesystem>
#include <map>

#include "core/base/text.h"
#include "core/net/promise.h"
#include "test/core/runtime/large.h"
#include "test/core/runtime/package.h"

namespace lt::runtime::test {

class FilePlace {
 public:
  using Make = std::function<net::Response()>;
  struct Got {
    std::string target, key;
  };
  explicit FilePlace(const Clock& clock, net::ServerOptions options = {})
      : scheme_(options.tls.certificate_file.empty() ? "http" : "https"),
        pool_(net::make_shard_pool(clock, metrics_, {})) {
    auto server =
        net::serve(*pool_, metrics_, std::move(options), [this](net::Exchange* exchange) { return give(exchange); });
    if (!server) throw std::runtime_error(server.error().text());
    server_ = std::move(*server);
  }
  ~FilePlace() { pool_->stop(); }
  uint16_t port() const { return server_->port(); }
  std::string url(const std::string& path = "") const {
    return scheme_ + "://127.0.0.1:" + std::to_string(port()) + path;
  }
  void put(const std::string& path, Make make) {
    const std::lock_guard lock(mutex_);
    files_[path] = std::move(make);
  }
  void put(const std::string& path, std::string bytes) {
    put(path, [bytes] {
      net::Response response;
      response.body = bytes;
      return response;
    });
  }
  void say(const std::string& path, int status, const net::Header& header = {"X-None", "1"}) {
    put(path, [status, header] {
      net::Response response;
      response.status = status;
      response.headers.add(header.name, header.value);
      return response;
    });
  }
  // Answers wait until there is word.
  void hold() { held_ = true; }
  void let_go() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    for (auto& one : waiting_) one.set(true);
  }
  std::vector<Got> got() const {
    const std::lock_guard lock(mutex_);
    return got_;
  }
  size_t calls() const { return got().size(); }

 private:
  net::Task<net::Response> give(net::Exchange* exchange) {
    net::Future<bool> word;
    {
      const std::lock_guard lock(mutex_);
      got_.push_back({exchange->head.target, std::string(exchange->head.headers.get("X-Key"))});
      if (held_) word = waiting_.emplace_back().future();
    }
    if (word.valid()) co_await word.wait();
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(exchange->head.path);
    net::Response nothing;
    nothing.status = 404;
    co_return found == files_.end() ? std::move(nothing) : found->second();
  }
  const std::string scheme_;
  std::atomic<bool> held_{false};
  mutable std::mutex mutex_;
  std::map<std::string, Make> files_;
  std::vector<Got> got_;
  std::vector<net::Promise<bool>> waiting_;
  Metrics metrics_;
  std::unique_ptr<net::ShardPool> pool_;
  std::unique_ptr<net::HttpServer> server_;
};

// Bytes of a size that is said; after some of them it breaks.
class SizedSource final : public ByteSource {
 public:
  SizedSource(uint64_t size, uint64_t breaks_at = UINT64_MAX)
      : inner_("", "ABCDEFGHIJKL", size / 12, ""), size_(size / 12 * 12), breaks_at_(breaks_at) {}
  Result<size_t> read(char* out, size_t size) override {
    if (at_ >= breaks_at_) return fail(Code::io_error, "as this test wants it");
    LT_ASSIGN(const size_t n, inner_.read(out, size));
    at_ += n;
    return n;
  }
  std::optional<uint64_t> size() const override { return size_; }

 private:
  lt::test::GeneratedSource inner_;
  uint64_t size_, breaks_at_, at_ = 0;
};

inline FilePlace::Make stream_of(uint64_t size, uint64_t breaks_at = UINT64_MAX) {
  return [size, breaks_at] {
    net::Response response;
    response.stream = std::make_shared<SizedSource>(size, breaks_at);
    return response;
  };
}

// The reference dossier with files behind these addresses.
inline std::string dossier_of(const std::vector<std::string>& addresses) {
  std::string files;
  for (const auto& address : addresses)
    files += (files.empty() ? "" : ",") + std::string("{\"TenTepDinhKem\":\"tep-") + std::to_string(files.size()) +
             ".pdf\",\"DuongDanTaiTepTin\":\"" + address + "\"}";
  const std::string whole = onestop_dossier();
  const size_t begin = whole.find('[', whole.find("\"TaiLieuNop\"")), end = whole.find(']', begin);
  return whole.substr(0, begin + 1) + files + whole.substr(end);
}

// `fetch`: the block files.fetch, "" for none. `sink`: more settings of the destination.
inline std::string fetching(const std::string& out, const std::string& fetch,
                            const std::string& sink = ", class: partner_idempotent, timeout: 24h") {
  return "endpoints:\n  in: {adapter: http, type: onestop/dossier, settings: {listener: main, path: /in}}\n"
         "destinations:\n  out: {adapter: http, settings: {url: \"" +
         out + "/out\", connect_time: 24h" + sink +
         "}}\nroutes:\n  - {name: all, types: [onestop/dossier], deliver: [{destination: out, mapping: "
         "dossier-files}]}\n" +
         (fetch.empty() ? "" : "files:\n  fetch: " + fetch + "\n");
}

inline std::string from(const std::string& url,
                        const std::string& more = ", timeout: 1h, connect_time: 1h, within: 1h") {
  return "{from: [{url: \"" + url + "\"}]" + more + "}";
}

inline std::vector<std::string> stored_files(const Bed& bed) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bed.folder() + "/data/blobs"))
    if (entry.is_regular_file()) out.push_back(entry.path());
  return out;
}

// Until the one delivery there is stands so.
inline engine::DeliveryStatus wait_for(Bed& bed, DeliveryState state, uint32_t attempts = 1) {
  engine::DeliveryStatus last;
  const bool there = bed.until([&] {
    const auto pending = bed.pending();
    if (pending.size() != 1) return false;
    last = pending[0];
    return last.state == state && last.attempts >= attempts;
  });
  CHECK_MESSAGE(there, std::string(state_name(last.state)) << " " << code_text(last.code) << " " << last.detail);
  return last;
}

inline void until_next(Bed& bed) {
  const auto waiting = wait_for(bed, DeliveryState::retry);
  bed.advance(std::chrono::ceil<std::chrono::milliseconds>(waiting.next_at - bed.clock.wall()) +
              std::chrono::milliseconds(1));
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A bus, its partner and a place with files.
struct Fetched {
  explicit Fetched(const std::string& how = "") : place(bed.clock), partner(bed.clock) {
    use_package(bed, "DuongDanTaiTepTin, carrier: url" + how);
  }
  void start(const std::string& fetch) {
    bed.configure(fetching(partner.url(), fetch));
    bed.start();
  }
  void send(const std::vector<std::string>& addresses) {
    REQUIRE(bed.post("/in", dossier_of(addresses)).status == 202);
  }
  std::string delivered() {
    REQUIRE(partner.until_got(1));
    CHECK(bed.until([&] { return bed.lane("out").delivered == 1; }));
    return partner.got()[0].body;
  }
  void replay() {
    ActionFact fact;
    fact.delivery = bed.pending().at(0).id;
    fact.by = "Lan";
    fact.why = "đã sửa";
    const auto refused = bed.operate(fact);
    CHECK_MESSAGE(!refused, refused->text());
  }

  Bed bed;
  FilePlace place;
  Partner partner;
};

}  // namespace lt::runtime::test
