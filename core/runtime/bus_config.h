// The whole configuration of a bus, as read and checked: every mistake of every file is in the diagnostics.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/adapter/registry.h"
#include "core/base/env.h"
#include "core/config/diagnostics.h"
#include "core/config/spec.h"
#include "core/config/yaml.h"
#include "core/engine/policy.h"
#include "core/net/server.h"
#include "core/route/access.h"
#include "core/route/agency_directory.h"
#include "core/route/rules.h"
#include "core/runtime/delivery_config.h"
#include "core/runtime/exchange_config.h"
#include "core/runtime/file_fetching_config.h"
#include "core/runtime/file_serving_config.h"
#include "core/runtime/quota.h"
#include "core/runtime/retention_plan.h"

namespace lt::runtime {

// The section `bus`.
struct BusSection {
  std::string name = "lienthong";
  std::string organ_id;  // our own agency code, for the TraceHeader we append
  std::string data;      // directory of journal, blobs, catalog; default: data beside the configuration
  std::string schemas;   // default: schemas beside the configuration
  std::string mappings;  // default: mappings beside it
  uint32_t shards = 0;   // I/O threads; 0 = one per core
  uint64_t journal_segment = 64 << 20;
  std::chrono::milliseconds gather{0};
  std::chrono::milliseconds stop_time{10'000};  // for deliveries in flight when told to stop
  Place place;
};

struct EncryptionSection {
  std::string master_key;  // 32 bytes, raw or hex; "" = bodies are stored in clear
};

// The section `disk`.
struct DiskSection {
  uint64_t reserve = 256 << 20;
  Place place;
};

// The section `files`: files that stand apart from their document.
struct FilesSection {
  std::optional<FileServingSection> serve;
  std::optional<FileFetchingSection> fetch;
};

struct AdminSection {
  std::string listen = "127.0.0.1:9090";
};

// endpoints.<name>
struct EndpointSection {
  config::Located<std::string> adapter;
  config::Located<std::string> type;  // message type of what comes in
  route::UnknownReceiver unknown_receiver = route::UnknownReceiver::refuse_all;
  std::optional<ExchangeSection> exchange;  // then it asks a partner and answers, instead of handing in messages
  std::optional<config::Value> settings;
  Place place;
};

// destinations.<name>
struct DestinationSection {
  config::Located<std::string> adapter;
  std::vector<config::Located<std::string>> serves;
  std::optional<config::Located<std::string>> partner;
  engine::DestinationPolicy policy;  // its sink_class comes from the adapter
  std::optional<OfficeHoursSection> office_hours;
  std::optional<config::Value> settings;
  Place place;
};

struct BusConfig {
  BusSection bus;
  EncryptionSection encryption;
  RetentionRules retention;
  DiskSection disk;
  FilesSection files;
  AdminSection admin;
  std::map<std::string, net::ServerOptions> listeners;
  std::map<std::string, EndpointSection> endpoints;
  std::map<std::string, DestinationSection> destinations;
  std::map<std::string, engine::PartnerPolicy> partners;
  route::AgenciesConfig agencies;
  std::map<std::string, route::PrincipalConfig> principals;
  std::vector<route::RouteConfig> routes;
  std::vector<route::RightConfig> rights;
  std::vector<QuotaConfig> quotas;

  std::string hash;  // hex, see config::content_hash
};

// For `lienthong schema` and the reference pages.
const config::Spec<BusConfig>& bus_config_spec();

// Reads a directory or a file. What could be read is usable; check diagnostics.ok() before going on.
BusConfig read_bus_config(Env& env, const std::string& path, config::Diagnostics& diagnostics,
                          const config::Variables& variables = config::process_variables());

}  // namespace lt::runtime
