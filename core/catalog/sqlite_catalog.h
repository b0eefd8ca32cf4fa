// The catalog in SQLite files of one directory: `catalog.db` (how far, which days) and `catalog-YYYYMMDD.db` per
// Vietnam day of the accept time. See README.md for the tables and for what happens at a crash.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/base/env.h"
#include "core/base/metrics.h"
#include "core/catalog/catalog.h"
#include "core/journal/history.h"
#include "core/journal/journal.h"

namespace lt::catalog {

struct SqliteCatalogOptions {
  std::string directory;
  // Pauses while the volume has less free: the rest is for the journal's outcomes.
  uint64_t reserve_bytes = uint64_t{128} << 20;
  // Facts gather so long (real time) before a transaction, unless somebody waits for them. Searches lag by as much.
  std::chrono::milliseconds linger{0};
  // What was trimmed off the journal; none: the journal is all there is. Outlives the catalog.
  const journal::History* history = nullptr;
};

// Starts the projector thread, which opens or makes the files and first reads from `journal` what it missed. Never
// fails: a damaged file is moved aside ("*.damaged-N") and made again, an unusable directory shows in status(). `env`,
// `clock`, `journal`, `metrics` outlive the catalog.
std::unique_ptr<Catalog> open_sqlite_catalog(Env& env, const Clock& clock, const journal::Journal& journal,
                                             Metrics& metrics, SqliteCatalogOptions options);

}  // namespace lt::catalog
