// counts and causes: what waits, where, and for which few reasons.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "core/base/limits.h"
#include "core/catalog/read_rows.h"

namespace lt::catalog {
namespace {

constexpr size_t kMostGroups = 10'000;  // while gathering; beyond that many the details were not worth grouping by
constexpr size_t kSamples = 5;

bool within(Day day, const Span& span) {
  return (!span.since || day >= day_of(*span.since)) && (!span.until || start_of(day) < *span.until);
}

using GroupKey = std::tuple<DeliveryState, Code, std::string, std::string>;

Result<void> add_sample(Database& database, int64_t position, CauseGroup& group) {
  if (group.samples.size() >= kSamples) return {};
  LT_ASSIGN(Statement * query, database.prepare("SELECT id FROM message WHERE pos=?"));
  LT_ASSIGN(const bool row, query->bind(1, position).step());
  if (row) {
    const Id id = id_of(query->text(0));
    if (std::find(group.samples.begin(), group.samples.end(), id) == group.samples.end()) group.samples.push_back(id);
  }
  query->reset();
  return {};
}

Result<void> group_day(Database& database, std::string_view destination, std::map<GroupKey, CauseGroup>& groups) {
  LT_ASSIGN(const auto snapshot, Snapshot::begin(database));
  const std::string sql = fmt::format(
      "SELECT state, code, destination, cause, count(*), min(changed), max(changed), max(pos), min(pos) FROM delivery"
      " WHERE state IN (2, 3, 4, 7) AND state<>2{} GROUP BY state, code, destination, cause",
      destination.empty() ? "" : " AND destination=?");
  LT_ASSIGN(Statement * query, database.prepare(sql));
  if (!destination.empty()) query->bind(1, destination);
  for (;;) {
    LT_ASSIGN(const bool row, query->step());
    if (!row) break;
    GroupKey key{static_cast<DeliveryState>(query->integer(0)), static_cast<Code>(query->integer(1)), query->text(2),
                 query->text(3)};
    auto found = groups.find(key);
    if (found == groups.end()) {
      if (groups.size() == kMostGroups) continue;
      CauseGroup fresh;
      std::tie(fresh.state, fresh.code, fresh.destination, fresh.detail) = key;
      fresh.first_seen = from_ms(query->integer(5));
      fresh.last_seen = from_ms(query->integer(6));
      found = groups.emplace(std::move(key), std::move(fresh)).first;
    }
    CauseGroup& group = found->second;
    group.count += static_cast<uint64_t>(query->integer(4));
    group.first_seen = std::min(group.first_seen, from_ms(query->integer(5)));
    group.last_seen = std::max(group.last_seen, from_ms(query->integer(6)));
    LT_TRY(add_sample(database, query->integer(7), group));
    LT_TRY(add_sample(database, query->integer(8), group));
  }
  query->reset();
  return {};
}

}  // namespace

Result<std::vector<StateCount>> state_counts(ReadFiles& files, const Span& span) {
  std::map<std::pair<std::string, DeliveryState>, int64_t> sums;
  size_t walked = 0;
  for (const Day day : files.days()) {
    if (!within(day, span)) continue;
    if (walked++ == limits::kCatalogDays) break;
    LT_ASSIGN(Database * database, files.open(day));
    if (!database) continue;
    LT_ASSIGN(Statement * query, database->prepare("SELECT destination, state, n FROM tally WHERE n<>0"));
    for (;;) {
      LT_ASSIGN(const bool row, query->step());
      if (!row) break;
      sums[{std::string(query->text(0)), static_cast<DeliveryState>(query->integer(1))}] += query->integer(2);
    }
    query->reset();
  }
  std::vector<StateCount> counts;
  for (const auto& [what, n] : sums) {
    if (n > 0) counts.push_back({what.first, what.second, static_cast<uint64_t>(n)});
  }
  return counts;
}

Result<std::vector<CauseGroup>> cause_groups(ReadFiles& files, const Span& span, std::string_view destination,
                                             size_t limit) {
  if (limit < 1 || limit > limits::kCatalogPage)
    return fail(Code::usage, fmt::format("limit must be 1 to {}", limits::kCatalogPage));
  std::map<GroupKey, CauseGroup> groups;
  size_t walked = 0;
  for (const Day day : files.days()) {
    if (!within(day, span)) continue;
    if (walked++ == limits::kCatalogDays) break;
    LT_ASSIGN(Database * database, files.open(day));
    if (database) LT_TRY(group_day(*database, destination, groups));
  }
  std::vector<CauseGroup> out;
  for (auto& [key, group] : groups) out.push_back(std::move(group));
  std::stable_sort(out.begin(), out.end(), [](const CauseGroup& a, const CauseGroup& b) { return a.count > b.count; });
  if (out.size() > limit) out.resize(limit);
  return out;
}

}  // namespace lt::catalog
