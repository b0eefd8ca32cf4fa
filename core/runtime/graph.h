// A configuration made into working parts, checked as a whole. Immutable; what `lienthong check` builds and throws
// away.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/mapping/mapping_store.h"
#include "core/runtime/bus_config.h"
#include "core/runtime/exchange_plan.h"
#include "core/schema/schema_store.h"

namespace lt::runtime {

struct Graph {
  BusConfig config;
  std::shared_ptr<const schema::SchemaStore> schemas;
  std::shared_ptr<const mapping::MappingStore> mappings;
  std::shared_ptr<const route::AgencyDirectory> directory;
  std::shared_ptr<const route::Router> router;
  std::shared_ptr<const route::AccessRights> rights;
  std::shared_ptr<const route::Principals> principals;
  std::map<std::string, std::shared_ptr<adapter::SourceBlueprint>> sources;
  std::map<std::string, std::shared_ptr<adapter::SinkBlueprint>> sinks;
  std::vector<QuotaRule> quotas;
  std::map<std::string, ExchangePlan> exchanges;  // by endpoint
  engine::CellPolicy policy;
};

// Reports everything wrong in all files at once. Null when anything was.
std::shared_ptr<const Graph> build_graph(BusConfig config, const adapter::Registry& registry, Env& env,
                                         config::Diagnostics& diagnostics);

}  // namespace lt::runtime
