// One parsed YAML document: maps, lists and scalars, each with the place it was written at.
//
// Nothing is typed here: `no`, `0123` and `1e3` are the texts they look like until a field spec (spec.h) reads them. A
// plain null (`~`, `null`, nothing after the colon) is Kind::null; its place is that of its key or of its list.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/hash.h"

namespace lt::config {

class Value {
 public:
  enum class Kind : uint8_t { null, scalar, list, map };
  struct Member;

  Kind kind = Kind::null;
  bool quoted = false;          // a scalar in quotes or a block scalar
  mutable bool secret = false;  // came from the environment or a file, or was read by a secret field: never print it
  bool unresolved = false;      // holds a reference that could not be expanded; reported already, not to be read
  std::string text;             // of a scalar, references expanded
  std::string written;          // of a scalar with references: the text before they were expanded
  std::vector<Value> items;     // of a list
  std::vector<Member> members;  // of a map, in the order written, keys unique

  std::shared_ptr<const std::string> file;  // null for a Value made by hand
  int line = 0, column = 0;                 // from 1; columns count code points

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }

  Place place() const;
  // The member of that name, or null. Null, too, when this is no map.
  const Member* member(std::string_view key) const;
  // Its value, or null.
  const Value* find(std::string_view key) const;
  // The text for messages: in quotes, shortened; "<secret>" for a secret; "a list", "a map", "nothing".
  std::string shown() const;
};

struct Value::Member {
  std::string key;
  int line = 0, column = 0;  // of the key
  Value value;

  Place place() const;
};

// Does the name of a key say that its value is a secret (password, token, ...)?
bool names_secret(std::string_view key);

// SHA-256 of the content: map members sorted by key, positions and comments left out, secrets and expanded references
// as written (`${file:...}`) or, where written in clear under a secret field or a name that says so, as "<secret>".
// Compute it after the field specs were read: reading marks the secret fields. Its hex text is the `config_hash` of
// outcomes.
Sha256 content_hash(const Value& value);

}  // namespace lt::config
