// A compiled mapping: translates a document of one schema into a document of another.
//
//   auto mapping = compile(read_rule_file(yaml, diagnostics), parts, diagnostics);   // null when anything was wrong
//   Tree target;
//   LT_TRY(run(*mapping, source.root(), target, {as_of}));
//   LT_ASSIGN(auto encoded, encode(*mapping, target));                               // core/mapping/encode.h
//
// A Mapping is immutable and shared by all threads. `run` is pure: no clock, no I/O, no heap allocation per field (the
// arena of `target` aside). The target tree borrows names from the mapping and texts from the source tree: keep both
// alive, unmoved, until the target has been encoded.
//
// Errors of `run` (all 422): source_missing, bad_value, no_table_row (hold), table_refused (reject), bad_date_value,
// rules_disagree, constant_differs, no_case, value_does_not_fit, too_much_work, bad_embedded, ambiguous_match,
// bad_base64, bad_zip and too_large of a short file, stylesheet_failed.
// `place` holds the rule's file:line:col and the source path; `detail` names target and source path and the table.
// Values are shown only where they are codes (table look-ups), never otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/message/tree.h"
#include "core/schema/code_list.h"
#include "core/schema/code_table.h"

namespace lt::config {
class Diagnostics;
}
namespace lt::schema {
struct Model;
}

namespace lt::mapping {

struct RuleFile;
struct Program;

// How files stand apart from the documents of a mapping.
struct FileTraffic {
  bool takes_parts = false;      // `carrier: part`: beside the source document, in a multipart body
  bool gives_parts = false;      // `as: part`: Encoded::parts
  bool fetches = false;          // `carrier: url`: Encoded::wanted
  bool gives_addresses = false;  // `as: url`: EncodeOptions::address
};

class Mapping {
 public:
  explicit Mapping(std::unique_ptr<const Program> program);
  ~Mapping();

  const std::string& name() const;
  int version() const;
  const std::string& title() const;
  const std::string& label() const;  // "onestop-to-judicial@3", as outcomes record it
  const std::string& file() const;
  bool source_is_xml() const;
  bool target_is_xml() const;
  FileTraffic files() const;
  const std::string& source_schema() const;  // as the file names it
  const std::string& target_schema() const;
  const std::vector<std::pair<std::string, std::string>>& namespaces() const;  // prefix -> URI for writing the target
  const Program& program() const { return *program_; }

 private:
  std::unique_ptr<const Program> program_;
};

// What a mapping is compiled against. The models are needed while compiling only.
struct CompileParts {
  const schema::Model* source = nullptr;
  const schema::Model* target = nullptr;
  std::map<std::string, std::shared_ptr<const schema::CodeTable>> tables;  // by their name in the file
  std::map<std::string, std::shared_ptr<const schema::Model>> embedded;    // by the name of their schema
  std::map<std::string, std::shared_ptr<const schema::CodeList>> lists;    // by Type::codes
  std::shared_ptr<const std::string> stylesheet;                           // the text of `xslt`
};

// Resolves all paths, orders the rules as the target schema wants its fields, and lints. Null when there were errors.
// Findings, each at file:line:col: unknown_source_path, unknown_target_path, required_unfed, may_be_missing,
// unknown_operator, bad_expression, unused_source (warning), duplicate_target, repeated_path, needs_rules,
// unknown_table, unknown_type, pattern_error, never_fits, may_not_fit (warning), table_gap (warning), table_foreign,
// table_names (warning), bad_stylesheet, no_reverse (warning).
std::shared_ptr<const Mapping> compile(const RuleFile& file, const CompileParts& parts,
                                       config::Diagnostics& diagnostics);

// Which rule wrote what, from where: for `map explain` and coverage.
struct Trace {
  struct Wrote {
    const Node* target = nullptr;
    uint32_t rule = 0;             // index of Program::rules
    const Node* source = nullptr;  // null: a constant, an expression
    const schema::CodeRow* row = nullptr;
    const std::string* table = nullptr;  // its name in the file
  };
  std::vector<Wrote> wrote;
};

struct RunContext {
  schema::Day as_of = 0;         // tables that name no as_of path are read as of this day
  std::string_view message_id;   // for `envelope: message_id`; kept alive like the source
  std::string_view accepted_at;  // for `envelope: accepted_at`, an ISO date-time with offset
  Trace* trace = nullptr;
  uint64_t* steps = nullptr;  // set to the work done, also after an error: operations, and nodes looked at
};

// Translates; `target` gets a new root. On an error its root is what it was.
Result<void> run(const Mapping& mapping, const Node* source, Tree& target, const RunContext& context);

}  // namespace lt::mapping
