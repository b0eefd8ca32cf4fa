// The interpreter of a Program: one run over one document. Private to this room.
#pragma once

#include <re2/re2.h>

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/base/limits.h"
#include "core/mapping/mapping.h"
#include "core/mapping/program.h"

namespace lt::mapping {

class Runner {
 public:
  Runner(const Program& program, const Node* source, Tree& target, const RunContext& context)
      : program_(program),
        root_(source),
        target_(target),
        context_(context),
        unique_names_(!program.source_xml && program.embeds.empty()) {}

  Result<void> run();
  uint64_t steps() const { return limits::kMappingSteps - steps_; }

 private:
  // One source scope and the target object being filled from it.
  struct Frame {
    const Node* scope;
    Node* out;
    const Op* missing;    // the first store of a required field that had no value
    uint32_t index;       // of the item, in an each
    const Node* matched;  // the item found by match_on, null when there is none
    bool real;            // something but constants was written
  };
  enum class State : uint8_t { absent, null, text, number, boolean, blob, object };
  struct Current {
    State state = State::absent;
    bool flag = false;
    std::string_view text;
    const Node* node = nullptr;  // where it came from; of a blob it holds the range
    const schema::CodeRow* row = nullptr;
    const std::string* table = nullptr;
  };
  class Finder final : public PathFinder {
   public:
    Finder(const Runner& runner, const ExpressionCode& code, const Frame& frame);
    const Node* find(uint32_t path, const Node* item) const override;

   private:
    const Runner& runner_;
    const ExpressionCode& code_;
    const Frame& frame_;
    const Node* scope_;
  };
  using MatchIndex = std::unordered_map<std::string_view, const Node*>;

  bool stop(Code code, const Op& op, const Node* at, std::string detail);
  bool stop(Error error, const Op& op);
  bool missing(const Op& op);
  const Node* walk(const PathCode& path, const Node* scope, const Node* matched) const;
  const Node* walk(uint32_t path, const Frame& frame) const {
    return walk(program_.paths[path], frame.scope, frame.matched);
  }
  const Node* first_named(const Node* of, std::string_view name) const;
  const Node* child(const Node* of, const PathStep& step) const;
  void trace(const Op& op, const Node* written, const Current& value);

  // run.cc: one operation after the other
  bool execute(uint32_t at, uint32_t end, Frame& frame);
  bool shape(const Op& op, uint32_t& pc, Frame& frame);
  bool guard(const Op& op, const Frame& frame, bool& holds);
  void rest(const Op& op, Frame& frame);
  // Depth is that of the parsed document: bounded.
  Node* copy(const Node* from);

  // run_objects.cc: objects, repeated groups, documents in texts
  bool object(const Op& op, uint32_t pc, const Node* scope, Frame& outer);
  bool scope(const Op& op, uint32_t pc, const Node* at, Frame& frame);
  bool open(const Op& op, uint32_t pc, Frame& frame);
  bool enclose(const Op& op, uint32_t pc, Frame& frame);
  bool each(const Op& op, uint32_t pc, Frame& outer);
  bool item(const Op& op, uint32_t pc, Frame& outer);
  bool no_items(const Op& op, const Slot& slot, Frame& outer);
  bool matched(const Op& op, int match, const Node* item, const Frame& outer, const Node*& found);
  bool cases(const Op& op, const Frame& frame);
  Node* array_in(const Slot& slot, Frame& outer, bool& fresh);
  void add(const Slot& slot, Node* node, Node* out);

  // run_store.cc: values into the target
  bool store(const Op& op, const Current& value, Frame& frame);
  bool fits(const Op& op, const Slot& slot, const Current& value, Frame& frame);
  bool absent(const Op& op, const Slot& slot, bool null, Frame& frame);
  bool store_value(const Op& op, const Slot& slot, const Current& value, Frame& frame);
  bool store_number(const Op& op, const Slot& slot, const Current& value, Frame& frame);
  Node* write(const Slot& slot, Kind kind, Frame& frame);
  // Another rule wrote this field already: do they agree?
  bool agree(const Op& op, const Slot& slot, Frame& frame);

  // run_values.cc: single values
  static Current load(const Node* node);
  static void load(const Node* node, Current& value);  // in place: copied whole it costs as much as all the rest
  void set(Current& value, const Constant& constant);
  std::string_view digits(uint32_t number);
  bool transform(const Op& op, Frame& frame, Current& value);
  bool transform_text(const Op& op, Frame& frame, Current& value);
  static re2::StringPiece piece(std::string_view text);
  bool match_whole(uint32_t pattern, std::string_view text);
  bool part(const Op& op, Current& value);
  bool join(const Op& op, Frame& frame, Current& value);
  bool date(const Op& op, Current& value);
  bool check_base64(const Op& op, Current& value);
  bool carry(const Op& op, Frame& frame, Current& value);
  bool convert(const Op& op, Current& value);
  bool table(const Op& op, Frame& frame, Current& value);
  void link(const Op& op, Current& value);
  bool expect(const Op& op, const Current& value);
  bool evaluate(const Op& op, Frame& frame, Current& value);
  // ISO, a pattern of the mapping's own types, or the 14 digits of the national portal.
  bool read_day(std::string_view text, schema::Day& day) const;

  const Program& program_;
  const Node* root_;
  Tree& target_;
  const RunContext& context_;
  mutable uint64_t steps_ = limits::kMappingSteps;
  size_t converted_ = 0;                        // bytes of short files in another form: a small ZIP can hold much
  mutable std::vector<const Node*> from_root_;  // where paths from the root lead, once they were walked
  re2::StringPiece groups_[limits::kPatternGroups + 1];  // of the last match
  uint32_t matched_ = UINT32_MAX;
  std::string_view matched_text_;
  std::map<std::pair<int, const Node*>, MatchIndex> match_indexes_;
  // Where the last child was found, to go on from there: fields mostly come in the order of the rules. Only where no
  // name stands twice in an object, which JSON knows.
  const bool unique_names_;
  mutable const Node* hint_of_ = nullptr;
  mutable const Node* hint_ = nullptr;
  std::optional<Error> error_;
};

}  // namespace lt::mapping
