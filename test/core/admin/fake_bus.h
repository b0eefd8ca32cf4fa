// A bus that answers what a test tells it to and remembers what it was asked.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/runtime/bus.h"

namespace lt::test {

class FakeCatalog final : public catalog::Catalog {
 public:
  void apply(std::vector<catalog::Entry>) override {}
  Position applied() const override { return {0, 4711}; }
  catalog::Status status() const override {
    return {.applied = applied(), .lagging = true, .lag_records = 3, .paused = {}};
  }
  void wait_until(Position) override {}
  void rebuild() override {}
  Result<catalog::MessagePage> list(const catalog::MessageFilter& filter, const catalog::PageRequest& page) override {
    const std::lock_guard lock(mutex);
    last_filter = filter;
    last_page = page;
    if (!page.cursor.empty()) return fail(Code::bad_cursor, "not a cursor");
    catalog::MessagePage out;
    out.items.push_back(row());
    out.next_cursor = "next";
    return out;
  }
  Result<catalog::MessageDetails> details(const Id& id) override {
    if (id != row().id) return fail(Code::no_such_message, id.text());
    catalog::MessageDetails out;
    out.message = row();
    return out;
  }
  Result<catalog::Timeline> timeline(std::string_view key) override {
    catalog::Timeline out;
    out.key = key;
    return out;
  }
  Result<std::vector<catalog::StateCount>> counts(const catalog::Span& span) override {
    const std::lock_guard lock(mutex);
    last_span = span;
    return std::vector<catalog::StateCount>{{"axis", DeliveryState::dead, 7}};
  }
  Result<std::vector<catalog::CauseGroup>> causes(const catalog::Span&, std::string_view destination,
                                                  size_t limit) override {
    catalog::CauseGroup group;
    group.code = Code::partner_refused;
    group.destination = destination;
    group.count = limit;
    return std::vector<catalog::CauseGroup>{group};
  }
  static catalog::MessageRow row() {
    catalog::MessageRow row;
    row.id = *Id::parse("0190a6c2-1111-7222-8333-444455556666");
    row.position = {0, 4711};
    row.type = "onestop/dossier";
    return row;
  }

  std::mutex mutex;
  catalog::MessageFilter last_filter;
  catalog::PageRequest last_page;
  catalog::Span last_span;
};

class FakeJournal final : public journal::Journal {
 public:
  void append(journal::Record, journal::Appended) override {}
  Result<void> read(Position, const std::function<bool(const journal::RecordView&)>&) const override { return {}; }
  Result<void> read_at(Position at, const std::function<void(const journal::RecordView&)>&) const override {
    return fail(Code::no_such_record, at.text());
  }
  Position oldest() const override { return {0, 592}; }
  Position end() const override { return {0, 9000}; }
  void flush() override {}
  Figures figures() const override { return {.records = 12, .batches = 3, .syncs = 3, .bytes = 4096, .failed = false}; }
};

class FakeBus final : public runtime::Bus {
 public:
  void stop() override {}
  std::shared_ptr<const runtime::Graph> graph() const override { return graph_; }
  Result<runtime::ReloadReport> reload(std::shared_ptr<const runtime::Graph>) override {
    if (refusal) return fail(*refusal);
    return runtime::ReloadReport{{"destination new"}, {}, "h2"};
  }
  std::map<std::string, uint16_t> ports() const override { return {}; }
  catalog::Catalog& catalog() override { return catalog_; }
  const journal::Journal& journal() const override { return journal_; }
  runtime::DiskFigures disk() const override { return disk_; }
  void operate(ActionFact fact, std::function<void(std::optional<Error>)> answer) override {
    facts.push_back(std::move(fact));
    if (!silent) answer(refusal);
  }
  void lanes(std::function<void(std::vector<engine::LaneStatus>)> answer) override {
    if (silent) return;  // as a stopped bus does: the question is dropped
    engine::LaneStatus lane;
    lane.destination = "axis";
    lane.dead = 2;
    lane.paused = true;
    lane.partner = "gov";
    lane.stopped_by = "Lan";
    lane.stopped_why = "bảo trì";
    lane.oldest = Wall(std::chrono::seconds(1'790'000'000 - 90));
    answer({lane});
  }
  void controls(std::function<void(std::vector<engine::ControlStatus>)> answer) override {
    engine::ControlStatus one;
    one.scope = ActionScope::route;
    one.name = "documents";
    one.draining = true;
    one.by = "Lan";
    one.why = "đóng sổ";
    one.at = Wall(std::chrono::seconds(1'790'000'000));
    answer({one});
  }
  void pending(size_t most, std::function<void(std::vector<engine::DeliveryStatus>)> answer) override {
    engine::DeliveryStatus one{.id = {{0, 4711}, 2},
                               .destination = "axis",
                               .state = DeliveryState::retry,
                               .attempts = 3,
                               .behind = {},
                               .detail = std::to_string(most)};
    one.next_at = Wall(std::chrono::seconds(1'790'000'000));
    answer({one});
  }
  Result<runtime::Retained> retain() override {
    if (refusal) return fail(*refusal);
    runtime::Retained done;
    done.segments_freed = 3;
    return done;
  }
  std::optional<Error> unready() const override { return why_not; }
  void clock_moved() override {}

  std::optional<Error> why_not, refusal;
  bool silent = false;
  std::vector<ActionFact> facts;
  FakeCatalog catalog_;
  FakeJournal journal_;
  std::shared_ptr<runtime::Graph> graph_ = std::make_shared<runtime::Graph>();
  runtime::DiskFigures disk_{.free = 5 << 20, .reserve = 1 << 20, .growth_per_day = 1 << 20, .full_in_days = 4};
};

}  // namespace lt::test
