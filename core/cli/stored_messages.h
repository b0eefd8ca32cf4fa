// The last messages of a data directory that a mapping would translate, for `map diff --on last-N`. Nothing is written:
// the bus may run.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/env.h"
#include "core/mapping/mapping.h"
#include "core/schema/schema_store.h"

namespace lt {
struct Node;
}

namespace lt::cli {

struct StoredQuery {
  std::string data, key_file;  // key_file "": master.key of the data directory, when there is one
  size_t last = 100;           // messages
  std::string mapping;         // its name
  const schema::Model* source = nullptr;
  std::string source_schema;  // as the mapping names it
};

struct StoredCounts {
  size_t messages = 0, documents = 0;
  size_t sealed = 0;      // no key for the body, or it was destroyed
  size_t unreadable = 0;  // the body is gone from the store, or is no document any more
};

// Calls `visit` for each document, oldest message first; a message of several parts gives one for each part that the
// mapping translates. The context says day and message as at delivery. Views live during the call.
Result<StoredCounts> read_stored(
    Env& env, const schema::SchemaStore& types, const StoredQuery& query,
    const std::function<void(const std::string& name, const Node* document, const mapping::RunContext&)>& visit);

}  // namespace lt::cli
