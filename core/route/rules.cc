#include "core/route/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/base/ascii.h"
#include "core/base/limits.h"

namespace lt::route {
namespace {

constexpr size_t kReceiversNamed = 10;  // in one error

const config::Spec<DeliverConfig>& deliver_spec() {
  static const auto spec = config::Spec<DeliverConfig>("delivery of a route")
                               .text("destination", &DeliverConfig::destination,
                                     {.doc_en = "Destination; without it the one that serves the receiver",
                                      .doc_vi = "Đích; bỏ trống thì theo cơ quan nhận"})
                               .text("operation", &DeliverConfig::operation,
                                     {.doc_en = "What the destination is asked to do; its default when absent",
                                      .doc_vi = "Thao tác tại đích; bỏ trống là mặc định"})
                               .text("mapping", &DeliverConfig::mapping,
                                     {.doc_en = "Mapping to run; without it the body is relayed as received",
                                      .doc_vi = "Ánh xạ; bỏ trống thì chuyển nguyên văn"});
  return spec;
}

}  // namespace

std::vector<std::pair<std::string, UnknownReceiver>> unknown_receiver_choices() {
  return {{"refuse_all", UnknownReceiver::refuse_all}, {"accept_rest", UnknownReceiver::accept_rest}};
}

const config::Spec<RouteConfig>& route_spec() {
  static const auto spec =
      config::Spec<RouteConfig>("route")
          .text("name", &RouteConfig::name, {.required = true, .doc_en = "Name", .doc_vi = "Tên tuyến"})
          .texts("endpoints", &RouteConfig::endpoints,
                 {.doc_en = "Endpoints it came in by; any when absent", .doc_vi = "Cổng vào; bỏ trống là mọi cổng"})
          .texts("types", &RouteConfig::types,
                 {.doc_en = "Message types", .doc_vi = "Loại thông điệp", .example = "onestop/*"})
          .texts("from", &RouteConfig::from,
                 {.doc_en = "Sender agencies", .doc_vi = "Cơ quan gửi", .example = "H49.02"})
          .texts("to", &RouteConfig::to, {.doc_en = "Receiver agencies", .doc_vi = "Cơ quan nhận", .example = "G*"})
          .text_map("headers", &RouteConfig::headers,
                    {.doc_en = "Headers that must have this value", .doc_vi = "Tiêu đề phải bằng giá trị này"})
          .text_map(
              "keys", &RouteConfig::keys,
              {.doc_en = "Business keys that must have this value", .doc_vi = "Khóa nghiệp vụ phải bằng giá trị này"})
          .list("deliver", &RouteConfig::deliver, deliver_spec(),
                {.required = true, .doc_en = "Where it goes", .doc_vi = "Nơi đến", .least = 1})
          .one_of("after_dead", &RouteConfig::go_on_after_dead, {{"park", false}, {"continue", true}},
                  {.doc_en = "What follows a dead delivery of this route; when absent its destination's `after_dead`",
                   .doc_vi = "Xử lý bản sau khi bản của tuyến này đã dead; bỏ trống thì theo `after_dead` của đích"})
          .place(&RouteConfig::place);
  return spec;
}

void ServedAgencies::add(const std::string& destination, const std::vector<Located<std::string>>& serves,
                         const AgencyDirectory& directory, config::Diagnostics& diagnostics) {
  AgencySet::compile(serves, directory, diagnostics);
  for (const auto& text : serves) {
    const auto pattern = parse_pattern(text.value, directory);
    if (!pattern) continue;
    const auto other = table_.add(*pattern, static_cast<uint32_t>(entries_.size()));
    if (!other) {
      entries_.push_back({destination, text.place});
    } else {
      const auto& first = entries_[*other];
      diagnostics.error(Code::duplicate_key, text.place,
                        fmt::format("{} is served by {} and by {}, at {}", pattern->text, destination,
                                    first.destination, first.place.text()),
                        "keep one, and name the other destination in the routes that want it");
    }
  }
}

const std::string* ServedAgencies::serving(const Agency& agency) const {
  const auto found = table_.longest(agency);
  return found ? &entries_[*found].destination : nullptr;
}

struct Router::Route {
  std::string name;
  std::vector<std::string> endpoints;  // empty: any; so with the sets
  TypeSet types;
  AgencySet from, to;
  std::map<std::string, std::string> headers, keys;
  std::vector<DeliverConfig> deliver;
  bool sound = true;  // its conditions could all be read

