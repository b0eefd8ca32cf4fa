#include "test/core/runtime/bed.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "core/base/hash.h"
#include "core/base/log.h"
#include "core/codec/json.h"

namespace lt::runtime::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;

class GateFile final : public File {
 public:
  GateFile(GateEnv& env, std::unique_ptr<File> file, std::string path)
      : env_(env), file_(std::move(file)), path_(std::move(path)) {}
  Result<size_t> read_at(uint64_t offset, char* out, size_t size) const override {
    return file_->read_at(offset, out, size);
  }
  Result<void> write_at(uint64_t offset, std::string_view data) override {
    LT_TRY(env_.may_write(path_));
    return file_->write_at(offset, data);
  }
  Result<void> sync() override {
    LT_TRY(env_.pass());
    return file_->sync();
  }
  Result<uint64_t> size() const override { return file_->size(); }
  Result<void> truncate(uint64_t size) override { return file_->truncate(size); }

 private:
  GateEnv& env_;
  std::unique_ptr<File> file_;
  std::string path_;
};

std::string must_read(const std::string& path) {
  auto text = read_file(system_env(), path);
  if (!text) throw std::runtime_error(text.error().text());
  return std::move(*text);
}

net::Task<void> carry(net::Shard* shard, net::Call call, std::shared_ptr<std::promise<net::CallResult>> answer) {
  auto result = co_await shard->client().call(std::move(call));
  answer->set_value(std::move(result));
}

}  // namespace

Result<std::unique_ptr<File>> GateEnv::open(const std::string& path, OpenMode mode) {
  LT_ASSIGN(auto file, system_env().open(path, mode));
  return std::make_unique<GateFile>(*this, std::move(file), path);
}

void GateEnv::full_at(std::string part) {
  const std::lock_guard lock(mutex_);
  full_at_ = std::move(part);
}

Result<void> GateEnv::may_write(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (full_at_.empty() || path.find(full_at_) == std::string::npos) return {};
  return fail(Code::disk_full, "write " + path + ": No space left on device");
}

Result<void> GateEnv::pass() {
  std::unique_lock lock(mutex_);
  ++waiting_;
  moved_.notify_all();
  moved_.wait(lock, [this] { return !closed_; });
  --waiting_;
  if (failing_) return fail(Code::io_error, "the disk of this test is broken");
  return {};
}

void GateEnv::close_gate() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

void GateEnv::wait_at_gate() {
  std::unique_lock lock(mutex_);
  moved_.wait(lock, [this] { return waiting_ > 0; });
}

void GateEnv::open_gate(bool fail) {
  const std::lock_guard lock(mutex_);
  closed_ = false;
  failing_ = fail;
  moved_.notify_all();
}

Partner::Partner(const Clock& clock) : pool_(net::make_shard_pool(clock, metrics_, {})) {
  auto server = net::serve(*pool_, metrics_, {}, [this](net::Exchange* exchange) { return take(exchange); });
  if (!server) throw std::runtime_error(server.error().text());
  server_ = std::move(*server);
}

Partner::~Partner() { pool_->stop(); }

void Partner::script(std::function<std::string(const std::string&, const std::string&)> reply) {
  const std::lock_guard lock(mutex_);
  reply_ = std::move(reply);
}

std::vector<Partner::Got> Partner::got() const {
  const std::lock_guard lock(mutex_);
  return got_;
}

size_t Partner::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

bool Partner::until(std::function<bool(const std::vector<Got>&)> done) {
  std::unique_lock lock(mutex_);
  return moved_.wait_for(lock, kPatience, [&] { return done(got_); });
}

net::Task<net::Response> Partner::take(net::Exchange* exchange) {
  auto body = co_await net::read_all(exchange->body, 1 << 20);
  net::Response response;
  response.status = body ? status_.load() : 400;
  response.headers.add("Content-Type", "application/json");
  const std::lock_guard lock(mutex_);
  ++calls_;
  if (response.status == 200) {
    response.body = reply_ ? reply_(exchange->head.path, *body) : "{\"taken\":true}";
    got_.push_back({std::string(exchange->head.headers.get("Idempotency-Key")), std::move(*body)});
  }
  moved_.notify_all();
  co_return response;
}

Bed::Bed()
    : schemas(LT_SOURCE_DIR "/schemas"),
      mappings(LT_SOURCE_DIR "/mappings"),
      pool_(net::make_shard_pool(clock, metrics_, {})) {
  log::set_level(log::Level::error);
  std::string pattern = (std::filesystem::temp_directory_path() / "lienthong-bed-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp " + pattern);
  folder_ = pattern;
}

