// The operations of a Program. Private to this room.
//
// A field is a run of operations on one current value: [when] load [normalize match part date table as] [fallback]
// store. object, scope, each and the like hold the operations up to `end`. Operands are indexes into the tables of the
// Program.
#pragma once

#include <cstdint>

namespace lt::mapping {

enum class Verb : uint8_t {
  object,    // a: slot            a target object without a scope of its own
  scope,     // a: slot, b: path   a target object, present when the source node is
  open,      // a: slot, b: embed  as scope, of the document inside a text
  enclose,   // a: slot, b: embed  what is inside becomes a document in a text
  each,      // a: slot, b: path   once per source item; a JSON array is made first
  item,      // a: slot            one item of a JSON array or repeated element
  rest,      // a: name set, b: path   copies undeclared fields of an object
  when,      // a: expression      false: the value is absent, go to `end`
  cases,     // a: name set, b: path   the value, or `field` of each item, is in the set
  require,   // a: slot            one of several stores must have written it
  load,      // a: path
  constant,  // a: constant
  index,     // a: first number
  envelope,  // a: EnvelopeField
  join,      // a: join
  evaluate,  // a: expression
  trim,
  nfc,
  match,  // a: pattern
  part,   // a: pattern, b: group
  date,   // a: date type
  table,  // a: table use
  link,   // a: link
  as_text,
  as_boolean,
  as_integer,
  as_decimal,
  base64,         // a small inline text must be base64
  carry,          // a: blob           the file in another form
  omit,           // a: constant   that value means absent
  expect,         // a: constant   anything else is refused
  fallback,       // a: constant
  required_when,  // a: expression
  store,          // a: slot
};

struct Op {
  Verb verb = Verb::load;
  uint32_t a = 0, b = 0;
  uint32_t end = 0;   // index after the last operation inside; of when: where to go on, the store of a field
  uint32_t rule = 0;  // for errors
};

}  // namespace lt::mapping
