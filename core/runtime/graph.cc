#include "core/runtime/graph.h"

#include <algorithm>

#include "core/config/units.h"

namespace lt::runtime {
namespace {

template <class Map>
std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

const adapter::Adapter* find_adapter(const config::Located<std::string>& name, const adapter::Registry& registry,
                                     config::Diagnostics& diagnostics) {
  const auto* adapter = registry.find(name.value);
  if (!adapter && !name.value.empty())  // a missing name is reported already
    diagnostics.error(Code::bad_reference, name.place, "no adapter \"" + name.value + "\"",
                      config::suggestion(name.value, names_of(registry.all())));
  return adapter;
}

// The settings block, or an empty one at the place of the whole section.
config::Value settings_of(const std::optional<config::Value>& settings, const Place& place) {
  if (settings) return *settings;
  config::Value empty;
  empty.kind = config::Value::Kind::map;
  empty.file = std::make_shared<const std::string>(place.file);
  empty.line = place.line;
  empty.column = place.column;
  return empty;
}

void check_references(const adapter::References& references, const BusConfig& config,
                      config::Diagnostics& diagnostics) {
  route::check_names("listener", references.listeners, names_of(config.listeners), diagnostics);
  route::check_names("principal", references.principals, names_of(config.principals), diagnostics);
  route::check_names("endpoint", references.endpoints, names_of(config.endpoints), diagnostics);
}

void build_sources(Graph& graph, const adapter::Registry& registry, config::Diagnostics& diagnostics) {
  for (const auto& [name, endpoint] : graph.config.endpoints) {
    if (graph.schemas && !endpoint.type.value.empty())
      route::check_names("message type", {endpoint.type}, names_of(graph.schemas->types()), diagnostics);
    const auto* adapter = find_adapter(endpoint.adapter, registry, diagnostics);
    if (!adapter) continue;
    if (!adapter->parse_source) {
      diagnostics.error(Code::bad_reference, endpoint.adapter.place,
                        "adapter \"" + adapter->name + "\" has no source side");
      continue;
    }
    auto blueprint = adapter->parse_source(settings_of(endpoint.settings, endpoint.place), diagnostics);
    if (!blueprint) continue;
    check_references(blueprint->references(), graph.config, diagnostics);
    graph.sources[name] = std::move(blueprint);
  }
}

void build_sinks(Graph& graph, const adapter::Registry& registry, config::Diagnostics& diagnostics) {
  graph.policy.seal_dedupe = true;
  for (const auto& [name, destination] : graph.config.destinations) {
    const auto* adapter = find_adapter(destination.adapter, registry, diagnostics);
    if (!adapter) continue;
    if (!adapter->parse_sink) {
      diagnostics.error(Code::bad_reference, destination.adapter.place,
                        "adapter \"" + adapter->name + "\" has no sink side");
      continue;
    }
    auto blueprint = adapter->parse_sink(settings_of(destination.settings, destination.place), diagnostics);
    if (!blueprint) continue;
    check_references(blueprint->references(), graph.config, diagnostics);
    engine::DestinationPolicy policy = destination.policy;
    policy.sink_class = blueprint->sink_class();
    if (destination.partner) policy.partner = destination.partner->value;
    if (destination.office_hours) policy.office_hours = compile_office_hours(*destination.office_hours, diagnostics);
    graph.policy.destinations[name] = policy;
    graph.sinks[name] = std::move(blueprint);
  }
}

void build_policy(Graph& graph, config::Diagnostics& diagnostics) {
  graph.policy.partners = graph.config.partners;
  const auto known = names_of(graph.config.partners);
  for (const auto& [name, destination] : graph.config.destinations) {
    if (destination.partner) route::check_names("partner", {*destination.partner}, known, diagnostics);
  }
  for (const auto& route : graph.config.routes) {
    engine::RoutePolicy& policy = graph.policy.routes[route.name];
    if (!route.go_on_after_dead) continue;
    policy.after_dead = *route.go_on_after_dead ? engine::AfterDead::go_on : engine::AfterDead::park;
  }
}

std::string schema_of(const schema::TypeFile& type) {
  if (type.split) return "split into parts of another schema";
  return type.schema.empty() ? "open content" : type.schema;
}

// A mapping reads one schema: the types a route sends through it must have that one, or be split into parts of it.
bool reads(const mapping::Mapping& mapping, const schema::MessageType& type, const schema::SchemaStore& schemas) {
  if (!type.file.split) return type.file.schema == mapping.source_schema();
  const auto model = schemas.model(mapping.source_schema());
  return model && type.parts_are(*model);
}

// Of one destination, or of whichever a route without one may choose.
std::chrono::milliseconds longest_retries(const Graph& graph, const std::string& destination) {
  std::chrono::milliseconds longest{0};
  for (const auto& [name, policy] : graph.policy.destinations)
    if (destination.empty() || name == destination) longest = std::max(longest, policy.retry.max_age);
  return longest;
}

// That files at addresses are served, and a delivery tried again finds the same ones (see address_end).
void check_addresses(const Graph& graph, const mapping::Mapping& mapping, const Place& place, const std::string& to,
                     config::Diagnostics& diagnostics) {
  if (!mapping.files().gives_addresses) return;
  const auto& serve = graph.config.files.serve;
  if (!serve)
    return diagnostics.error(
        Code::missing_key, place,
        "mapping \"" + mapping.name() + "\" gives files an address (as: url), and nobody serves them there",
        "add files: {serve: {listener: ..., url: https://...}}, or use as: base64 or zip");
  const auto retries = longest_retries(graph, to);
  if (serve->valid.value < 2 * retries)
    diagnostics.warning(Code::out_of_range, place,
                        "a delivery is tried again for " + config::format_duration(retries) +
                            ", and addresses of files change after " + config::format_duration(serve->valid.value / 2) +
                            ": its partner may be sent two documents under one id",
                        "raise `valid` of files.serve to " + config::format_duration(2 * retries) +
                            ", or lower `max_age` of the delivery");
}

bool has_parts(const schema::MessageType& type) {
  const auto& files = type.file.attachments;
  return std::any_of(files.begin(), files.end(), [](const auto& rule) { return rule.carrier == Carrier::part; });
}

// Of those of the route; what is wrong with them is reported elsewhere.
bool carries(const Graph& graph, const route::RouteConfig& route, const std::string& type) {
  config::Diagnostics unheard;
  const auto types = route::TypeSet::compile(route.types, names_of(graph.schemas->types()), unheard);
  return types.empty() || types.contains(type);
}

// Why no document with files beside it comes to this route; "" when one may.
std::string without_parts(const Graph& graph, const route::RouteConfig& route) {
  std::string refusing;
  for (const auto& [name, endpoint] : graph.config.endpoints) {
    const bool named = std::any_of(route.endpoints.begin(), route.endpoints.end(),
                                   [&, &of = name](const auto& one) { return one.value == of; });
    if ((!named && !route.endpoints.empty()) || endpoint.exchange) continue;
    const auto source = graph.sources.find(name);
    if (source == graph.sources.end()) return {};  // reported already
    if (!source->second->takes_parts()) {
      if (named) refusing = name;
    } else if (carries(graph, route, endpoint.type.value)) {
      return {};
    }
  }
  if (refusing.empty()) return "and no endpoint takes any in for this route";
  return "and endpoint \"" + refusing + "\" takes documents only";
}

void check_parts_taken(const Graph& graph, const route::RouteConfig& route, config::Diagnostics& diagnostics) {
  for (const auto& deliver : route.deliver) {
    const auto mapping = deliver.mapping.value.empty() ? nullptr : graph.mappings->find(deliver.mapping.value);
    if (!mapping || !mapping->files().takes_parts) continue;
    const std::string why = without_parts(graph, route);
    if (why.empty()) continue;
    diagnostics.error(
        Code::wrong_type, deliver.mapping.place,
        "mapping \"" + mapping->name() + "\" takes files from beside the document (carrier: part), " + why,
        "use an endpoint of adapter http, or carrier: base64 or zip");
  }
}

// Types whose files come beside the document need an endpoint that takes them in, and when a message of theirs is sent
// in parts, somebody who says which file goes with which.
void check_part_types(const Graph& graph, config::Diagnostics& diagnostics) {
  for (const auto& [name, endpoint] : graph.config.endpoints) {
    const auto* type = graph.schemas->find(endpoint.type.value);
    const auto source = graph.sources.find(name);
    if (type && has_parts(*type) && source != graph.sources.end() && !source->second->takes_parts())
      diagnostics.error(Code::wrong_type, endpoint.type.place,
                        "type " + endpoint.type.value + " has files beside the document (carrier: part), and \"" +
                            name + "\" takes documents only",
                        "use an endpoint of adapter http, or a type with its files in base64");
  }
  for (const auto& route : graph.config.routes) {
    check_parts_taken(graph, route, diagnostics);
    const bool relays = std::any_of(route.deliver.begin(), route.deliver.end(),
                                    [](const auto& deliver) { return deliver.mapping.value.empty(); });
    for (const auto& [name, type] : graph.schemas->types())
      if (relays && type.file.split && has_parts(type) && carries(graph, route, name))
        diagnostics.error(Code::missing_key, route.place,
                          "type " + name + " is split and has files beside the document (carrier: part): without a " +
                              "mapping they stay behind",
                          "name a mapping with carrier: part");
  }
}

void check_mappings(const Graph& graph, config::Diagnostics& diagnostics) {
  for (const auto& route : graph.config.routes) {
    for (const auto& deliver : route.deliver) {
      const auto mapping = deliver.mapping.value.empty() ? nullptr : graph.mappings->find(deliver.mapping.value);
      if (!mapping) continue;
      const std::string to = deliver.destination ? deliver.destination->value : std::string();
      const auto sink = graph.sinks.find(to);
      if (mapping->files().gives_parts && sink != graph.sinks.end() && !sink->second->takes_parts())
        diagnostics.error(Code::wrong_type, deliver.mapping.place,
                          "mapping \"" + mapping->name() + "\" puts files beside the document (as: part), and \"" + to +
                              "\" sends documents only",
                          "use a destination of adapter http, or as: base64 or zip");
      if (mapping->files().fetches && !graph.config.files.fetch)
        diagnostics.error(
            Code::missing_key, deliver.mapping.place,
            "mapping \"" + mapping->name() +
                "\" takes files from their address (carrier: url), and nothing says from where that may be",
            "add files: {fetch: {from: [{url: https://host/path/}]}}");
      check_addresses(graph, *mapping, deliver.mapping.place, to, diagnostics);
      for (const auto& type : route.types) {
        const auto* found = graph.schemas->find(type.value);
        if (found && !reads(*mapping, *found, *graph.schemas))
          diagnostics.error(Code::bad_reference, deliver.mapping.place,
                            "mapping \"" + mapping->name() + "\" reads " + mapping->source_schema() + ", but type " +
                                type.value + " is " + schema_of(found->file));
      }
    }
  }
}

void check_file_serving(const BusConfig& config, config::Diagnostics& diagnostics) {
  if (!config.files.serve) return;
  const FileServingSection& serve = *config.files.serve;
  route::check_names("listener", {serve.listener}, names_of(config.listeners), diagnostics);
  const auto kept = std::min(config.retention.personal, config.retention.document);
  if (serve.valid.value <= kept) return;
  diagnostics.warning(Code::out_of_range, serve.valid.place.file.empty() ? serve.place : serve.valid.place,
                      "addresses of files are good for " + config::format_duration(serve.valid.value) +
                          ", and bodies can be read for " + config::format_duration(kept) + " only",
                      "lower `valid`, or keep bodies longer (retention)");
}

}  // namespace

std::shared_ptr<const Graph> build_graph(BusConfig config, const adapter::Registry& registry, Env& env,
                                         config::Diagnostics& diagnostics) {
  auto graph = std::make_shared<Graph>();
  graph->config = std::move(config);
  const BusConfig& read = graph->config;
  graph->schemas = schema::SchemaStore::load(env, read.bus.schemas, diagnostics);
  graph->mappings = std::make_shared<const mapping::MappingStore>(
      mapping::MappingStore::load(env, read.bus.mappings, read.bus.schemas, diagnostics));
  graph->directory = route::AgencyDirectory::load(read.agencies, env, diagnostics);
  graph->principals = route::Principals::compile(read.principals, diagnostics);
  build_sources(*graph, registry, diagnostics);
  build_sinks(*graph, registry, diagnostics);
  build_policy(*graph, diagnostics);

  route::KnownNames known;
  known.endpoints = names_of(read.endpoints);
  known.destinations = names_of(read.destinations);
  known.principals = names_of(read.principals);
  known.mappings = graph->mappings->names();
  if (graph->schemas) known.types = names_of(graph->schemas->types());
  route::ServedAgencies served;
  for (const auto& [name, destination] : read.destinations)
    served.add(name, destination.serves, *graph->directory, diagnostics);
  graph->router = route::Router::compile(read.routes, std::move(served), graph->directory, known, diagnostics);
  graph->rights = route::AccessRights::compile(read.rights, graph->directory, known, diagnostics);
  graph->quotas = compile_quotas(read.quotas, *graph->directory, diagnostics);
  if (graph->schemas) check_mappings(*graph, diagnostics);
  if (graph->schemas) check_part_types(*graph, diagnostics);
  check_file_serving(read, diagnostics);
  graph->exchanges = plan_exchanges(*graph, diagnostics);
  if (!diagnostics.ok()) return nullptr;
  return graph;
}

}  // namespace lt::runtime
