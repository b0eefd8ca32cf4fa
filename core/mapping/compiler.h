// Turns a rule file into a Program. Private to this room.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/domain.h"
#include "core/mapping/mapping.h"
#include "core/mapping/program.h"
#include "core/mapping/rule_file.h"
#include "core/mapping/source_scope.h"
#include "core/mapping/target_shape.h"

namespace lt::mapping {

template <class T>
uint32_t push(std::vector<T>& list, T value) {
  list.push_back(std::move(value));
  return static_cast<uint32_t>(list.size() - 1);
}

class Compiler {
 public:
  Compiler(const RuleFile& file, const CompileParts& parts, config::Diagnostics& out)
      : file_(file),
        parts_(parts),
        out_(out),
        source_(*parts.source, file.source.root.text, out),
        program_(std::make_unique<Program>()) {}

  // Null after findings.
  std::unique_ptr<Program> run();

 private:
  // compile.cc: shapes and findings
  static std::string_view strip_root(std::string_view path);
  void head();
  std::unique_ptr<Program> stylesheet(size_t errors_before);
  void read_types();
  Slot slot_of(const TargetNode& node, const Rule* rule) const;
  void emit_children(const TargetNode& parent, const SourceScope& scope, bool required);
  void emit_checks(const TargetNode& parent, const SourceScope& scope);
  // `required`: the target cannot do without it, as far as the objects that only dotted paths made go.
  void emit_node(const TargetNode& node, const SourceScope& scope, bool required);
  void emit_group(const TargetNode& node, const Rule& rule, const SourceScope& scope, bool required);
  void emit_body(const TargetNode& node, const Rule& rule, const SourceScope& scope, bool required, uint32_t slot);
  void emit_each(const TargetNode& node, const Rule& rule, const SourceScope& scope, bool required);
  void emit_item(const TargetNode& node, const Rule& rule, const SourceScope& scope);
  // The object of one item, and what is in it.
  void emit_item_object(const TargetNode& node, const Rule& rule, const SourceScope& scope);
  int match_on(const Rule& rule, const SourceScope& scope, SourceScope& item);
  void keep_rest(const TargetNode& node, const Place& place, const Resolved& from, uint32_t path);
  void rule_ref(const TargetNode& node, const Rule* rule);
  void may_be_missing(const TargetNode& node, const Rule& rule);
  void check_unused();

  // compile_values.cc: pieces of operations, single values
  Op& emit(Verb verb, uint32_t a = 0, uint32_t b = 0);
  uint32_t here() const;
  uint32_t path_code(SourcePath path);
  Resolved resolve(const Text& text, const SourceScope& scope, bool each, SourcePath& path);
  uint32_t regex(const Text& text, bool whole);
  uint32_t constant(const Text& text, Form form);
  // The conditions of a rule; their operations are skipped to `end`, which the caller sets with `close`.
  std::vector<uint32_t> emit_when(const Rule& rule, const SourceScope& scope);
  void close(const std::vector<uint32_t>& guards);
  uint32_t expression(const Text& text, const SourceScope& scope, bool condition);
  uint32_t table_use(const Rule& rule, const SourceScope& scope);
  static void read_any_day(TableCode& code);
  uint32_t date_use(const Text& name, bool backwards);
  uint32_t link_use(const Rule& rule);
  void emit_value(const TargetNode& node, const Rule& rule, const SourceScope& scope, bool required, bool item);
  // Loads the value; true when it can be absent.
  bool emit_origin(const TargetNode& node, const Rule& rule, const SourceScope& scope, Form form, Resolved& from);
  void check_scalar(const Resolved& found, const Rule& rule, const TargetNode& node);
  bool emit_join(const Rule& rule, const SourceScope& scope);
  void emit_blob(const TargetNode& node, const Rule& rule, const SourceScope& scope);
  void emit_transforms(const TargetNode& node, const Rule& rule, const SourceScope& scope);

  // compile_fit.cc: does the target take what a rule can give?
  Domain domain_of(const TargetNode& node, const Rule& rule, const Resolved* found) const;
  void date_domain(const Rule& rule, Domain& out) const;
  void table_domain(const Rule& rule, Domain& out) const;
  void check_fit(const TargetNode& node, const Rule& rule, const Resolved* found, Slot& slot);
  void check_count(const TargetNode& node, const Rule& rule, const Resolved& found, Slot& slot);
  void say_unfit(const TargetNode& node, const Rule& rule, bool always, const std::string& why);

  // compile_tables.cc: do tables know the codes of both sides, and do names agree?
  struct CodesOf {
    std::string file;                // "" when nothing is known
    std::vector<std::string> codes;  // all there are
    bool closed = false;             // the schema refuses others
    schema::ScalarRule rule;
    const schema::CodeList* list = nullptr;
    bool takes(const std::string& code) const;
  };
  CodesOf codes_of(const schema::Model* model, schema::TypeId type);
  void check_table(const TargetNode& node, const Rule& rule, const Resolved& from);
  void check_coverage(const Rule& rule, const schema::CodeTable& table, const CodesOf& source, const CodesOf& target);
  void check_code(const schema::CodeTable& table, const schema::CodeRow& row, const std::string& code,
                  const CodesOf& side, const char* which);
  void check_names(const schema::CodeTable& table, const schema::CodeRow& row, const CodesOf& source,
                   const CodesOf& target);
  void row_finding(bool error, Code code, const schema::CodeTable& table, const schema::CodeRow& row,
                   std::string message);

  const RuleFile& file_;
  const CompileParts& parts_;
  config::Diagnostics& out_;
  SourceResolver source_;
  std::vector<Rule> rules_;  // lowered
  std::unique_ptr<Program> program_;
  std::map<const Rule*, uint32_t> part_patterns_;
  schema::ScalarRule::Patterns scalar_patterns_;
  std::set<std::string> said_;  // of table rows: several rules may use a table
  uint32_t rule_ = 0;
};

}  // namespace lt::mapping
