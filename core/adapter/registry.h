// Which adapters exist. Filled by register_adapters(), generated from the one list in adapters/CMakeLists.txt.
//
// All parsing happens before traffic: parse_* turns an adapter's block of the configuration into a blueprint and
// reports every mistake with its line; a blueprint then makes one object per shard.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/adapter/services.h"
#include "core/adapter/simulator.h"
#include "core/adapter/sink.h"
#include "core/adapter/source.h"
#include "core/config/located.h"

namespace lt::config {
class Value;
class Diagnostics;
}  // namespace lt::config

namespace lt::adapter {

// What a block names elsewhere in the configuration; the house reports what dangles.
struct References {
  std::vector<config::Located<std::string>> listeners, principals, endpoints;
};

// One object per endpoint. What listens adds its paths in make(); run() then starts on one shard.
class SourceBlueprint {
 public:
  virtual ~SourceBlueprint() = default;
  virtual References references() const { return {}; }
  // Whether its endpoint may wait for a partner's answer (Intake::request) instead of handing in messages.
  virtual bool passes_answers() const { return false; }
  // Whether a document may come with files beside it (Inbound::document_part).
  virtual bool takes_parts() const { return false; }
  virtual std::unique_ptr<Source> make(Services services, Intake* intake) const = 0;
};

// One object per destination and shard.
class SinkBlueprint {
 public:
  virtual ~SinkBlueprint() = default;
  virtual SinkClass sink_class() const = 0;
  virtual References references() const { return {}; }
  // The longest a question may take (Sink::request); none: this partner cannot be asked.
  virtual std::optional<std::chrono::milliseconds> answers_within() const { return std::nullopt; }
  // Whether files can go beside the document (Sink::takes_parts).
  virtual bool takes_parts() const { return false; }
  virtual std::unique_ptr<Sink> make(Services services) const = 0;
};

struct Adapter {
  std::string name;  // "http", "onestop", ...
  std::string doc;   // one line for `lienthong schema` and the docs
  // Null where an adapter has no such side. A null result means the mistakes are in the diagnostics.
  std::function<std::shared_ptr<SourceBlueprint>(const config::Value& block, config::Diagnostics&)> parse_source;
  std::function<std::shared_ptr<SinkBlueprint>(const config::Value& block, config::Diagnostics&)> parse_sink;
  std::vector<SimulatorKind> simulators;
};

class Registry {
 public:
  void add(Adapter adapter) { adapters_[adapter.name] = std::move(adapter); }
  const Adapter* find(std::string_view name) const {
    auto found = adapters_.find(name);
    return found == adapters_.end() ? nullptr : &found->second;
  }
  const std::map<std::string, Adapter, std::less<>>& all() const { return adapters_; }

 private:
  std::map<std::string, Adapter, std::less<>> adapters_;
};

// Every adapter of adapters/CMakeLists.txt.
void register_adapters(Registry& registry);

}  // namespace lt::adapter
