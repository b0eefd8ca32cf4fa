// How a rule file is turned round. Private to this room.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/date_pattern.h"
#include "core/mapping/invert.h"
#include "core/mapping/path.h"

namespace lt::mapping {

class Inverter {
 public:
  Inverter(const RuleFile& file, const CompileParts& parts) : file_(file), parts_(parts) {}
  Inverse run();

 private:
  using Steps = std::vector<PathStep>;
  using Names = std::vector<std::string>;
  // Where a rule stands, within the document or the innermost item.
  struct Scope {
    Steps source;                               // of the object that its source paths start from
    Names target;                               // of the object that its target paths start from
    const std::vector<Rule>* beside = nullptr;  // the rules among which it stands
    std::string level;                          // "$.TaiLieuNop": of the item, as notes name it
    bool item = false;
    const MatchOn* match_on = nullptr;
    std::vector<Rule>* matched = nullptr;  // rules that write the items found by match_on
    std::vector<Text> guards;              // of the reverse: which case of a one_of the target shows
    bool shared = false;
    Reason unless;  // what is said of fields that only some documents bring
  };
  struct Source {
    Steps steps;
    std::vector<Rule>* out = nullptr;
  };

  void rules(const std::vector<Rule>& rules, Scope scope, std::vector<Rule>& out);
  void rule(const Rule& rule, const Scope& scope, std::vector<Rule>& out);
  void group(const Rule& rule, const Scope& scope, std::vector<Rule>& out);
  void embedded(const Rule& rule, const Scope& scope, std::vector<Rule>& out);
  void each(const Rule& rule, const Scope& scope, std::vector<Rule>& out);
  void match_on(const Rule& rule, const Source& from, const std::string& target, std::vector<Rule> matched,
                const std::vector<Rule>& found, std::vector<Rule>& out);
  void items(const Rule& rule, const Scope& scope, std::vector<Rule>& out);
  void one_of(const Rule& rule, const Scope& scope, std::vector<Rule>& out);
  std::optional<Text> guard(const Rule& rule, size_t chosen, const Scope& scope, bool& by_structure) const;
  void value(const Rule& rule, const Scope& scope, std::vector<Rule>& out);
  void parts(const Rule& rule, const Scope& scope, std::vector<Rule>& out);
  void join(const Rule& rule, const Scope& scope, std::vector<Rule>& out);
  void set(const Rule& rule, const Scope& scope, std::vector<Rule>& out);
  void expect(const Rule& rule, const Scope& scope, std::vector<Rule>& out);

  // Where the target keeps the name of a file: the field that another rule beside this one fills with it.
  std::optional<Text> name_back(const Rule& rule, const Scope& scope) const;
  // The reverse of the operators on a value, and how well they come back.
  void turn(const Rule& rule, Rule& to, Fidelity& fidelity, Reason& why) const;
  Fidelity date(const Text& name, Reason& why) const;
  std::optional<Source> source_of(const std::string& path, const Scope& scope, std::vector<Rule>& out) const;
  std::optional<Names> target_of(const std::string& path, const Scope& scope) const;
  // Puts a rule that writes `path`, into an item when the path picks one.
  void put(Rule made, const Scope& scope, const Source& path, const Names& target, std::vector<Rule>& out);
  void note(const Scope& scope, const Steps& source, const Rule& rule, Fidelity fidelity, Reason why);
  // All that lies at or below `source` is lost at times, whatever the rules there say.
  void whole(const Scope& scope, const Steps& source, const Rule& rule, Reason why);
  void keep_when(const Rule& rule, const Scope& scope, const Steps& source);
  void lost(const Scope& scope, const Rule& rule, const std::string& path, Reason why);

  const RuleFile& file_;
  const CompileParts& parts_;
  Inverse result_;
};

}  // namespace lt::mapping
