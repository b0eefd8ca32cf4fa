// The interpreter of a Program: one run over one document. Private to this room.
#pragma once

#include <re2/re2.h>

#include <optional>

#include "core/base/limits.h"
#include "core/mapping/mapping.h"
#include "core/mapping/program.h"

namespace lt::mapping {

class Runner final : public NodeFinder {
 public:
  Runner(const Program& program, const Node* source, Tree& target, const RunContext& context)
      : program_(program), root_(source), target_(target), context_(context) {}

  Result<void> run() {
    Node* root = target_.make(Kind::object, program_.root.name);
    root->ns = program_.root.ns;
    Frame frame{root_, root, nullptr, 0};
    if (!execute(0, static_cast<uint32_t>(program_.ops.size()), frame)) return fail(std::move(*error_));
    if (frame.missing && !missing(*frame.missing)) return fail(std::move(*error_));
    target_.set_root(root);
    return {};
  }

 private:
  // One source scope and the target object being filled from it.
  struct Frame {
    const Node* scope;
    Node* out;
    const Op* missing;  // the first store of a required field that had no value
    uint32_t index;     // of the item, in an each
  };
  enum class State : uint8_t { absent, null, text, number, boolean, blob, object };
  struct Current {
    State state = State::absent;
    bool flag = false;
    std::string_view text;
    BlobRange blob;
    const Node* node = nullptr;  // where it came from
  };

  bool stop(Code code, const Op& op, const Node* at, std::string detail) {
    const RuleRef& rule = program_.rules[op.rule];
    Place place = rule.place;
    place.path = at ? path_of(at) : rule.source;
    error_.emplace(code, rule.target + " <- " + rule.source + " " + detail, std::move(place));
    return false;
  }
  bool missing(const Op& op) {
    return stop(Code::source_missing, op, nullptr, "has no value, but the target requires it");
  }

  const Node* walk(const PathCode& path, const Node* scope) const {
    const Node* at = path.from_root ? root_ : scope;
    for (uint32_t i = 0; i < path.up && at; ++i) {
      at = at->parent;
      while (at && at->kind == Kind::array) at = at->parent;
    }
    for (const auto& step : path.steps) {
      if (!at || at->kind != Kind::object) return nullptr;
      at = at->find(step);
    }
    return at;
  }
  const Node* find(uint32_t path) const override {
    return walk(program_.paths[condition_->paths[path]], condition_scope_);
  }

  // run.cc: the shape of the target
  bool execute(uint32_t at, uint32_t end, Frame& frame);
  bool object(const Op& op, uint32_t pc, const Node* scope, Frame& outer);
  void add(const Slot& slot, Node* node, Node* out);
  bool each(const Op& op, uint32_t pc, Frame& outer);
  bool no_items(const Op& op, const Slot& slot, Frame& outer);
  void rest(const Op& op, Frame& frame);
  // Depth is that of the parsed document: bounded.
  Node* copy(const Node* from);
  bool store(const Op& op, const Current& value, Frame& frame);
  bool store_number(const Op& op, const Slot& slot, const Current& value, Frame& frame);
  Node* write(const Slot& slot, Kind kind, Frame& frame);

  // run_values.cc: single values
  static Current load(const Node* node);
  void set(Current& value, const Constant& constant);
  std::string_view digits(uint32_t number);
  bool transform(const Op& op, Frame& frame, Current& value);
  static re2::StringPiece piece(std::string_view text);
  bool match_whole(uint32_t pattern, std::string_view text);
  bool part(const Op& op, Current& value);
  bool join(const Op& op, Frame& frame, Current& value);
  bool date(const Op& op, Current& value);
  bool check_base64(const Op& op, Current& value);
  bool convert(const Op& op, Current& value);
  bool table(const Op& op, Frame& frame, Current& value);
  // ISO, a pattern of the mapping's own types, or the 14 digits of the national portal.
  bool read_day(std::string_view text, schema::Day& day) const;

  const Program& program_;
  const Node* root_;
  Tree& target_;
  const RunContext& context_;
  const ConditionCode* condition_ = nullptr;
  const Node* condition_scope_ = nullptr;
  re2::StringPiece groups_[limits::kPatternGroups + 1];  // of the last match
  uint32_t matched_ = UINT32_MAX;
  std::string_view matched_text_;
  std::optional<Error> error_;
};

}  // namespace lt::mapping
