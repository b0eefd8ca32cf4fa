// What every journal test needs: a disk in memory, a clock, and a journal of small segments on them.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "core/base/log.h"
#include "core/base/metrics.h"
#include "core/journal/stepped_journal.h"
#include "test/support/sim_env.h"

namespace lt::journal {

struct Disk {
  test::SimEnv env;
  ManualClock clock;
  Metrics metrics;
  FileJournalOptions options{"j", 0, 16 << 10, std::chrono::microseconds(0), 0};
  uint32_t salts = 1000;

  Disk() { log::set_level(log::Level::error); }  // these tests break disks by the thousand

  Result<std::unique_ptr<SteppedJournal>> open(KeyStore* keys = nullptr) {
    return SteppedJournal::open(env, clock, keys, metrics, options, [this] { return ++salts; });
  }
  std::unique_ptr<SteppedJournal> open_ok(KeyStore* keys = nullptr) {
    auto journal = open(keys);
    if (!journal) FAIL(journal.error().text());
    return std::move(*journal);
  }
  std::vector<std::string> segments() const {
    std::vector<std::string> out;
    for (const auto& path : env.files())
      if (path.ends_with(".seg")) out.push_back(path);
    return out;
  }
};

inline Record record(std::string header, std::string body = "", RecordType type = RecordType::accepted,
                     KeyClass key_class = KeyClass::none) {
  return {type, key_class, std::move(header), std::move(body)};
}

// Appends one record and steps until it is answered.
inline Result<Position> put(SteppedJournal& journal, Record r) {
  Result<Position> out = fail(Code::bug, "not answered");
  journal.append(std::move(r), [&](Result<Position> result) { out = std::move(result); });
  journal.flush();
  return out;
}

inline std::vector<std::string> headers(const Journal& journal, Position from = {}) {
  std::vector<std::string> out;
  const auto read = journal.read(from, [&](const RecordView& view) {
    out.emplace_back(view.header);
    return true;
  });
  if (!read) out.push_back("error: " + read.error().text());
  return out;
}

}  // namespace lt::journal
