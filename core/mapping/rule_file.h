// A mapping file as it is written: read and checked for form, nothing resolved yet. Every text keeps its place.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/config/diagnostics.h"
#include "core/config/value.h"

namespace lt::mapping {

struct Text {
  std::string text;
  Place place;
  bool quoted = false;
  bool null = false;
  std::string base = {};  // of an expression: a path from the scope, where its relative paths start; "" = the scope
};

// Where a rule takes its value from. Those from `item` on no author writes: core/mapping/lower.h and invert.h make
// them.
enum class Origin : uint8_t {
  none,
  from,
  constant,
  parts,
  join,
  blob,
  index,
  envelope,
  each,
  one_way,    // an expression
  only_back,  // an expression over the target; the rule's key is a source path
  one_of,
  spread,
  items,   // each of `rules` is a group that makes one item
  item,    // one item
  expect,  // the source, when there, is the constant `fallback`
  cases,   // the source, or `by` of each item of it, is among the keys of `fields`
  rest     // undeclared fields of the source object
};
enum class Unmapped : uint8_t { hold, reject, keep, fallback };
enum class WhenAbsent : uint8_t { unsaid, omit, null, empty, hold };
enum class As : uint8_t { unsaid, decimal, integer, text, boolean };
enum class EnvelopeField : uint8_t { message_id, accepted_at };
// How the bytes of a file stand in a document: base64 text; base64 of a ZIP with that one file; an address; the name of
// a part sent beside the document. `as_is`: the text as it stands.
enum class BlobForm : uint8_t { base64, zip, url, part, as_is };
enum class Embedded : uint8_t { none, json, xml };
// How much of the source comes back when a document is mapped there and back.
enum class Fidelity : uint8_t { exact, canonical, lossy };

struct Rule;

struct Case {
  std::vector<Text> is;
  std::vector<Rule> rules;
};
struct MatchOn {
  Text array, key, equals;  // the items of `array` whose `key` has the text of `equals`, a path from the scope
};

struct Rule {
  Text target;
  Origin origin = Origin::none;
  Text source;    // path of from, parts, join, blob, each, one_of, spread; the value of const; an expression
  int first = 0;  // of index
  bool group = false;
  std::vector<Rule> rules;  // of a group
  bool keep_rest = false;
  std::vector<Text> when;  // all must hold
  std::optional<Text> type, table, match, pattern, fallback, unmapped_value, required_when, where, link;
  std::vector<std::pair<Text, Text>> fields;    // of parts and join: group of the pattern -> path
  std::vector<std::pair<Text, Text>> set;       // back: source fields that a present target sets
  std::vector<std::pair<Text, Text>> prefixes;  // of spread: value -> prefix
  std::vector<Case> cases;
  Text by;  // of spread: the field of an item that names its prefix
  std::optional<MatchOn> match_on;
  Unmapped unmapped = Unmapped::hold;
  bool unmapped_said = false;
  WhenAbsent when_absent = WhenAbsent::unsaid;
  As as = As::unsaid;
  BlobForm blob = BlobForm::base64, blob_from = BlobForm::base64;
  std::optional<Text> blob_name;  // path of the file's name, for carriers that have one
  EnvelopeField envelope = EnvelopeField::message_id;
  Embedded embedded_source = Embedded::none, embedded_target = Embedded::none;
  Text embedded_schema, embedded_root;
  bool nfc = false, trim = false;
  bool omit_default = false;  // back: omit_if_default
  bool unfit_held = false;    // what the target's schema refuses is held: nothing to warn of
  bool one_way = false;       // nothing in reverse
  bool skip_other = false;    // one_of: another value writes nothing

  // Made by invert() and lower() only.
  bool shared = false;         // others may write the same field; all must agree
  bool weak = false;           // of several that write a field, one that is exact decides
  bool only_real = false;      // an item is made when something but constants is in it
  bool backwards = false;      // types, tables and links are read from target to source
  std::optional<Text> verify;  // a pattern that the result must match
  std::optional<Text> absent_value;
};

struct Side {
  bool xml = false;
  Text schema, root;
  std::vector<std::pair<std::string, std::string>> ns;  // prefix -> URI
};

struct TableUse {
  Text name, file;
  std::optional<Text> as_of;
};

struct TypeUse {
  Text name, pattern, to;
  std::optional<Text> zone;
};

struct LinkUse {
  Text name;
  std::vector<std::pair<Text, Text>> bases;  // source -> target
};

struct Example {
  Text name;
  std::optional<Text> source, target, like, error;
  std::vector<std::pair<Text, Text>> set;  // path -> value
  std::optional<Fidelity> round_trip;
  bool reverse = false;  // `target` is given, `source` is expected
};

struct RuleFile {
  std::string file;  // as places name it
  Text name, title;
  int version = 0;
  Side source, target;
  std::vector<TableUse> tables;
  std::vector<TypeUse> types;
  std::vector<LinkUse> links;
  std::vector<Rule> rules;
  bool keep_rest = false;
  bool unfit_held = false;
  std::optional<Text> stylesheet;    // xslt, instead of rules
  std::optional<Fidelity> promised;  // reverse: exact | canonical | lossy
  bool no_reverse = false;           // reverse: none
  Text promise;                      // where that is said
  std::vector<Text> ignore_source, ignore_target;
  std::vector<Example> examples;
  Place place;  // of `rules`
  // Made by invert() only: required fields may stay away, the document is not for anybody.
  bool partial = false;
};

// Findings: unknown_key, missing_key, wrong_type, out_of_range; unknown_operator for keys of a rule.
RuleFile read_rule_file(const config::Value& value, config::Diagnostics& diagnostics);

// The operators of a rule, for hints, editors and `map fmt`, in the order they are written in.
const std::vector<std::string>& operator_names();

}  // namespace lt::mapping
