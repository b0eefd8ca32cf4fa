// Records of the journal for people and for scripts, one line each.
#pragma once

#include <string>

#include "core/journal/offline.h"

namespace lt::cli {

struct RecordOptions {
  bool json = false;
  bool bodies = false;  // they hold personal data
};

// "0:592  2026-11-20 08:30:00  accepted  ..." or one JSON object, without the line end. A record whose header cannot be
// read says so in place of its meaning.
std::string record_text(const journal::OfflineRecord& record, const RecordOptions& options);

std::string_view type_name(journal::RecordType type);

}  // namespace lt::cli
