#include "test/support/sim_env.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <unordered_map>

namespace lt::test {
namespace {

constexpr uint64_t kSector = 512;

// splitmix64: small, and the same everywhere.
struct Dice {
  uint64_t state;
  uint64_t next() {
    uint64_t z = (state += 0x9E3779B97F4A7C15ull);
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
  }
  // True `percent` times of 100.
  bool chance(uint64_t percent) { return next() % 100 < percent; }
};

std::string directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

struct SimEnv::Node {
  std::string bytes;
  uint64_t durable_size = 0;
  // What stood in the sectors written since the last sync; an empty text for a sector beyond the durable size.
  std::map<uint64_t, std::string> before;
  // The same for sectors whose sync failed: counted as clean, so a later sync does not write them; only writing them
  // again does. What Linux makes of a failed write-back.
  std::map<uint64_t, std::string> forgotten;

  void remember(uint64_t from, uint64_t to) {
    for (uint64_t sector = from / kSector; sector * kSector < to; ++sector) {
      if (before.contains(sector)) continue;
      if (auto lost = forgotten.extract(sector); !lost.empty()) {
        before.insert(std::move(lost));
        continue;
      }
      const uint64_t start = sector * kSector;
      before.emplace(sector, start < std::min<uint64_t>(durable_size, bytes.size())
                                 ? bytes.substr(start, std::min(kSector, durable_size - start))
                                 : std::string());
    }
  }

  void sync() {
    before.clear();
    durable_size = bytes.size();
  }

  void fail_sync() {
    forgotten.merge(before);
    before.clear();
  }

  void crash(Dice& dice, uint64_t survival) {
    before.merge(forgotten);
    forgotten.clear();
    const uint64_t reached = bytes.size(), least = std::min(reached, durable_size),
                   most = std::max(reached, durable_size);
    uint64_t size = durable_size;
    if (reached != durable_size && !dice.chance(100 - survival))
      size = dice.chance(50) ? reached : least + dice.next() % (most - least + 1);
    bytes.resize(most, '\0');
    for (const auto& [sector, old] : before) {
      if (dice.chance(survival)) continue;
      const uint64_t start = sector * kSector;
      if (start >= bytes.size()) continue;
      std::string content = old;
      content.resize(std::min(kSector, bytes.size() - start), '\0');
      bytes.replace(start, content.size(), content);
    }
    bytes.resize(size, '\0');
    sync();
  }
};

// A change of the name space not yet made durable.
struct SimEnv::Change {
  std::string directory;  // whose sync makes it durable
  std::string from;       // of a rename; else ""
  std::string path;
  std::shared_ptr<Node> node;  // what the path names from now on; null: removal
};

struct SimEnv::State {
  mutable std::mutex mutex;
  std::map<std::string, std::shared_ptr<Node>> names, durable;
  std::set<std::string> directories{".", "/"};
  std::vector<Change> changes;
  std::map<Operation, std::vector<std::tuple<uint64_t, Code, size_t>>> faults;
  std::map<Operation, uint64_t> calls;
  uint64_t generation = 0, changing = 0, syncs = 0;
  uint64_t power_off_at = std::numeric_limits<uint64_t>::max();
  uint64_t space = std::numeric_limits<uint64_t>::max();
  uint64_t used = 0;

  struct Failure {
    Error error;
    size_t partial;
    bool power;
  };

  // Counts the call; says how it is to fail, if so.
  std::optional<Failure> count(Operation operation, const std::string& path, bool changes_something = true) {
    const uint64_t call = ++calls[operation];
    if (changes_something) ++changing;
    if (changing > power_off_at)
      return Failure{Error(Code::io_error, path + ": power is off"), std::numeric_limits<size_t>::max(),
                     changing == power_off_at + 1};
    for (const auto& [nth, code, partial] : faults[operation])
      if (nth == call) return Failure{Error(code, path + ": fault on purpose"), partial, false};
    return std::nullopt;
  }

  void apply(const Change& change) {
    if (!change.from.empty()) durable.erase(change.from);
    if (change.node)
      durable[change.path] = change.node;
    else
      durable.erase(change.path);
  }

  void release(const std::string& path) {
    if (const auto found = names.find(path); found != names.end()) used -= found->second->bytes.size();
  }
};

class SimEnv::OpenFile final : public File {
 public:
  OpenFile(State& state, std::string path, std::shared_ptr<Node> node)
      : state_(state), path_(std::move(path)), node_(std::move(node)), generation_(state.generation) {}

  Result<size_t> read_at(uint64_t offset, char* out, size_t size) const override {
    const std::lock_guard lock(state_.mutex);
    LT_TRY(usable());
    return offset >= node_->bytes.size() ? 0 : node_->bytes.copy(out, size, offset);
  }

