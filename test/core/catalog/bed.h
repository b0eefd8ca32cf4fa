// What the catalog's tests stand on: a journal in memory, a directory of their own, facts made in a line.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/env.h"
#include "core/base/hash.h"
#include "core/base/metrics.h"
#include "core/catalog/json_out.h"
#include "core/catalog/sqlite_catalog.h"

namespace lt::test {

using namespace std::chrono_literals;

// Keeps records in order; positions jump, as byte offsets do.
class MemoryJournal final : public journal::Journal {
 public:
  Position put(const Fact& fact, Wall written);
  void forget_before(Position position);  // as a trim does

  void append(journal::Record record, journal::Appended done) override;
  Result<void> read(Position from, const std::function<bool(const journal::RecordView&)>& visit) const override;
  Result<void> read_at(Position position, const std::function<void(const journal::RecordView&)>& visit) const override;
  Position oldest() const override;
  Position end() const override;
  void flush() override {}
  Figures figures() const override { return {}; }

 private:
  struct Kept {
    Position position;
    journal::Record record;
    Wall written;
  };
  mutable std::mutex mutex_;
  std::vector<Kept> kept_;
  Position end_{0, 64};
};

class Bed {
 public:
  Bed();
  ~Bed();

  void open(Env& env = system_env());
  void close() { catalog.reset(); }
  // Into the journal and, unless told otherwise, to the catalog. Waiting is up to the caller.
  Position write(Fact fact, bool tell = true);
  void wait() { catalog->wait_until(last); }

  // An accepted message to `destination` now; `edit` changes it before it is written.
  Position accept(const std::string& dossier, const std::string& destination = "axis",
                  const std::function<void(Envelope&)>& edit = {}, bool tell = true);
  Position outcome(Position message, DeliveryState state, const std::function<void(OutcomeFact&)>& edit = {},
                   uint16_t ordinal = 0, bool tell = true);
  Position action(Position message, ActionKind kind, const std::string& by, const std::string& why);
  Id id_of(Position message) const { return ids_of.at(message); }

  // Every answer the catalog gives about everything, as text: equal texts, equal catalogs.
  std::string dump();
  std::vector<std::string> files() const;
  std::string path(const std::string& name) const { return directory + "/" + name; }

  std::string directory;
  ManualClock clock;
  SeededIds ids{clock, 7};
  Metrics metrics;
  MemoryJournal journal;
  std::unique_ptr<catalog::Catalog> catalog;
  uint64_t reserve_bytes = 0;
  const journal::History* history = nullptr;  // what was trimmed off the journal
  Position last;
  std::map<Position, Id> ids_of;
  std::vector<catalog::Entry> written;  // everything so far, as handed to apply
};

}  // namespace lt::test