  bool matches(const RouteRequest& request, const std::optional<Agency>& sender) const;
  // Nothing that `later` matches gets past this one.
  bool hides(const Route& later) const;
};

bool Router::Route::matches(const RouteRequest& request, const std::optional<Agency>& sender) const {
  if (!endpoints.empty() && std::find(endpoints.begin(), endpoints.end(), request.endpoint) == endpoints.end()) {
    return false;
  }
  if (!types.empty() && !types.contains(request.type)) return false;
  if (!from.empty() && !(sender && from.contains(*sender))) return false;
  const bool headers_hold = std::all_of(headers.begin(), headers.end(), [&](const auto& wanted) {
    return std::any_of(request.headers.begin(), request.headers.end(), [&](const auto& given) {
      return given.second == wanted.second && ascii_lower(given.first) == wanted.first;
    });
  });
  return headers_hold && std::all_of(keys.begin(), keys.end(), [&](const auto& wanted) {
           return std::any_of(request.keys.begin(), request.keys.end(), [&](const BusinessKey& given) {
             return given.name == wanted.first && given.value == wanted.second;
           });
         });
}

bool Router::Route::hides(const Route& later) const {
  const auto within = [](const auto& set, const auto& other) {
    return set.empty() || (!other.empty() && set.covers(other));
  };
  const auto asked_there = [](const auto& conditions, const auto& there) {
    return std::all_of(conditions.begin(), conditions.end(), [&](const auto& condition) {
      const auto found = there.find(condition.first);
      return found != there.end() && found->second == condition.second;
    });
  };
  const bool endpoints_within =
      endpoints.empty() ||
      (!later.endpoints.empty() && std::all_of(later.endpoints.begin(), later.endpoints.end(), [&](const auto& asked) {
        return std::find(endpoints.begin(), endpoints.end(), asked) != endpoints.end();
      }));
  return endpoints_within && within(types, later.types) && within(from, later.from) && within(to, later.to) &&
         asked_there(headers, later.headers) && asked_there(keys, later.keys);
}

Router::Router() = default;
Router::~Router() = default;

std::shared_ptr<const Router> Router::compile(const std::vector<RouteConfig>& configs, ServedAgencies served,
                                              std::shared_ptr<const AgencyDirectory> directory, const KnownNames& known,
                                              config::Diagnostics& diagnostics) {
  auto router = std::shared_ptr<Router>(new Router());
  for (const auto& given : configs) {
    Route route;
    route.name = given.name;
    const size_t before = diagnostics.errors();
    check_names("endpoint", given.endpoints, known.endpoints, diagnostics);
    for (const auto& endpoint : given.endpoints) route.endpoints.push_back(endpoint.value);
    route.types = TypeSet::compile(given.types, known.types, diagnostics);
    route.from = AgencySet::compile(given.from, *directory, diagnostics);
    route.to = AgencySet::compile(given.to, *directory, diagnostics);
    for (const auto& [name, value] : given.headers) route.headers.emplace(ascii_lower(name), value);
    route.keys = given.keys;
    route.sound = diagnostics.errors() == before;
    route.deliver = given.deliver;
    for (const auto& deliver : given.deliver) {
      if (deliver.destination) check_names("destination", {*deliver.destination}, known.destinations, diagnostics);
      if (!deliver.mapping.value.empty()) check_names("mapping", {deliver.mapping}, known.mappings, diagnostics);
    }
    for (size_t index = 0; index < router->routes_.size(); ++index) {
      const auto& earlier = router->routes_[index];
      if (!route.name.empty() && earlier.name == route.name) {
        diagnostics.error(
            Code::duplicate_key, given.place,
            fmt::format("two routes are named \"{}\", the first at {}", route.name, configs[index].place.text()));
      }
      if (earlier.sound && route.sound && earlier.hides(route)) {
        diagnostics.error(Code::unreachable_route, given.place,
                          fmt::format("route \"{}\" can never be taken: \"{}\" at {} takes everything before it",
                                      route.name, earlier.name, configs[index].place.text()));
        break;
      }
    }
    router->routes_.push_back(std::move(route));
  }
  router->served_ = std::move(served);
  router->directory_ = std::move(directory);
  return router;
}

namespace {

// Collects deliveries, one per (destination, operation, mapping).
class Grouping {
 public:
  explicit Grouping(Routed& out) : out_(out) {}

