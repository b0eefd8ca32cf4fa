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
};

enum class Origin : uint8_t { none, from, constant, parts, join, blob, index, envelope, each };
enum class Unmapped : uint8_t { hold, reject, keep, fallback };
enum class WhenAbsent : uint8_t { unsaid, omit, null, empty, hold };
enum class As : uint8_t { unsaid, decimal, integer, text, boolean };
enum class EnvelopeField : uint8_t { message_id, accepted_at };
enum class BlobForm : uint8_t { base64, reference };

struct Rule {
  Text target;
  Origin origin = Origin::none;
  Text source;    // path of from, parts, join, blob, each; the value of const
  int first = 0;  // of index
  bool group = false;
  std::vector<Rule> rules;  // of a group
  bool keep_rest = false;
  std::optional<Text> type, table, match, when, pattern, fallback, unmapped_value;
  std::vector<std::pair<Text, Text>> fields;  // of parts and join: group of the pattern -> path
  Unmapped unmapped = Unmapped::hold;
  WhenAbsent when_absent = WhenAbsent::unsaid;
  As as = As::unsaid;
  BlobForm blob = BlobForm::base64;
  EnvelopeField envelope = EnvelopeField::message_id;
  bool nfc = false;
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

struct Example {
  Text name;
  std::optional<Text> source, target, like, error;
  std::vector<std::pair<Text, Text>> set;  // path -> value
};

struct RuleFile {
  std::string file;  // as places name it
  Text name, title;
  int version = 0;
  Side source, target;
  std::vector<TableUse> tables;
  std::vector<TypeUse> types;
  std::vector<Rule> rules;
  bool keep_rest = false;
  std::vector<Text> ignore_source, ignore_target;
  std::vector<Example> examples;
  Place place;  // of `rules`
};

// Findings: unknown_key, missing_key, wrong_type, out_of_range; unknown_operator for keys of a rule, also for those of
// the language that this version does not have.
RuleFile read_rule_file(const config::Value& value, config::Diagnostics& diagnostics);

}  // namespace lt::mapping
