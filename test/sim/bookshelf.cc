#include "test/sim/bookshelf.h"

#include <fmt/format.h>

#include "core/catalog/json_out.h"
#include "core/catalog/sqlite_catalog.h"
#include "core/journal/history.h"

namespace lt::sim {
namespace {

constexpr size_t kBatch = 40;

// Waits until all that the journal holds is in.
void catch_up(catalog::Catalog& catalog, const journal::Journal& journal, const journal::History* history) {
  Position last;
  const auto read = journal::WholeLog(journal, history).read({}, [&last](const journal::RecordView& record) {
    if (record.type != journal::RecordType::carried) last = record.position;
    return true;
  });
  if (read && last.offset > 0) catalog.wait_until(last);
}

// Every answer about everything.
std::string answers(catalog::Catalog& catalog, const std::map<uint64_t, Id>& messages) {
  std::string out;
  const auto add = [&out](const auto& answer) { out += answer ? to_json(*answer) : answer.error().text(); };
  catalog::PageRequest page;
  for (bool more = true; more;) {
    auto rows = catalog.list({}, page);
    add(rows);
    out += '\n';
    more = rows && !rows->next_cursor.empty();
    if (more) page.cursor = rows->next_cursor;
  }
  for (const auto& [offset, id] : messages) {
    add(catalog.details(id));
    out += '\n';
  }
  for (int key = 1; key <= 5; ++key) {
    add(catalog.timeline(fmt::format("k{}", key)));
    out += '\n';
  }
  add(catalog.counts({}));
  add(catalog.causes({}, "", 100));
  return out;
}

std::string first_difference(const std::string& a, const std::string& b) {
  size_t i = 0;
  while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
  const size_t from = i < 100 ? 0 : i - 100;
  return "\"..." + a.substr(from, 200) + "\" and, made anew, \"..." + b.substr(from, 200) + '"';
}

}  // namespace

Bookshelf::~Bookshelf() { close(); }

void Bookshelf::open(const journal::Journal& journal, const journal::History* history) {
  catalog_ =
      catalog::open_sqlite_catalog(system_env(), clock_, journal, metrics_,
                                   {.directory = folder_.path() + "/lived", .reserve_bytes = 0, .history = history});
  catch_up(*catalog_, journal, history);
}

void Bookshelf::close() {
  batch_.clear();
  catalog_.reset();
}

void Bookshelf::note(Position position, Wall written, const Fact& fact) {
  batch_.push_back({position, written, std::make_shared<const Fact>(fact)});
}

void Bookshelf::hand_over() {
  if (batch_.size() < kBatch || !catalog_) return;
  const Position last = batch_.back().position;
  catalog_->apply(std::move(batch_));
  batch_.clear();
  catalog_->wait_until(last);
}

std::string Bookshelf::audit(const journal::Journal& journal, const journal::History* history,
                             const std::map<uint64_t, Id>& messages,
                             const std::map<DeliveryId, DeliveryState>& states) {
  if (!batch_.empty()) {
    const Position last = batch_.back().position;
    catalog_->apply(std::move(batch_));
    batch_.clear();
    catalog_->wait_until(last);
  }
  const auto anew =
      catalog::open_sqlite_catalog(system_env(), clock_, journal, metrics_,
                                   {.directory = folder_.path() + "/anew", .reserve_bytes = 0, .history = history});
  catch_up(*anew, journal, history);
  const std::string lived = answers(*catalog_, messages), made = answers(*anew, messages);
  if (lived != made) return "it answers " + first_difference(lived, made);
  for (const auto& [offset, id] : messages) {
    const auto details = catalog_->details(id);
    if (!details) return "0:" + std::to_string(offset) + " is not found: " + details.error().text();
    for (const auto& row : details->deliveries) {
      const DeliveryId delivery{{0, offset}, row.ordinal};
      const auto expected = states.find(delivery);
      if (expected == states.end()) return delivery.text() + " is known to nobody else";
      DeliveryState state = expected->second;
      // These only the engine knows.
      const bool waits =
          state == DeliveryState::behind || (state == DeliveryState::held && row.destination == "removed");
      if (waits) state = row.state == DeliveryState::retry ? DeliveryState::retry : DeliveryState::queued;
      if (row.state != state) {
        return fmt::format("{} is {} there and {} in the engine", delivery.text(), state_name(row.state),
                           state_name(state));
      }
    }
  }
  return {};
}

}  // namespace lt::sim
