// An endpoint's `exchange` as the runtime goes by it: names looked up, settings checked against one another.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/mapping_store.h"
#include "core/runtime/exchange_config.h"
#include "core/schema/schema_store.h"

namespace lt::runtime {

struct Graph;

// What makes two requests one question. Empty: the whole request, byte for byte.
struct QuestionKey {
  std::vector<schema::DocPath> paths;
  // Of a request of the type; none when it cannot be told: a path leads to more than single values.
  std::optional<std::string> of(const Node* root) const;
};

struct CacheRules {
  QuestionKey key;
  std::chrono::milliseconds kept{0};
  uint64_t entries = 0, bytes = 0;
};

// Points into the schema store of its graph.
struct ExchangePlan {
  std::string endpoint;
  const schema::MessageType* type = nullptr;
  std::string destination, operation, request;
  const schema::MessageType* reply_type = nullptr;  // null: not looked at
  std::shared_ptr<const mapping::Mapping> reply;    // null: as received
  std::chrono::milliseconds deadline{0};
  uint32_t attempts = 1;
  std::optional<CacheRules> cache;
  engine::Rate rate;
  uint32_t burst = 0;
};

// Of all endpoints that ask. The rest of the graph is there already. Findings: names that dangle, a partner that cannot
// be asked, a deadline beyond its limit, types that do not fit, routes that wait for messages of such an endpoint.
std::map<std::string, ExchangePlan> plan_exchanges(const Graph& graph, config::Diagnostics& diagnostics);

}  // namespace lt::runtime
