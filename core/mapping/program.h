// What a mapping compiles to: a flat array of operations over the arena tree. Private to this room.
//
// A field is a run of operations on one current value: [when] load [normalize match part date table as] [fallback]
// store. object, scope and each hold the operations up to `end`. Operands are indexes into the tables of the Program.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/mapping/condition.h"
#include "core/mapping/date_pattern.h"
#include "core/mapping/rule_file.h"
#include "core/schema/code_table.h"

namespace re2 {
class RE2;
}

namespace lt::mapping {

enum class Verb : uint8_t {
  object,    // a: slot           a target object without a scope of its own
  scope,     // a: slot, b: path  a target object, present when the source node is
  each,      // a: slot, b: path  once per source item; a JSON array is made first
  rest,      // a: name set       copies undeclared fields of the scope
  when,      // a: condition      false: the value is absent, go to `end`
  load,      // a: path
  constant,  // a: constant
  index,     // a: first number
  envelope,  // a: EnvelopeField
  join,      // a: join
  nfc,
  match,  // a: pattern
  part,   // a: pattern, b: group
  date,   // a: date type
  table,  // a: table use
  as_text,
  as_boolean,
  as_integer,
  as_decimal,
  base64,    // a small inline text must be base64
  fallback,  // a: constant
  store,     // a: slot
};

struct Op {
  Verb verb = Verb::load;
  uint32_t a = 0, b = 0;
  uint32_t end = 0;   // index after the last operation inside; of when: where to go on, the store of a field
  uint32_t rule = 0;  // for errors
};

// How a target field is written.
enum class Form : uint8_t { text, number, boolean, as_is };
struct Slot {
  std::string name, ns;
  Form form = Form::text;
  bool required = false;
  bool null = false;   // null (JSON) or nil (XML) is admitted
  bool array = false;  // a JSON array around it
  WhenAbsent when_absent = WhenAbsent::unsaid;
  bool lax_number = false;  // "+7" and "007" are numbers here: the source is XML, or the rule says so
  bool any_blob = false;    // a lifted string may pass: a blob rule, or source and target share a format
};

struct PathCode {
  bool from_root = false;
  uint32_t up = 0;
  std::vector<std::string> steps;
};
struct Constant {
  Kind kind = Kind::text;
  std::string text;
  bool flag = false;
};
struct DateType {
  std::string name;
  DatePattern from, to;
  int zone = 0;
};
struct TableCode {
  std::string name;
  std::shared_ptr<const schema::CodeTable> table;
  int as_of = -1;  // path, or -1: of the context
  Unmapped unmapped = Unmapped::hold;
  std::string fallback;
};
struct Join {
  struct Piece {
    std::string literal;
    int path = -1;  // instead of the literal
    int group = 0;  // of the pattern
  };
  std::vector<Piece> pieces;
  uint32_t pattern = 0;
};
struct ConditionCode {
  Condition condition;
  std::vector<uint32_t> paths;
};
struct RuleRef {
  Place place;
  std::string source, target;  // as written; the target with its groups
};

inline constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";

struct Program {
  std::string name, title, label, file, source_schema, target_schema;
  int version = 0;
  bool source_xml = false, target_xml = false;
  bool nil = false;         // some target element may be nil
  std::string source_root;  // the element expected, "" for JSON
  std::vector<std::pair<std::string, std::string>> namespaces;
  Slot root;

  std::vector<Op> ops;
  std::vector<Slot> slots;
  std::vector<PathCode> paths;
  std::vector<Constant> constants;
  std::vector<DateType> dates;
  std::vector<TableCode> tables;
  std::vector<std::shared_ptr<const re2::RE2>> patterns;
  std::vector<Join> joins;
  std::vector<ConditionCode> conditions;
  std::vector<std::vector<std::string>> name_sets;  // sorted
  std::vector<RuleRef> rules;
};

}  // namespace lt::mapping
