// What one node of a document may be: the types and fields a Model (model.h) is made of.
//
// A Type says what one Node of a Tree may be; a Field says under which name and how often it may stand in an object.
//   JSON array      Field of 0..1 (or 1..1) whose Type has kArray; its items are Type::items
//   repeated element  Field with max_occurs > 1; its Type is that of one element (XML has no array nodes)
//   XML attribute   Field "@name";   text beside attributes or elements: Field "#text", first among equals
//   element without attributes and children  a scalar Type (kinds kString; `scalar` says how the text reads)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/message/tree.h"

namespace lt::schema {

using TypeId = uint32_t;
inline constexpr TypeId kNoType = UINT32_MAX;
inline constexpr uint32_t kUnbounded = UINT32_MAX;

// Which kinds of node a Type admits. kNumber includes kInteger (1.0 is an integer, as in draft-07).
enum : uint8_t {
  kNull = 1,
  kBoolean = 2,
  kInteger = 4,
  kNumber = 8,
  kString = 16,
  kArray = 32,
  kObject = 64,
  kAnyKind = 127
};
// How the text of a scalar reads: the XSD built-in, or type and format in JSON Schema.
enum class Scalar : uint8_t {
  any,
  string,
  integer,
  decimal,
  boolean,
  date,
  time,
  date_time,
  duration,
  year,
  year_month,
  base64,
  hex,
  uri,
  email,
  uuid
};
enum class Format : uint8_t { json, xml };
// What happens to the blanks of an XSD value before it is looked at (xs:whiteSpace).
enum class Blanks : uint8_t { keep, replace, collapse };
std::string_view name_of(Scalar scalar);

// An allowed value of enum or const. `text` is the string, or the JSON text of anything else.
struct Literal {
  const Node* node = nullptr;  // in a tree of Model::documents; null for XSD
  std::string text;
};
struct Bound {
  std::string text;  // decimal, as written
  bool exclusive = false;
};

struct Field {
  std::string name;  // local name; "@name" an attribute, "#text" the text
  std::string ns;    // namespace URI, "" for JSON and unqualified names
  TypeId type = kNoType;
  bool required = false;  // in every valid document (false inside a choice)
  uint32_t min_occurs = 0;
  uint32_t max_occurs = 1;
  bool nillable = false;  // xsi:nil
  int choice = -1;        // of an xs:choice: fields with the same number and another branch exclude one another
  int branch = -1;
  std::optional<std::string> fixed, fallback;  // XSD fixed= and default=; JSON default when a scalar
  std::string title;                           // as people call it, Vietnamese in our schemas
  std::string description;
  Place place;
};

// xs:any and xs:anyAttribute: what may stand there without being declared.
struct Wildcard {
  std::vector<std::string> namespaces;  // those taken, or with `except` those not taken; "" = no namespace
  bool except = true;
  enum class Process : uint8_t { strict, lax, skip } process = Process::strict;  // must it be declared globally?
};

// xs:sequence, xs:choice, xs:all as written, for the order of children and for a checker of XML.
struct Particle {
  enum class Kind : uint8_t { element, sequence, choice, all, any } kind = Kind::sequence;
  uint32_t min_occurs = 1, max_occurs = 1;
  uint32_t field = 0;  // of an element: index in Type::fields
  Wildcard wildcard;   // of an any
  std::vector<Particle> children;
};

struct PatternField {
  std::string pattern;
  TypeId type = kNoType;
  Place place;
};
struct Dependency {
  std::string name;
  std::vector<std::string> required;
  TypeId type = kNoType;
  Place place;
};

struct Type {
  uint8_t kinds = kAnyKind;  // 0: nothing is valid (JSON Schema `false`)
  Scalar scalar = Scalar::any;
  std::string name, title, description;  // name: of the definition or XSD type, "" when anonymous
  std::string codes;                     // code list its values are of (code_list.h), below the schemas root; "" = none
  Place place;
  std::string_view built_in;  // XSD built-in that the text is of or derives from, "token"; "" = none
  Blanks blanks = Blanks::keep;
  // text and numbers
  std::optional<uint64_t> min_length, max_length;  // code points; bytes for base64 and hex
  std::vector<std::string> patterns;               // all must match; RE2 syntax, XSD ones already anchored
  std::string format;                              // JSON Schema format, "" = none
  std::optional<std::vector<Literal>> allowed;     // enum, or const as an enum of one
  std::optional<Bound> minimum, maximum;
  std::string multiple_of;  // "" = none
  std::optional<uint32_t> total_digits, fraction_digits;
  // objects
  std::vector<Field> fields;        // in the order of the schema
  bool ordered = false;             // children must come in that order (xs:sequence)
  bool open = true;                 // other fields may appear (additionalProperties not false, xs:any)
  std::optional<Particle> content;  // XSD only
  std::optional<Wildcard> any_attribute;
  TypeId additional = kNoType;  // what those others must be; kNoType = anything
  std::vector<PatternField> pattern_fields;
  std::vector<std::string> required;  // all required names, also undeclared ones
  TypeId names = kNoType;             // propertyNames
  std::optional<uint64_t> min_fields, max_fields;
  std::vector<Dependency> dependencies;
  // arrays
  TypeId items = kNoType;  // every item, or those after `tuple`; kNoType = anything
  std::vector<TypeId> tuple;
  bool more_items = true;  // false: additionalItems false
  std::optional<uint64_t> min_items, max_items;
  bool unique = false;
  TypeId contains = kNoType;
  // combinations
  std::vector<TypeId> all_of, any_of, one_of;
  TypeId never = kNoType;  // `not`
  TypeId when = kNoType, then = kNoType, otherwise = kNoType;

  bool may_be(uint8_t kind) const { return (kinds & kind) != 0; }
};

}  // namespace lt::schema
