// list: one SQL statement per day, built from the filter; days are walked newest first.
#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/catalog/read_rows.h"
#include "core/catalog/rows.h"

namespace lt::catalog {
namespace {

constexpr std::string_view kAfterAllText = "\xF4\x8F\xBF\xBF";  // the last code point: ends a prefix range
constexpr int64_t kManyMatches = 2'000;
constexpr uint8_t kStates = static_cast<uint8_t>(DeliveryState::superseded) + 1;

struct Cursor {
  int64_t accepted = 0;
  Id id;
};

// What a filter is, as text: pages of another filter are told by its checksum.
uint32_t fingerprint(const MessageFilter& filter) {
  std::string text;
  if (filter.key)
    text += fmt::format("k{}\x1f{}\x1f{}", static_cast<int>(filter.key->match), filter.key->text, filter.key->name);
  text += fmt::format("\x1e{}\x1e{}\x1e{}\x1e{}\x1e{}\x1e{}\x1e{}\x1e{}", filter.from, filter.to, filter.type,
                      filter.endpoint, filter.destination, filter.state ? static_cast<int>(*filter.state) : -1,
                      filter.worst, static_cast<int>(filter.code));
  text +=
      fmt::format("\x1e{}\x1e{}", filter.since ? to_ms(*filter.since) : -1, filter.until ? to_ms(*filter.until) : -1);
  return crc32c(0, text);
}

std::string write_cursor(const Cursor& cursor, uint32_t filter) {
  return fmt::format("{:016x}{}{:08x}", static_cast<uint64_t>(cursor.accepted), hex(bytes_of(cursor.id)), filter);
}

Result<Cursor> read_cursor(std::string_view text, uint32_t filter) {
  std::string bytes;
  if (text.size() != 56 || !parse_hex(text, bytes)) return fail(Code::bad_cursor, "not a cursor");
  const auto number = [&](size_t at, size_t size) {
    uint64_t n = 0;
    for (size_t i = at; i < at + size; ++i) n = n << 8 | static_cast<uint8_t>(bytes[i]);
    return n;
  };
  if (number(24, 4) != filter) return fail(Code::bad_cursor, "the cursor is of another filter");
  return Cursor{static_cast<int64_t>(number(0, 8)), id_of(std::string_view(bytes).substr(8, 16))};
}

// A WHERE clause under construction, with its values in order.
struct Where {
  struct Blob {
    std::string bytes;
  };
  std::string sql;
  std::vector<std::variant<int64_t, std::string, Blob>> values;

