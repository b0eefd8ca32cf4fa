// Erasing on a person's order: the data key of a day and class is destroyed, and with it every body sealed under it -
// in the journal, carried forward, in the blob store, in backups of these.
#pragma once

#include <string>

#include "core/base/env.h"
#include "core/base/metrics.h"
#include "core/journal/keys.h"
#include "core/message/carried.h"

namespace lt::runtime {

// For a data directory that no bus runs on: the caller holds its lock. Who and why are durable in the journal before
// the key goes, so that a start of the bus finishes what a crash in between leaves. False: nothing was sealed under it.
// Error usage: the day is not over, its writer would go on under another key.
Result<bool> erase(Env& env, const Clock& clock, const std::string& data, journal::KeyStore& keys,
                   const ErasureRecord& order);

}  // namespace lt::runtime