  Result<void> write_at(uint64_t offset, std::string_view bytes) override {
    const std::lock_guard lock(state_.mutex);
    LT_TRY(usable());
    auto failure = state_.count(Operation::write, path_);
    if (failure) {
      const bool begun = failure->power || failure->partial != std::numeric_limits<size_t>::max();
      if (begun) (void)put(offset, bytes.substr(0, std::min(failure->partial, bytes.size())));
      return lt::fail(std::move(failure->error));
    }
    return put(offset, bytes);
  }

  Result<void> sync() override {
    const std::lock_guard lock(state_.mutex);
    LT_TRY(usable());
    if (auto failure = state_.count(Operation::sync, path_)) {
      node_->fail_sync();
      return lt::fail(std::move(failure->error));
    }
    ++state_.syncs;
    node_->sync();
    return {};
  }

  Result<uint64_t> size() const override {
    const std::lock_guard lock(state_.mutex);
    LT_TRY(usable());
    return node_->bytes.size();
  }

  Result<void> truncate(uint64_t size) override {
    const std::lock_guard lock(state_.mutex);
    LT_TRY(usable());
    if (auto failure = state_.count(Operation::truncate, path_)) return lt::fail(std::move(failure->error));
    const uint64_t old = node_->bytes.size();
    if (size < old) node_->remember(size, old);
    node_->bytes.resize(size, '\0');
    state_.used += size - old;
    return {};
  }

 private:
  Result<void> usable() const {
    if (generation_ != state_.generation) return lt::fail(Code::io_error, path_ + ": opened before the crash");
    return {};
  }

  Result<void> put(uint64_t offset, std::string_view bytes) {
    bool full = false;
    const uint64_t size = node_->bytes.size();
    if (const uint64_t grown = std::max<uint64_t>(size, offset + bytes.size()) - size; grown > 0) {
      const uint64_t room = state_.space - std::min(state_.space, state_.used);
      if (grown > room) {
        full = true;
        bytes = bytes.substr(0, bytes.size() - std::min<uint64_t>(bytes.size(), grown - room));
      }
    }
    node_->remember(offset, offset + bytes.size());
    if (offset + bytes.size() > size) {
      state_.used += offset + bytes.size() - size;
      node_->bytes.resize(offset + bytes.size(), '\0');
    }
    bytes.copy(node_->bytes.data() + offset, bytes.size());
    if (full) return lt::fail(Code::disk_full, path_ + ": no space left");
    return {};
  }

  State& state_;
  std::string path_;
  std::shared_ptr<Node> node_;
  uint64_t generation_;
};

SimEnv::SimEnv() : state_(std::make_unique<State>()) {}
SimEnv::~SimEnv() = default;

void SimEnv::crash(uint64_t seed) {
  const std::lock_guard lock(state_->mutex);
  Dice dice{seed};
  // Whole disks that lost or kept everything are as likely to show a mistake as mixed ones.
  const uint64_t survival = std::array<uint64_t, 4>{0, 50, 90, 100}[dice.next() % 4];
  const uint64_t names_survival = std::array<uint64_t, 3>{0, 50, 100}[dice.next() % 3];
  for (const auto& change : state_->changes)
    if (dice.chance(names_survival)) state_->apply(change);
  state_->changes.clear();
  state_->names = state_->durable;
  state_->used = 0;
  for (const auto& [path, node] : state_->names) {
    node->crash(dice, survival);
    state_->used += node->bytes.size();
  }
  state_->faults.clear();
  state_->power_off_at = std::numeric_limits<uint64_t>::max();
  ++state_->generation;
}

void SimEnv::fail(Operation operation, uint64_t nth, Code code, size_t partial) {
  const std::lock_guard lock(state_->mutex);
  state_->faults[operation].emplace_back(state_->calls[operation] + nth, code, partial);
}

void SimEnv::clear_faults() {
  const std::lock_guard lock(state_->mutex);
  state_->faults.clear();
}

void SimEnv::power_off_after(uint64_t operations) {
  const std::lock_guard lock(state_->mutex);
  state_->power_off_at = state_->changing + operations;
}

bool SimEnv::powered_off() const {
  const std::lock_guard lock(state_->mutex);
  return state_->changing > state_->power_off_at;
}

uint64_t SimEnv::operations() const {
  const std::lock_guard lock(state_->mutex);
  return state_->changing;
}

uint64_t SimEnv::syncs() const {
  const std::lock_guard lock(state_->mutex);
  return state_->syncs;
}

void SimEnv::limit_space(uint64_t bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->space = bytes;
}

std::string SimEnv::contents(const std::string& path) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->names.find(path);
  return found == state_->names.end() ? std::string() : found->second->bytes;
}

void SimEnv::set_contents(const std::string& path, std::string bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->release(path);
  auto& node = state_->names[path];
  if (!node) node = std::make_shared<Node>();
  state_->durable[path] = node;
  state_->directories.insert(directory_of(path));
  state_->used += bytes.size();
  node->bytes = std::move(bytes);
  node->sync();
}

void SimEnv::flip(const std::string& path, uint64_t offset, uint8_t mask) {
  const std::lock_guard lock(state_->mutex);
  auto& node = *state_->names.at(path);
  node.bytes.at(offset) = static_cast<char>(node.bytes.at(offset) ^ mask);
}

std::vector<std::string> SimEnv::files() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::string> out;
  for (const auto& [path, node] : state_->names) out.push_back(path);
  return out;
}