  void add(std::string_view condition, auto... with) {
    sql += sql.empty() ? " WHERE " : " AND ";
    sql += condition;
    (values.emplace_back(std::move(with)), ...);
  }
  void bind(Statement& statement, int parameter) const {
    for (const auto& value : values) {
      if (const auto* n = std::get_if<int64_t>(&value)) statement.bind(parameter, *n);
      if (const auto* text = std::get_if<std::string>(&value)) statement.bind(parameter, std::string_view(*text));
      if (const auto* blob = std::get_if<Blob>(&value)) statement.bind_blob(parameter, blob->bytes);
      ++parameter;
    }
  }
};

bool troubled(DeliveryState s) {
  return s == DeliveryState::retry || s == DeliveryState::held || s == DeliveryState::unknown ||
         s == DeliveryState::dead;
}

Where key_condition(const KeyFilter& key) {
  std::string folded;
  fold_key(key.text, folded);
  Where where;
  switch (key.match) {
    case Match::exact:
      where.add("k.folded=?", folded);
      break;
    case Match::prefix:
      where.add("k.folded>=? AND k.folded<?", folded, folded + std::string(kAfterAllText));
      break;
    case Match::substring:
      where.add("instr(k.folded, ?)>0", folded);
      break;
  }
  if (!key.name.empty()) where.add("k.name=?", key.name);
  return where;
}

// Few matches are looked up one by one and sorted; many are met soon on a walk in time order (the '+' forbids
// look-ups).
Result<void> add_key(Database& database, const KeyFilter& key, Where& where) {
  Where inner = key_condition(key);
  LT_ASSIGN(Statement * count, database.prepare("SELECT count(*) FROM (SELECT 1 FROM key k" + inner.sql + " LIMIT ?)"));
  inner.bind(*count, 1);
  LT_TRY(count->bind(static_cast<int>(inner.values.size()) + 1, kManyMatches + 1).step());
  const bool many = count->integer(0) > kManyMatches;
  count->reset();
  where.add(std::string(many ? "+" : "") + "m.pos IN (SELECT k.pos FROM key k" + inner.sql + ")");
  for (auto& value : inner.values) where.values.push_back(std::move(value));
  return {};
}

// By the day's tally: may some delivery there be in that state, or to that destination?
Result<bool> worth_looking(Database& database, const MessageFilter& filter) {
  if (!filter.state && filter.destination.empty()) return true;
  Where where;
  where.add("n>0");
  if (filter.state) where.add("state=?", int64_t{static_cast<uint8_t>(*filter.state)});
  if (!filter.destination.empty()) where.add("destination=?", filter.destination);
  LT_ASSIGN(Statement * query, database.prepare("SELECT 1 FROM tally" + where.sql + " LIMIT 1"));
  where.bind(*query, 1);
  LT_ASSIGN(const bool row, query->step());
  query->reset();
  return row;
}

void add_delivery_conditions(Where& where, const MessageFilter& filter) {
  // Numbers are written out: SQLite uses a partial index only when it can see the condition.
  Where inner;
  const bool indexed = (filter.state && troubled(*filter.state)) || filter.code != Code::none;
  if (!indexed) inner.add("d.pos=m.pos");
  if (filter.state && troubled(*filter.state)) inner.add("d.state IN (2, 3, 4, 7)");
  if (filter.state) inner.add(fmt::format("d.state={}", static_cast<int>(*filter.state)));
  if (filter.code != Code::none) inner.add(fmt::format("d.code<>0 AND d.code={}", static_cast<int>(filter.code)));
  if (!filter.destination.empty()) inner.add("d.destination=?", filter.destination);
  if (!filter.to.empty()) {
    inner.add("(instr(d.receivers, ?)>0 OR instr(d.receivers, ?)>0 OR d.destination=?)", "\n" + filter.to + "\n",
              "\n" + filter.to + ".", filter.to);
  }
  if (!filter.state && filter.code == Code::none && filter.destination.empty() && filter.to.empty()) return;
  where.add(indexed ? "m.pos IN (SELECT d.pos FROM delivery d" + inner.sql + ")"
                    : "EXISTS (SELECT 1 FROM delivery d" + inner.sql + ")");
  for (auto& value : inner.values) where.values.push_back(std::move(value));
  if (!filter.worst || !filter.state) return;
  std::string worse;
  for (uint8_t s = 0; s < kStates; ++s) {
    if (badness(static_cast<DeliveryState>(s)) > badness(*filter.state))
      worse += fmt::format("{}{}", worse.empty() ? "" : ",", s);
  }
  if (!worse.empty())
    where.add("NOT EXISTS (SELECT 1 FROM delivery w WHERE w.pos=m.pos AND w.state IN (" + worse + "))");
}

Where where_of(const MessageFilter& filter) {
  Where where;
  if (filter.since) where.add("m.accepted>=?", to_ms(*filter.since));
  if (filter.until) where.add("m.accepted<?", to_ms(*filter.until));
  // '/' follows '.', and '0' follows '/', in ASCII: the ranges hold exactly what stands below.
  if (!filter.from.empty())
    where.add("(m.sender=? OR (m.sender>? AND m.sender<?))", filter.from, filter.from + ".", filter.from + "/");
  if (filter.type.ends_with('/')) {
    where.add("m.type>=? AND m.type<?", filter.type, filter.type.substr(0, filter.type.size() - 1) + "0");
  } else if (!filter.type.empty()) {
    where.add("m.type=?", filter.type);
  }
  if (!filter.endpoint.empty()) where.add("m.endpoint=?", filter.endpoint);
  add_delivery_conditions(where, filter);
  return where;
}

// May a day be searched without looking at all of its messages? (An empty filter stops at the page's end.)
bool cheap(const MessageFilter& f) {
  if (f.key) return f.key->match != Match::substring;
  if ((f.state && troubled(*f.state)) || f.code != Code::none) return true;
  return f.from.empty() && f.to.empty() && f.type.empty() && f.endpoint.empty() && f.destination.empty() && !f.state;
}

Result<void> check(const MessageFilter& filter, const PageRequest& page) {
  if (page.limit < 1 || page.limit > limits::kCatalogPage)
    return fail(Code::usage, fmt::format("limit must be 1 to {}", limits::kCatalogPage));
  if (filter.key) {
    std::string folded;
    if (filter.key->text.size() <= limits::kName) fold_key(filter.key->text, folded);
    if (folded.empty()) return fail(Code::usage, fmt::format("a key to look for has 1 to {} bytes", limits::kName));
  }
  return {};
}

Result<void> list_day(Database& database, const MessageFilter& filter, const Cursor* after, size_t most,
                      uint32_t partition, std::vector<MessageRow>& out) {
  LT_ASSIGN(const auto snapshot, Snapshot::begin(database));
  LT_ASSIGN(const bool worth, worth_looking(database, filter));
  if (!worth) return {};
  Where where = where_of(filter);
  if (filter.key) LT_TRY(add_key(database, *filter.key, where));
  if (after) where.add("(m.accepted, m.id)<(?, ?)", after->accepted, Where::Blob{std::string(bytes_of(after->id))});
  const std::string sql =
      fmt::format("SELECT {} FROM message m{} ORDER BY m.accepted DESC, m.id DESC LIMIT ?", kMessageColumns, where.sql);
  LT_ASSIGN(Statement * query, database.prepare(sql));
  where.bind(*query, 1);
  query->bind(static_cast<int>(where.values.size()) + 1, static_cast<int64_t>(most));
  const size_t first = out.size();
  for (;;) {
    LT_ASSIGN(const bool row, query->step());
    if (!row) break;
    out.push_back(read_message(*query, partition));
  }
  query->reset();
  for (size_t i = first; i < out.size(); ++i) LT_TRY(add_deliveries(database, out[i]));
  return {};
}

}  // namespace

Result<MessagePage> list_messages(ReadFiles& files, const MessageFilter& filter, const PageRequest& page) {
  LT_TRY(check(filter, page));
  const uint32_t print = fingerprint(filter);
  std::optional<Cursor> after;
  if (!page.cursor.empty()) {
    LT_ASSIGN(after, read_cursor(page.cursor, print));
  }
  MessagePage answer;
  size_t walked = 0;
  const Mono deadline = files.clock().mono() + limits::kCatalogQueryTime;
  const size_t most = cheap(filter) ? limits::kCatalogDays : limits::kCatalogDaysScanned;
  for (const Day day : files.days()) {
    if (after && start_of(day) >= from_ms(after->accepted) + std::chrono::milliseconds(1)) continue;
    if (filter.until && start_of(day) >= *filter.until) continue;
    if (filter.since && day < day_of(*filter.since)) break;
    if (walked++ == most || (walked > 1 && files.clock().mono() >= deadline)) {
      // Everything accepted on the day before this one or later has been seen.
      const Wall seen = start_of(day) + std::chrono::days(1);
      answer.next_cursor = write_cursor({to_ms(seen), Id{}}, print);
      return answer;
    }
    LT_ASSIGN(Database * database, files.open(day));
    if (!database) continue;
    LT_TRY(list_day(*database, filter, after ? &*after : nullptr, page.limit + 1 - answer.items.size(),
                    files.partition(), answer.items));
    if (answer.items.size() > page.limit) {
      answer.items.pop_back();
      answer.next_cursor = write_cursor({to_ms(answer.items.back().accepted), answer.items.back().id}, print);
      return answer;
    }
  }
  return answer;
}

}  // namespace lt::catalog
