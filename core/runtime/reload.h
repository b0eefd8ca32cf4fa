// What a reload of the configuration may change, and what it must not.
//
// Everything is exchanged but what the running process stands on: the sections `bus` (its directories of schemas and
// mappings are read anew), `retention`, `encryption` and `admin` want a restart. A destination with unfinished
// deliveries stays until they are finished or discarded; to send them somewhere else, keep its name and change its
// settings. The order key of a type stays as long as messages of that type are unfinished: they were put in order by
// it.
#pragma once

#include <string>
#include <vector>

#include "core/catalog/catalog.h"
#include "core/engine/cell.h"
#include "core/runtime/graph.h"

namespace lt::runtime {

struct ReloadReport {
  std::vector<std::string> added, removed;  // "destination axis", "endpoint docs-a", "listener main", "type x/y", ...
  std::string config_hash;
};

// Error wrong_state: wants a restart; says which settings.
Result<void> check_same_process(const Graph& now, const Graph& next);
// Error wrong_state: names the destinations that would be stranded, and how much is left at each.
Result<void> check_stranded(const Graph& next, const std::vector<engine::LaneStatus>& lanes);
// Types of both whose order key is taken in another way.
std::vector<std::string> changed_order_keys(const Graph& now, const Graph& next);
// Error wrong_state: unfinished messages of these types. The catalog must be up to date.
Result<void> check_order_keys(const std::vector<std::string>& types, catalog::Catalog& catalog);
ReloadReport compare(const Graph& now, const Graph& next);

}  // namespace lt::runtime
