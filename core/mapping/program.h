// What a mapping compiles to: a flat array of operations over the arena tree. Private to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/mapping/date_pattern.h"
#include "core/mapping/expression.h"
#include "core/mapping/op.h"
#include "core/mapping/path.h"
#include "core/mapping/rule_file.h"
#include "core/message/tree.h"
#include "core/schema/code_table.h"
#include "core/schema/scalar_rule.h"

namespace re2 {
class RE2;
}
namespace lt::codec {
class Stylesheet;
}

namespace lt::mapping {

// How a target field is written.
enum class Form : uint8_t { text, number, boolean, as_is };
struct Slot {
  std::string name, ns;
  Form form = Form::text;
  bool required = false;
  bool null = false;   // null (JSON) or nil (XML) is admitted
  bool array = false;  // a JSON array around it
  WhenAbsent when_absent = WhenAbsent::unsaid;
  bool lax_number = false;                // "+7" and "007" are numbers here: the source is XML, or the rule says so
  bool any_blob = false;                  // a lifted string may pass: a blob rule, or source and target share a format
  bool shared = false;                    // other stores write the same field: all must agree
  bool weak = false;                      // unless one before it wrote the field already
  bool only_real = false;                 // an item is kept when something but constants is in it
  bool constant = false;                  // what it stores makes no item real
  bool item = false;                      // of an object: one item, not what a dotted path made
  bool see_through = false;               // of open: what is inside goes into the object around
  int fit = -1;                           // what the field may still refuse
  int match = -1;                         // of each: how the matched item is found
  uint64_t least = 0, most = UINT64_MAX;  // of each: items that the field takes
};

struct PathCode : SourcePath {
  int slot = -1;  // of a path from the root: where a run remembers its node
};
struct MatchCode {
  uint32_t array = 0, equals = 0;  // paths
  std::string key;
};
struct EmbedCode {
  bool xml = false;
  uint32_t path = 0;                                            // of open
  std::string root;                                             // of open: the element expected, "" = any
  std::vector<std::pair<std::string, std::string>> namespaces;  // of enclose: prefix -> URI
};
struct LinkCode {
  std::vector<std::pair<std::string, std::string>> bases;  // longest first
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
  bool backwards = false;  // from target to source
  // Backwards, of a table read as of a field: that day is not known yet, so codes that meant several things are held.
  bool any_day = false;
  std::vector<std::string> ambiguous;  // sorted
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
struct ExpressionCode {
  Expression expression;
  std::vector<uint32_t> paths;
  int base = -1;  // path from the scope to where relative paths start
};
struct BlobCode {
  BlobForm from = BlobForm::base64, to = BlobForm::base64;
  int name = -1;  // path
};
struct NameSet {
  std::vector<std::string> names;  // sorted
  std::string field;               // of cases: of the items
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
  std::shared_ptr<const codec::Stylesheet> stylesheet;  // instead of operations
  Place place;                                          // where it is named

  std::vector<Op> ops;
  std::vector<Slot> slots;
  std::vector<PathCode> paths;
  size_t root_paths = 0;  // of them from the root
  std::vector<Constant> constants;
  std::vector<DateType> dates;
  std::vector<TableCode> tables;
  std::vector<std::shared_ptr<const re2::RE2>> patterns;
  std::vector<Join> joins;
  std::vector<ExpressionCode> expressions;
  std::vector<BlobCode> blobs;
  std::vector<NameSet> name_sets;
  std::vector<MatchCode> matches;
  std::vector<EmbedCode> embeds;
  std::vector<LinkCode> links;
  std::vector<schema::ScalarRule> fits;
  std::vector<RuleRef> rules;
};

}  // namespace lt::mapping
