// The part of a field spec that does not depend on the struct it fills: what spec.h builds, what the parser, the JSON
// Schema and the reference pages are driven by. Components include spec.h.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/diagnostics.h"
#include "core/config/value.h"

namespace lt::config {

enum class FieldKind : uint8_t {
  text,
  secret,
  boolean,
  integer,
  duration,
  size,
  choice,
  parsed,
  path,
  object,
  list,
  map,
  raw
};

// What is said about a field besides its name and type. For integers `least` and `most` are numbers, for sizes bytes,
// for durations milliseconds, for texts the length in characters, for lists and maps the number of items.
struct About {
  bool required = false;
  std::string doc_en = {};
  std::string doc_vi = {};
  std::string example = {};
  int64_t least = std::numeric_limits<int64_t>::min();
  int64_t most = std::numeric_limits<int64_t>::max();
};

class ObjectSpec;

struct FieldSpec {
  std::string name;
  FieldKind kind = FieldKind::text;
  About about;
  std::string default_text;               // as it would be written; "" = none
  std::vector<std::string> choices;       // of a choice
  std::string form;                       // of a parsed text: what it is, e.g. "agency code"
  const ObjectSpec* object = nullptr;     // of an object
  std::shared_ptr<const FieldSpec> item;  // of a list or map
  // Reads the member's value into the struct at `target`; false after a finding.
  std::function<bool(const Value::Member& at, void* target, Diagnostics& diagnostics)> read;
};

// The fields of one kind of object. Base of Spec<T>.
class ObjectSpec {
 public:
  explicit ObjectSpec(std::string name) : name_(std::move(name)) {}

  const std::string& name() const {
    return name_;
  }  // "http endpoint"; for messages and as the schema's definition name
  const std::vector<FieldSpec>& fields() const { return fields_; }
  bool open() const { return static_cast<bool>(rest_); }  // takes unknown keys

 protected:
  // Reads all fields into the struct at `target`. `place` is where the object is named (its key, else its first line).
  // Reports everything wrong below; true when nothing was.
  bool read_into(const Value& value, const Place& place, void* target, Diagnostics& diagnostics) const;

  std::string name_;
  std::vector<FieldSpec> fields_;
  std::function<void(Value rest, void* target)> rest_;
  std::function<void(const Place& place, void* target)> place_;
  std::vector<std::function<bool(const Value& value, const void* target, Diagnostics& diagnostics)>> checks_;
};

// The scalar readers: nothing after a finding (wrong_type, out_of_range).
std::optional<std::string> read_text(const FieldSpec& field, const Value& value, Diagnostics& diagnostics);
std::optional<bool> read_bool(const FieldSpec& field, const Value& value, Diagnostics& diagnostics);
// Integers, sizes (bytes) and durations (milliseconds), range checked.
std::optional<int64_t> read_number(const FieldSpec& field, const Value& value, Diagnostics& diagnostics);
// Index into field.choices.
std::optional<size_t> read_choice(const FieldSpec& field, const Value& value, Diagnostics& diagnostics);
// Relative paths are taken from the folder of the file they are written in.
std::optional<std::string> read_path(const FieldSpec& field, const Value& value, Diagnostics& diagnostics);
bool read_list(const FieldSpec& field, const Value& value, Diagnostics& diagnostics);  // checks kind and size only
bool read_map(const FieldSpec& field, const Value& value, Diagnostics& diagnostics);
// A finding of a parsed field; wrong_type with the error's detail.
void report_unparsed(const FieldSpec& field, const Value& value, const Error& error, Diagnostics& diagnostics);

// JSON Schema (draft-07) of a document of that shape, for editors and `lienthong schema`.
std::string json_schema(const ObjectSpec& root, std::string_view title);
// A Markdown reference: one table per kind of object, reachable from `root`. `vietnamese` chooses the prose.
std::string reference_page(const ObjectSpec& root, bool vietnamese);

}  // namespace lt::config