Bed::~Bed() {
  bus_.reset();
  pool_->stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Bed::configure(const std::string& rest) {
  std::ostringstream head;
  head << "bus: {name: bed, organ_id: H49, shards: 2, stop_time: 5s, data: " << folder_ << "/data, schemas: " << schemas
       << ", mappings: " << mappings << bus_settings << "}\n"
       << "listeners:\n  main: {listen: \"127.0.0.1:0\"}\n"
       << "agencies: {tables: [" << LT_SOURCE_DIR << "/schemas/agencies/agencies.csv]}\n"
       << "principals:\n  sender: {key: \"sha256:" << hex(sha256("test-key"))
       << "\"}\n  weak: {key: \"sha256:" << hex(sha256("weak-key"))
       << "\"}\n  polled: {description: asked by the bus}\n"
       << "rights:\n  - {principals: [sender, polled], from: [\"*\"], types: [\"*\"], to: [\"*\"], purpose: test}\n"
       << "  - {principals: [weak], from: [H01], types: [\"*\"], to: [\"*\"], purpose: test}\n";
  std::string text = head.str();
  for (const auto& [what, by] : head_changes_) text = replaced(std::move(text), what, by);
  std::ofstream(folder_ + "/bus.yaml") << text << rest;
}

std::shared_ptr<const Graph> Bed::read_graph() {
  config::Diagnostics diagnostics;
  adapter::Registry registry;
  adapter::register_adapters(registry);
  auto graph = build_graph(read_bus_config(system_env(), folder_ + "/bus.yaml", diagnostics), registry, system_env(),
                           diagnostics);
  if (!graph) throw std::runtime_error(diagnostics.text());
  if (!change_policy) return graph;
  auto changed = std::make_shared<Graph>(*graph);
  change_policy(changed->policy);
  return changed;
}

Result<ReloadReport> Bed::reload() { return bus_->reload(read_graph()); }

void Bed::start() {
  auto bus = Bus::start(read_graph(), env_, clock, metrics_);
  if (!bus) throw std::runtime_error(bus.error().text());
  bus_ = std::move(*bus);
}

net::Call Bed::call(const std::string& path, std::string body, const HeaderList& headers) const {
  net::Call call;
  call.url = "http://127.0.0.1:" + std::to_string(bus_->ports().at("main")) + path;
  call.total_time = 24h;
  call.connect_time = 24h;
  call.headers.set("Content-Type", "application/json");
  call.headers.set("X-API-Key", "test-key");
  for (const auto& [name, value] : headers) call.headers.set(name, value);
  call.body = std::move(body);
  return call;
}

std::future<net::CallResult> Bed::begin(net::Call call) {
  auto answer = std::make_shared<std::promise<net::CallResult>>();
  auto future = answer->get_future();
  net::Shard& shard = pool_->shard(0);
  shard.spawn("sender", carry(&shard, std::move(call), std::move(answer)));
  return future;
}

net::Response Bed::post(const std::string& path, std::string body, const HeaderList& headers) {
  auto result = begin(call(path, std::move(body), headers)).get();
  if (!result) throw std::runtime_error(result.error().error.text());
  return std::move(*result);
}

void Bed::advance(std::chrono::milliseconds by) {
  clock.advance(by);
  pool_->shard(0).clock_moved();
  if (bus_) bus_->clock_moved();
}

bool Bed::until(const std::function<bool()>& done, std::chrono::milliseconds step) {
  const Mono deadline = system_clock().mono() + kPatience;
  while (!done()) {
    if (system_clock().mono() > deadline) return false;
    if (step.count() > 0) advance(step);
    std::this_thread::yield();
  }
  return true;
}

engine::LaneStatus Bed::lane(const std::string& destination) {
  std::promise<std::vector<engine::LaneStatus>> answer;
  bus_->lanes([&answer](auto lanes) { answer.set_value(std::move(lanes)); });
  for (auto& lane : answer.get_future().get())
    if (lane.destination == destination) return lane;
  return {};
}

std::vector<engine::DeliveryStatus> Bed::pending() {
  std::promise<std::vector<engine::DeliveryStatus>> answer;
  bus_->pending(SIZE_MAX, [&answer](auto all) { answer.set_value(std::move(all)); });
  return answer.get_future().get();
}

std::optional<Error> Bed::operate(ActionFact fact) {
  std::promise<std::optional<Error>> answer;
  bus_->operate(std::move(fact), [&answer](auto error) { answer.set_value(std::move(error)); });
  return answer.get_future().get();
}

std::vector<std::pair<Position, Fact>> Bed::facts() {
  std::vector<std::pair<Position, Fact>> out;
  auto read = bus_->journal().read({}, [&out](const journal::RecordView& record) {
    auto fact = decode_fact(static_cast<uint8_t>(record.type), record.header, record.body);
    if (!fact) throw std::runtime_error(fact.error().text());
    out.emplace_back(record.position, std::move(*fact));
    return true;
  });
  if (!read) throw std::runtime_error(read.error().text());
  return out;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const size_t at = text.find(what);
  if (at == std::string::npos) throw std::runtime_error("not there: " + what);
  return text.replace(at, what.size(), by);
}

std::string bench_dossier(const std::string& message_id, const std::string& order_key, const std::string& receiver) {
  static const std::string whole = must_read(LT_SOURCE_DIR "/schemas/bench/dossier.json");
  std::string text = replaced(whole, "urn:uuid:5b6f1d7e-8d3c-4b55-9a5e-1c2d3e4f5a6b", message_id);
  text = replaced(std::move(text), "000.00.15.H26-240517-0042", order_key);
  return replaced(std::move(text), "000.00.00.G12", receiver);
}

std::string onestop_dossier() { return must_read(LT_SOURCE_DIR "/mappings/judicial/examples/dossier.json"); }

std::string member(const std::string& json, std::string_view name) {
  Tree tree;
  if (!codec::parse_json(json, tree) || tree.root()->kind != Kind::object) return {};
  const Node* node = tree.root()->find(name);
  return node ? std::string(node->text) : std::string();
}

}  // namespace lt::runtime::test
