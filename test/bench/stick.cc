// The measuring stick: a relay with none of our core and none of its duties. Accept, parse, write XML, journal, answer
// after the sync, deliver, journal the outcome. No schema, rights, order, repeats, retries, encryption, index, metrics,
// restart.
#include <boost/asio/post.hpp>
#include <deque>
#include <iostream>
#include <unordered_map>
#include <vector>

#include "test/bench/http.h"
#include "test/bench/roles.h"
#include "test/bench/stick_journal.h"
#include "test/bench/stick_xml.h"

namespace lt::bench {
namespace {

constexpr size_t kConnections = 32;
constexpr size_t kUndelivered = 256;  // accepted and not delivered; more have to wait unread
constexpr uint64_t kOutcome = uint64_t{1} << 63;

class Stick {
 public:
  Stick(uint16_t sink_port, const std::string& path)
      : journal_(
            path,
            [this](StickJournal::Tags tags) { asio::post(io_, [this, tags = std::move(tags)] { durable(tags); }); }),
        server_(io_, [this](std::shared_ptr<Session> session) { take(std::move(session)); }) {
    for (size_t i = 0; i < kConnections; ++i) {
      pool_.push_back(std::make_unique<Connection>(io_, sink_port));
      Request& request = pool_.back()->request();
      request = Request(http::verb::post, "/out", 11);
      request.set(http::field::host, "127.0.0.1");
      request.set(http::field::content_type, "application/xml; charset=utf-8");
      idle_.push_back(pool_.back().get());
    }
  }
  int run() {
    std::cout << server_.port() << std::endl;
    io_.run();
    return 0;
  }

 private:
  struct Accepting {
    std::shared_ptr<Session> session;
    std::string xml;
  };

  void take(std::shared_ptr<Session> session) {
    if (session->request().method() == http::verb::get) {
      session->reply(200, std::to_string(records_) + ' ' + std::to_string(journal_.syncs()));
    } else if (undelivered_ >= kUndelivered) {
      held_.push_back(std::move(session));
    } else {
      accept(std::move(session));
    }
  }

  void accept(std::shared_ptr<Session> session) {
    std::string& body = session->request().body();
    std::string copy = body;  // parsing changes it, and the journal gets what was received
    auto xml = dossier_xml(copy);
    if (!xml) return session->reply(400, "{}");
    ++undelivered_;
    const uint64_t tag = next_++;
    journal_.append(tag, body);
    accepting_.emplace(tag, Accepting{std::move(session), std::move(*xml)});
  }

  void durable(const StickJournal::Tags& tags) {
    records_ += tags.size();
    for (const uint64_t tag : tags) {
      if (tag & kOutcome) continue;
      auto found = accepting_.extract(tag);
      found.mapped().session->reply(202, "{\"receipt\":" + std::to_string(tag) + "}");
      ready_.emplace_back(tag, std::move(found.mapped().xml));
    }
    deliver();
  }

  void deliver() {
    while (!ready_.empty() && !idle_.empty()) {
      Connection* connection = idle_.back();
      idle_.pop_back();
      const uint64_t tag = ready_.front().first;
      connection->request().body() = std::move(ready_.front().second);
      ready_.pop_front();
      connection->send([this, connection, tag](int status) { delivered(connection, tag, status); });
    }
  }

  void delivered(Connection* connection, uint64_t tag, int status) {
    if (status != 200) {
      std::cerr << "the sink answered " << status << std::endl;
      std::_Exit(1);
    }
    journal_.append(tag | kOutcome, "delivered");
    idle_.push_back(connection);
    --undelivered_;
    if (!held_.empty()) {
      auto session = std::move(held_.front());
      held_.pop_front();
      accept(std::move(session));
    }
    deliver();
  }

  asio::io_context io_{1};
  StickJournal journal_;
  Server server_;
  std::vector<std::unique_ptr<Connection>> pool_;
  std::vector<Connection*> idle_;
  std::unordered_map<uint64_t, Accepting> accepting_;
  std::deque<std::pair<uint64_t, std::string>> ready_;
  std::deque<std::shared_ptr<Session>> held_;
  size_t undelivered_ = 0;
  uint64_t next_ = 0, records_ = 0;
};

}  // namespace

int run_stick(uint16_t sink_port, const std::string& path) { return Stick(sink_port, path).run(); }

}  // namespace lt::bench