  void add(const std::string& destination, const DeliverConfig& deliver, const std::string& route,
           const std::string* receiver) {
    std::string group = destination;
    group.append(1, '\0').append(deliver.operation).append(1, '\0').append(deliver.mapping.value);
    const auto [found, fresh] = groups_.emplace(std::move(group), out_.deliveries.size());
    if (fresh) {
      out_.deliveries.push_back({destination, {}, deliver.operation, deliver.mapping.value, route});
    }
    auto& receivers = out_.deliveries[found->second].receivers;
    // One receiver reaches one group twice when two entries of a route come down to the same.
    if (receiver && (receivers.empty() || receivers.back() != *receiver)) receivers.push_back(*receiver);
  }

 private:
  Routed& out_;
  std::unordered_map<std::string, size_t> groups_;
};

// One error out of all refused receivers; the code of the first.
Error refusal(const std::vector<std::pair<std::string, Error>>& refused) {
  if (refused.size() == 1) return refused.front().second;
  std::string detail = fmt::format("{} receivers refused: ", refused.size());
  for (size_t index = 0; index < std::min(refused.size(), kReceiversNamed); ++index) {
    detail += (index ? "; " : "") + refused[index].second.detail;
  }
  if (refused.size() > kReceiversNamed) detail += "; ...";
  return Error(refused.front().second.code, std::move(detail), {}, refused.front().second.hint);
}

}  // namespace

Result<Routed> Router::route(const RouteRequest& request) const {
  if (request.to.size() > limits::kReceivers) {
    return fail(Code::too_large, fmt::format("{} receivers, at most {}", request.to.size(), limits::kReceivers));
  }
  std::optional<Agency> sender;
  if (!request.from.empty()) {
    LT_ASSIGN(sender, directory_->resolve(request.from));
  }
  std::vector<const Route*> candidates;
  for (const auto& route : routes_) {
    if (route.matches(request, sender)) candidates.push_back(&route);
  }

  Routed out;
  Grouping grouping(out);
  if (request.to.empty()) {
    const auto taken =
        std::find_if(candidates.begin(), candidates.end(), [](auto* route) { return route->to.empty(); });
    if (taken == candidates.end()) {
      return fail(Code::no_message_route, fmt::format("type {} at endpoint {}", request.type, request.endpoint));
    }
    for (const auto& deliver : (*taken)->deliver) {
      if (!deliver.destination) {
        return fail(Code::no_message_route,
                    fmt::format("route {} goes by the receiver, and the message names none", (*taken)->name));
      }
      grouping.add(deliver.destination->value, deliver, (*taken)->name, nullptr);
    }
    return out;
  }

  std::unordered_set<std::string> seen;
  const auto place_receiver = [&](const std::string& written) -> Result<void> {
    LT_ASSIGN(const Agency agency, directory_->receiver(written, request.day));
    if (!seen.insert(agency.text()).second) return {};
    const auto taken = std::find_if(candidates.begin(), candidates.end(),
                                    [&](auto* route) { return route->to.empty() || route->to.contains(agency); });
    if (taken == candidates.end()) return fail(Code::unknown_receiver, fmt::format("no route to {}", written));
    // All or none of a route's deliveries, so that a refused receiver leaves nothing behind.
    const std::string* by_receiver = served_.serving(agency);
    for (const auto& deliver : (*taken)->deliver) {
      if (!deliver.destination && !by_receiver) {
        return fail(Code::unknown_receiver, fmt::format("no destination serves {}", written));
      }
    }
    for (const auto& deliver : (*taken)->deliver) {
      grouping.add(deliver.destination ? deliver.destination->value : *by_receiver, deliver, (*taken)->name, &written);
    }
    return {};
  };
  for (const auto& written : request.to) {
    if (auto placed = place_receiver(written); !placed) out.refused.emplace_back(written, std::move(placed).error());
  }
  const bool refuse = request.unknown == UnknownReceiver::refuse_all || out.deliveries.empty();
  if (refuse && !out.refused.empty()) return fail(refusal(out.refused));
  return out;
}

}  // namespace lt::route
