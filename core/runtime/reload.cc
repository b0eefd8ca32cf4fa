#include "core/runtime/reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lt::runtime {
namespace {

Error refused(std::string why, std::string hint) {
  return Error(Code::wrong_state, std::move(why), {}, std::move(hint));
}

std::string order_key_text(const schema::TypeFile& type) {
  if (!type.order_key) return {};
  const std::string split = type.split ? type.split->value + "/" : std::string();
  return split + type.order_key->space + ":" + type.order_key->path.value;
}

// A page may be empty and not the last one.
Result<bool> any(catalog::Catalog& catalog, const catalog::MessageFilter& filter) {
  catalog::PageRequest page{.limit = 1, .cursor = {}};
  for (;;) {
    LT_ASSIGN(const catalog::MessagePage found, catalog.list(filter, page));
    if (!found.items.empty()) return true;
    if (found.next_cursor.empty()) return false;
    page.cursor = found.next_cursor;
  }
}

template <class Map>
void name_changes(const char* what, const Map& now, const Map& next, ReloadReport& report) {
  for (const auto& [name, value] : next)
    if (!now.contains(name)) report.added.push_back(fmt::format("{} {}", what, name));
  for (const auto& [name, value] : now)
    if (!next.contains(name)) report.removed.push_back(fmt::format("{} {}", what, name));
}

}  // namespace

Result<void> check_same_process(const Graph& now, const Graph& next) {
  const BusSection &a = now.config.bus, &b = next.config.bus;
  std::vector<std::string> changed;
  const auto note = [&changed](const char* name, bool same) {
    if (!same) changed.emplace_back(name);
  };
  note("bus.name", a.name == b.name);
  note("bus.organ_id", a.organ_id == b.organ_id);
  note("bus.data", a.data == b.data);
  note("bus.shards", a.shards == b.shards);
  note("bus.journal_segment", a.journal_segment == b.journal_segment);
  note("bus.gather", a.gather == b.gather);
  note("bus.stop_time", a.stop_time == b.stop_time);
  note("disk.reserve", now.config.disk.reserve == next.config.disk.reserve);
  note("retention", now.config.retention == next.config.retention);
  note("encryption.master_key", now.config.encryption.master_key == next.config.encryption.master_key);
  note("admin.listen", now.config.admin.listen == next.config.admin.listen);
  if (changed.empty()) return {};
  return fail(refused(fmt::format("{} cannot change while running", fmt::join(changed, ", ")),
                      "put the old value back and reload, or restart the bus: nothing accepted is lost by it"));
}

Result<void> check_stranded(const Graph& next, const std::vector<engine::LaneStatus>& lanes) {
  std::vector<std::string> stranded;
  for (const auto& lane : lanes) {
    if (next.policy.destinations.contains(lane.destination)) continue;
    const size_t left = lane.queued + lane.in_flight + lane.retry + lane.held + lane.unknown + lane.behind;
    if (left > 0) stranded.push_back(fmt::format("{} ({} unfinished)", lane.destination, left));
  }
  if (stranded.empty()) return {};
  return fail(refused(fmt::format("deliveries would be stranded: {}", fmt::join(stranded, ", ")),
                      "keep the destination until they are delivered, or discard them (lienthong discard); to send "
                      "them elsewhere keep its name and change its settings"));
}

std::vector<std::string> changed_order_keys(const Graph& now, const Graph& next) {
  std::vector<std::string> changed;
  for (const auto& [name, type] : now.schemas->types()) {
    const auto* after = next.schemas->find(name);
    if (after && order_key_text(type.file) != order_key_text(after->file)) changed.push_back(name);
  }
  return changed;
}

Result<void> check_order_keys(const std::vector<std::string>& types, catalog::Catalog& catalog) {
  for (const auto& type : types) {
    for (auto state = DeliveryState::queued; state <= DeliveryState::behind;
         state = static_cast<DeliveryState>(static_cast<int>(state) + 1)) {
      catalog::MessageFilter filter;
      filter.type = type;
      filter.state = state;
      LT_ASSIGN(const bool found, any(catalog, filter));
      if (!found) continue;
      return fail(
          refused(fmt::format("the order key of {} would change while messages of it are {}", type, state_name(state)),
                  "put the old order_key back until they are delivered or discarded: they were put in order by it"));
    }
  }
  return {};
}

ReloadReport compare(const Graph& now, const Graph& next) {
  ReloadReport report;
  name_changes("listener", now.config.listeners, next.config.listeners, report);
  name_changes("endpoint", now.config.endpoints, next.config.endpoints, report);
  name_changes("destination", now.config.destinations, next.config.destinations, report);
  name_changes("principal", now.config.principals, next.config.principals, report);
  name_changes("type", now.schemas->types(), next.schemas->types(), report);
  name_changes("mapping", now.mappings->entries(), next.mappings->entries(), report);
  report.config_hash = next.config.hash;
  return report;
}

}  // namespace lt::runtime
