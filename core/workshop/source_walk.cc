#include "core/workshop/source_walk.h"

#include "core/base/limits.h"

namespace lt::workshop {
namespace {

bool has_text(const Node* field, std::string_view text) {
  if (field && field->kind == Kind::object) field = field->find("#text");
  return field && field->text == text;
}

const Node* child(const Node* of, const mapping::PathStep& step) {
  const Node* at = of->find(step.name);
  if (!at || step.where.empty()) return at;
  const bool array = at->kind == Kind::array;
  for (const Node* item = array ? at->first : at; item; item = item->next) {
    if (item->kind != Kind::object || (!array && item->name != step.name)) continue;
    if (has_text(item->find(step.where), step.equals)) return item;
  }
  return nullptr;
}

}  // namespace

class SourceWalk::Finder final : public mapping::PathFinder {
 public:
  Finder(const SourceWalk& walk, const mapping::ExpressionCode& code, const Node* scope)
      : walk_(walk), code_(code), scope_(walk.start_of(code, scope)) {}
  const Node* find(uint32_t path, const Node* item) const override {
    return walk_.walk(code_.paths[path], item ? item : scope_);
  }

 private:
  const SourceWalk& walk_;
  const mapping::ExpressionCode& code_;
  const Node* scope_;
};

const Node* SourceWalk::start_of(const mapping::ExpressionCode& code, const Node* scope) const {
  return code.base < 0 ? scope : walk(static_cast<uint32_t>(code.base), scope);
}

const Node* SourceWalk::walk(uint32_t index, const Node* scope) const {
  const mapping::PathCode& path = program_.paths[index];
  const Node* at = path.from_root ? root_ : path.matched ? nullptr : scope;
  for (uint32_t i = 0; i < path.up && at; ++i) {
    at = at->parent;
    while (at && at->kind == Kind::array) at = at->parent;
  }
  for (const auto& step : path.steps) {
    if (!at || at->kind != Kind::object) return nullptr;
    at = child(at, step);
  }
  return at;
}

bool SourceWalk::holds(uint32_t expression, const Node* scope) const {
  const mapping::ExpressionCode& code = program_.expressions[expression];
  Tree arena;
  uint64_t steps = limits::kMappingSteps;
  const auto answer = code.expression.holds(Finder(*this, code, scope), arena, steps);
  return answer && *answer;
}

std::vector<const Node*> SourceWalk::read_by(uint32_t expression, const Node* scope) const {
  const mapping::ExpressionCode& code = program_.expressions[expression];
  const Node* start = start_of(code, scope);
  std::vector<const Node*> out;
  for (size_t i = 0; i < code.paths.size(); ++i) {
    // Paths below an any() begin at items: the list itself is named.
    if (code.expression.paths()[i].within >= 0) continue;
    if (const Node* at = walk(code.paths[i], start)) out.push_back(at);
  }
  return out;
}

}  // namespace lt::workshop
