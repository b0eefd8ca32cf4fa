// Routing rules: which destinations a message goes to, what is asked of them, and for which receivers.
//
// Routes are tried in the order written, and for each receiver the first route that matches takes it, alone. A route
// matches when all its conditions hold; `to` is judged per receiver, everything else per message. A route without `to`
// also takes messages that name no receiver; one with `to` never does. Each `deliver` entry of the route then gives the
// receiver to the destination it names or, naming none, to the destination whose `serves` holds the longest prefix of
// the receiver's code. Receivers that end up with the same (destination, operation, mapping) become one DeliverySpec,
// in the order first met: 700 units behind one axis are one delivery with 700 receivers.
//
// A receiver that no route takes, that nobody serves, or that is closed (agency directory) is refused: by refuse_all
// with the whole message, by accept_rest alone, as long as somebody is left. The same input gives the same output.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/spec.h"
#include "core/message/message.h"
#include "core/route/agency_set.h"

namespace lt::route {

using config::Located;

enum class UnknownReceiver : uint8_t { refuse_all, accept_rest };
// For the one_of field of whoever holds that choice (endpoints).
std::vector<std::pair<std::string, UnknownReceiver>> unknown_receiver_choices();

// The section `routes`: a list of these.
struct DeliverConfig {
  std::optional<Located<std::string>> destination;  // none: by the receiver
  std::string operation;
  Located<std::string> mapping;  // "" relays the body as received
};
struct RouteConfig {
  std::string name;
  std::vector<Located<std::string>> endpoints, types, from, to;  // empty: any
  std::map<std::string, std::string> headers, keys;              // must be equal; header names in any case
  std::vector<DeliverConfig> deliver;
  // A dead delivery that came of this route does not park its key; when absent, its destination says.
  std::optional<bool> go_on_after_dead;
  Place place;
};
const config::Spec<RouteConfig>& route_spec();

// Which agencies each destination serves: `destinations.<name>.serves`, to be read with `.texts("serves", ...)`.
class ServedAgencies {
 public:
  // Finding duplicate_key when another destination serves exactly the same.
  void add(const std::string& destination, const std::vector<Located<std::string>>& serves,
           const AgencyDirectory& directory, config::Diagnostics& diagnostics);
  // The destination with the longest prefix, or null.
  const std::string* serving(const Agency& agency) const;

 private:
  struct Entry {
    std::string destination;
    Place place;
  };
  AgencyTable table_;
  std::vector<Entry> entries_;
};

// Names that routes and rights may refer to.
struct KnownNames {
  std::vector<std::string> endpoints, types, destinations, mappings, principals;
};

struct RouteRequest {
  std::string_view endpoint, type;
  std::string_view from;            // as written; "" when the type has none
  std::span<const std::string> to;  // as written
  std::span<const std::pair<std::string, std::string>> headers;
  std::span<const BusinessKey> keys;
  UnknownReceiver unknown = UnknownReceiver::refuse_all;
  Date day;  // for the validity of agencies
};

struct Routed {
  std::vector<DeliverySpec> deliveries;
  std::vector<std::pair<std::string, Error>> refused;  // receivers left out by accept_rest, as written
};

class Router {
 public:
  // Findings: bad_reference, unreachable_route, missing_key. What is right is usable.
  static std::shared_ptr<const Router> compile(const std::vector<RouteConfig>& routes, ServedAgencies served,
                                               std::shared_ptr<const AgencyDirectory> directory,
                                               const KnownNames& known, config::Diagnostics& diagnostics);
  ~Router();

  // Errors: bad_agency_code, agency_closed, unknown_receiver, no_message_route (no receiver named and no route takes
  // it), too_large (more than limits::kReceivers). Thread-safe.
  Result<Routed> route(const RouteRequest& request) const;

 private:
  Router();
  struct Route;
  std::vector<Route> routes_;
  ServedAgencies served_;
  std::shared_ptr<const AgencyDirectory> directory_;
};

}  // namespace lt::route