Result<std::unique_ptr<File>> SimEnv::open(const std::string& path, OpenMode mode) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->names.find(path);
  const bool there = found != state_->names.end();
  const bool creates = !there && (mode == OpenMode::create_new || mode == OpenMode::create_or_open);
  if (auto failure = state_->count(Operation::open, path, creates)) return lt::fail(std::move(failure->error));
  if (there && mode == OpenMode::create_new) return lt::fail(Code::io_error, "open " + path + ": File exists");
  if (!there && !creates) return lt::fail(Code::io_error, "open " + path + ": No such file or directory");
  if (!state_->directories.contains(directory_of(path)))
    return lt::fail(Code::io_error, "open " + path + ": no such directory");
  std::shared_ptr<Node> node = there ? found->second : std::make_shared<Node>();
  if (creates) {
    state_->names[path] = node;
    state_->changes.push_back({directory_of(path), "", path, node});
  }
  return std::unique_ptr<File>(std::make_unique<OpenFile>(*state_, path, std::move(node)));
}

Result<void> SimEnv::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(state_->mutex);
  if (auto failure = state_->count(Operation::rename, from)) return lt::fail(std::move(failure->error));
  const auto found = state_->names.find(from);
  if (found == state_->names.end()) return lt::fail(Code::io_error, "rename " + from + ": No such file or directory");
  if (!state_->directories.contains(directory_of(to)))
    return lt::fail(Code::io_error, "rename to " + to + ": no such directory");
  const auto node = found->second;
  if (from != to) {
    state_->release(to);
    state_->names.erase(found);
    state_->names[to] = node;
    state_->changes.push_back({directory_of(to), from, to, node});
  }
  return {};
}

Result<void> SimEnv::remove(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  if (auto failure = state_->count(Operation::remove, path)) return lt::fail(std::move(failure->error));
  if (!state_->names.contains(path)) return {};
  state_->release(path);
  state_->names.erase(path);
  state_->changes.push_back({directory_of(path), "", path, nullptr});
  return {};
}

Result<std::vector<std::string>> SimEnv::list(const std::string& directory) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->directories.contains(directory))
    return lt::fail(Code::io_error, "list " + directory + ": no such directory");
  const std::string prefix = directory + "/";
  std::set<std::string> names;
  const auto add = [&](const std::string& path) {
    if (path.starts_with(prefix) && path.size() > prefix.size())
      names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
  };
  for (auto at = state_->names.lower_bound(prefix); at != state_->names.end() && at->first.starts_with(prefix); ++at)
    add(at->first);
  for (const auto& known : state_->directories) add(known);
  return std::vector<std::string>(names.begin(), names.end());
}

Result<void> SimEnv::make_directories(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    state_->directories.insert(path.substr(0, slash));
  state_->directories.insert(path);
  return {};
}

Result<void> SimEnv::sync_directory(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  if (auto failure = state_->count(Operation::sync_directory, path)) return lt::fail(std::move(failure->error));
  std::vector<Change> rest;
  for (auto& change : state_->changes) {
    if (change.directory != path) {
      rest.push_back(std::move(change));
      continue;
    }
    state_->apply(change);
    // A rename out of another directory takes the pending creation there with it.
    std::erase_if(
        rest, [&](const Change& c) { return !change.from.empty() && c.path == change.from && c.node == change.node; });
  }
  state_->changes = std::move(rest);
  return {};
}

Result<bool> SimEnv::exists(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  return state_->names.contains(path) || state_->directories.contains(path);
}

Result<uint64_t> SimEnv::free_bytes(const std::string&) {
  const std::lock_guard lock(state_->mutex);
  return state_->space - std::min(state_->space, state_->used);
}

}  // namespace lt::test
