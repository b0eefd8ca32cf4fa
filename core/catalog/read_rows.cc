#include "core/catalog/read_rows.h"

#include <algorithm>
#include <cstring>

#include "core/catalog/rows.h"

namespace lt::catalog {
namespace {

constexpr size_t kShownReceivers = 20;

std::vector<BusinessKey> split_keys(std::string_view packed) {
  std::vector<BusinessKey> keys;
  for (const auto& line : split_lines(packed)) {
    const size_t tab = std::min(line.find('\t'), line.size());
    keys.push_back({line.substr(0, tab), tab < line.size() ? line.substr(tab + 1) : std::string()});
  }
  return keys;
}

Result<std::optional<MessageRow>> find_in(ReadFiles& files, Day day, const Id& id) {
  LT_ASSIGN(Database * database, files.open(day));
  if (!database) return std::nullopt;
  LT_ASSIGN(const auto snapshot, Snapshot::begin(*database));
  LT_ASSIGN(Statement * query,
            database->prepare("SELECT " + std::string(kMessageColumns) + " FROM message m WHERE m.id=?"));
  LT_ASSIGN(const bool row, query->bind_blob(1, bytes_of(id)).step());
  if (!row) {
    query->reset();
    return std::nullopt;
  }
  MessageRow message = read_message(*query, files.partition());
  query->reset();
  LT_TRY(add_deliveries(*database, message));
  return message;
}

}  // namespace

Id id_of(std::string_view bytes) {
  Id id;
  std::memcpy(id.bytes.data(), bytes.data(), std::min(bytes.size(), id.bytes.size()));
  return id;
}

MessageRow read_message(const Statement& row, uint32_t partition) {
  MessageRow message;
  message.position = {partition, static_cast<uint64_t>(row.integer(0))};
  message.id = id_of(row.text(1));
  message.accepted = from_ms(row.integer(2));
  message.type = row.text(3);
  message.endpoint = row.text(4);
  message.principal = row.text(5);
  message.from = row.text(6);
  message.order_key = row.text(7);
  message.correlates = row.text(8);
  message.keys = split_keys(row.text(9));
  return message;
}

Result<void> add_deliveries(Database& database, MessageRow& message) {
  LT_ASSIGN(
      Statement * query,
      database.prepare("SELECT destination, receivers, state, code, detail, ordinal FROM delivery WHERE pos=? ORDER BY "
                       "ordinal"));
  query->bind(1, static_cast<int64_t>(message.position.offset));
  for (;;) {
    LT_ASSIGN(const bool row, query->step());
    if (!row) break;
    ++message.deliveries;
    if (message.to.size() < kShownReceivers) {
      auto receivers = split_lines(query->text(1));
      if (receivers.empty() && !query->text(0).empty()) receivers.emplace_back(query->text(0));
      for (auto& receiver : receivers) {
        if (message.to.size() < kShownReceivers) message.to.push_back(std::move(receiver));
      }
    }
    const auto state = static_cast<DeliveryState>(query->integer(2));
    if (message.deliveries > 1 && badness(state) <= badness(message.state)) continue;
    message.state = state;
    message.code = static_cast<Code>(query->integer(3));
    message.detail = query->text(4);
    message.ordinal = static_cast<uint16_t>(query->integer(5));
  }
  query->reset();
  return {};
}

Result<std::optional<Found>> find_message(ReadFiles& files, const Id& id) {
  int64_t ms = 0;
  for (int i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[static_cast<size_t>(i)];
  const Day likely = day_of(from_ms(ms));
  std::vector<Day> days = files.days();
  std::stable_partition(days.begin(), days.end(), [likely](Day day) { return day == likely; });
  for (const Day day : days) {
    LT_ASSIGN(auto message, find_in(files, day, id));
    if (message) return Found{day, std::move(*message)};
  }
  return std::nullopt;
}

int badness(DeliveryState state) {
  switch (state) {
    case DeliveryState::dead:
      return 9;
    case DeliveryState::unknown:
      return 8;
    case DeliveryState::held:
      return 7;
    case DeliveryState::retry:
      return 6;
    case DeliveryState::behind:
      return 5;
    case DeliveryState::in_flight:
      return 4;
    case DeliveryState::queued:
      return 3;
    case DeliveryState::discarded:
      return 2;
    case DeliveryState::superseded:
      return 1;
    case DeliveryState::delivered:
      return 0;
  }
  return 0;
}

}  // namespace lt::catalog
