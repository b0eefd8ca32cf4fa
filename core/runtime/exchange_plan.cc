#include "core/runtime/exchange_plan.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/config/units.h"
#include "core/message/wire.h"
#include "core/runtime/graph.h"

namespace lt::runtime {
namespace {

constexpr uint32_t kIdempotentAttempts = 3;

template <class Map>
std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

class Planner {
 public:
  Planner(const Graph& graph, const std::string& endpoint, const EndpointSection& section,
          config::Diagnostics& diagnostics)
      : graph_(graph),
        endpoint_(endpoint),
        section_(section),
        exchange_(*section.exchange),
        diagnostics_(diagnostics) {}

  ExchangePlan plan() {
    ExchangePlan plan;
    plan.endpoint = endpoint_;
    plan.type = graph_.schemas->find(section_.type.value);
    plan.destination = exchange_.destination.value;
    plan.operation = exchange_.operation;
    plan.request = exchange_.request.value;
    plan.deadline = exchange_.deadline.value;
    plan.attempts = exchange_.attempts ? exchange_.attempts->value : exchange_.idempotent ? kIdempotentAttempts : 1;
    plan.rate = exchange_.rate;
    plan.burst = exchange_.burst;
    check_ends();
    check_type(plan.type);
    (void)mapping_from(exchange_.request, plan.type);
    if (!exchange_.reply_type.value.empty()) {
      route::check_names("message type", {exchange_.reply_type}, names_of(graph_.schemas->types()), diagnostics_);
      plan.reply_type = graph_.schemas->find(exchange_.reply_type.value);
    }
    plan.reply = mapping_from(exchange_.reply, plan.reply_type);
    if (exchange_.cache) plan.cache = cache_of(*exchange_.cache, plan.type);
    return plan;
  }

 private:
  // That the endpoint can wait, and the partner be asked in that time.
  void check_ends() {
    const auto source = graph_.sources.find(endpoint_);
    if (source != graph_.sources.end() && !source->second->passes_answers())
      diagnostics_.error(Code::bad_reference, exchange_.place,
                         "adapter \"" + section_.adapter.value + "\" cannot wait for a partner's answer",
                         "use adapter http for this endpoint, or leave `exchange` out");
    route::check_names("destination", {exchange_.destination}, names_of(graph_.config.destinations), diagnostics_);
    const auto sink = graph_.sinks.find(exchange_.destination.value);
    if (sink == graph_.sinks.end()) return;
    const auto longest = sink->second->answers_within();
    if (!longest) {
      diagnostics_.error(Code::bad_reference, exchange_.destination.place,
                         "destination \"" + exchange_.destination.value + "\" cannot be asked: its adapter only sends",
                         "name a destination of adapter http");
    } else if (*longest < exchange_.deadline.value) {
      const Place& written = exchange_.deadline.place;
      diagnostics_.error(Code::out_of_range, written.file.empty() ? exchange_.place : written,
                         "the deadline of " + config::format_duration(exchange_.deadline.value) +
                             " is longer than a call to \"" + exchange_.destination.value + "\" may take (" +
                             config::format_duration(*longest) + ")",
                         "lower the deadline, or raise `timeout` of the destination");
    }
  }

  // A question is not put in order, and no second one is taken for the first.
  void check_type(const schema::MessageType* type) {
    if (!type || (!type->file.order_key && !type->file.dedupe_key)) return;
    diagnostics_.error(
        Code::bad_reference, section_.type.place,
        "type " + section_.type.value + " has an order key or a dedupe key, and a question has no use for it",
        "give the question a type of its own");
  }

  std::shared_ptr<const mapping::Mapping> mapping_from(const config::Located<std::string>& name,
                                                       const schema::MessageType* source) {
    if (name.value.empty()) return nullptr;
    route::check_names("mapping", {name}, graph_.mappings->names(), diagnostics_);
    auto mapping = graph_.mappings->find(name.value);
    const mapping::FileTraffic files = mapping ? mapping->files() : mapping::FileTraffic();
    if (files.gives_parts || files.takes_parts || files.gives_addresses || files.fetches)
      diagnostics_.error(Code::wrong_type, name.place,
                         "mapping \"" + name.value +
                             "\" has files beside the document or behind an address (part, url), and questions and "
                             "answers go without",
                         "use base64 or zip");
    if (mapping && source && source->file.schema != mapping->source_schema())
      diagnostics_.error(Code::bad_reference, name.place,
                         "mapping \"" + name.value + "\" reads " + mapping->source_schema() + ", but type " +
                             source->file.type + " is " +
                             (source->file.schema.empty() ? "open content" : source->file.schema),
                         "name a mapping whose source schema is that of the type");
    return mapping;
  }

  CacheRules cache_of(const CacheSection& section, const schema::MessageType* type) {
    CacheRules rules{{}, section.kept, section.entries, section.bytes};
    if (!type) return rules;  // reported already
    for (const auto& part : section.key) {
      if (part.value.starts_with('$')) {
        rules.key.paths.push_back(schema::compile_path(type->file, type->model.get(), part, diagnostics_));
        continue;
      }
      const auto& keys = type->file.business_keys;
      const auto named =
          std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return key.name == part.value; });
      if (named != keys.end()) {
        rules.key.paths.insert(rules.key.paths.end(), named->compiled.begin(), named->compiled.end());
        continue;
      }
      std::vector<std::string> known;
      for (const auto& key : keys) known.push_back(key.name);
      diagnostics_.error(Code::bad_reference, part.place,
                         "type " + type->file.type + " has no business key \"" + part.value + "\"",
                         config::suggestion(part.value, known) + "; a path begins with $");
    }
    return rules;
  }

  const Graph& graph_;
  const std::string& endpoint_;
  const EndpointSection& section_;
  const ExchangeSection& exchange_;
  config::Diagnostics& diagnostics_;
};

void check_routes(const Graph& graph, config::Diagnostics& diagnostics) {
  for (const auto& route : graph.config.routes) {
    for (const auto& name : route.endpoints) {
      const auto endpoint = graph.config.endpoints.find(name.value);
      if (endpoint == graph.config.endpoints.end() || !endpoint->second.exchange) continue;
      diagnostics.error(Code::bad_reference, name.place,
                        "no message comes from endpoint \"" + name.value + "\": it answers at once (`exchange`)",
                        "leave it out of this route");
    }
  }
}

}  // namespace

std::optional<std::string> QuestionKey::of(const Node* root) const {
  std::string out;
  WireWriter w(out);
  for (const auto& path : paths) {
    const auto nodes = path.all(root, limits::kExtractedKeys);
    if (nodes.size() == limits::kExtractedKeys) return std::nullopt;
    w.varint(nodes.size());
    for (const Node* node : nodes) {
      const auto text = schema::scalar_text(node);
      const bool nothing = node->kind == Kind::null || node->kind == Kind::text;
      if (!text && !nothing) return std::nullopt;
      w.u8(static_cast<uint8_t>(node->kind));
      w.text(text.value_or(std::string_view()));
    }
  }
  return out;
}

std::map<std::string, ExchangePlan> plan_exchanges(const Graph& graph, config::Diagnostics& diagnostics) {
  std::map<std::string, ExchangePlan> out;
  if (!graph.schemas) return out;  // reported already
  for (const auto& [name, endpoint] : graph.config.endpoints)
    if (endpoint.exchange) out.emplace(name, Planner(graph, name, endpoint, diagnostics).plan());
  check_routes(graph, diagnostics);
  return out;
}

}  // namespace lt::runtime
