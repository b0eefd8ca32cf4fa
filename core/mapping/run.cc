#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/mapping/runner.h"
#include "core/mapping/stylesheet.h"

namespace lt::mapping {
namespace {

// A path from the root that was walked and led nowhere.
const Node kNowhere{};

// Most names differ in their size or first letter.
bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || (a[0] == b[0] && std::memcmp(a.data(), b.data(), a.size()) == 0));
}

}  // namespace

Result<void> Runner::run() {
  from_root_.assign(program_.root_paths, nullptr);
  Node* root = target_.make(Kind::object, program_.root.name);
  root->ns = program_.root.ns;
  Frame frame{root_, root, nullptr, 0, nullptr, false};
  if (!execute(0, static_cast<uint32_t>(program_.ops.size()), frame)) return fail(std::move(*error_));
  if (frame.missing && !missing(*frame.missing)) return fail(std::move(*error_));
  target_.set_root(root);
  return {};
}

bool Runner::stop(Code code, const Op& op, const Node* at, std::string detail) {
  const RuleRef& rule = program_.rules[op.rule];
  Place place = rule.place;
  place.path = at ? path_of(at) : rule.source;
  error_.emplace(code, rule.target + " <- " + rule.source + " " + detail, std::move(place));
  return false;
}

bool Runner::stop(Error error, const Op& op) { return stop(error.code, op, nullptr, std::move(error.detail)); }

bool Runner::missing(const Op& op) {
  return stop(Code::source_missing, op, nullptr, "has no value, but the target requires it");
}

const Node* Runner::first_named(const Node* of, std::string_view name) const {
  const bool known = of == hint_of_;
  const auto search = [&](const Node* at, const Node* end) -> const Node* {
    for (; at != end; at = at->next) {
      if (same_name(at->name, name)) return at;
      steps_ -= steps_ > 0;
    }
    return nullptr;
  };
  const Node* at = search(known ? hint_ : of->first, nullptr);
  if (!at && known) at = search(of->first, hint_);
  if (at && unique_names_) {
    hint_of_ = of;
    hint_ = at->next;
  }
  return at;
}

const Node* Runner::child(const Node* of, const PathStep& step) const {
  const Node* at = first_named(of, step.name);
  if (!at || step.where.empty()) return at;
  const bool array = at->kind == Kind::array;
  for (const Node* item = array ? at->first : at; item; item = item->next) {
    steps_ -= steps_ > 0;
    if (item->kind != Kind::object || (!array && item->name != step.name)) continue;
    const Node* field = item->find(step.where);
    if (field && field->kind == Kind::object) field = field->find("#text");
    if (field && field->text == step.equals) return item;
  }
  return nullptr;
}

const Node* Runner::walk(const PathCode& path, const Node* scope, const Node* matched) const {
  const Node** known = path.slot < 0 ? nullptr : &from_root_[static_cast<size_t>(path.slot)];
  if (known && *known) return *known == &kNowhere ? nullptr : *known;
  const Node* at = path.from_root ? root_ : path.matched ? matched : scope;
  for (uint32_t i = 0; i < path.up && at; ++i) {
    at = at->parent;
    while (at && at->kind == Kind::array) at = at->parent;
  }
  for (const auto& step : path.steps) {
    if (!at || at->kind != Kind::object) {
      at = nullptr;
      break;
    }
    at = child(at, step);
  }
  if (known) *known = at ? at : &kNowhere;
  return at;
}

Runner::Finder::Finder(const Runner& runner, const ExpressionCode& code, const Frame& frame)
    : runner_(runner),
      code_(code),
      frame_(frame),
      scope_(code.base < 0 ? frame.scope : runner.walk(static_cast<uint32_t>(code.base), frame)) {}

const Node* Runner::Finder::find(uint32_t path, const Node* item) const {
  return runner_.walk(runner_.program_.paths[code_.paths[path]], item ? item : scope_, frame_.matched);
}

void Runner::trace(const Op& op, const Node* written, const Current& value) {
  if (context_.trace) context_.trace->wrote.push_back({written, op.rule, value.node, value.row, value.table});
}

bool Runner::guard(const Op& op, const Frame& frame, bool& holds) {
  const ExpressionCode& code = program_.expressions[op.a];
  const auto answer = code.expression.holds(Finder(*this, code, frame), target_, steps_);
  if (!answer) return stop(answer.error(), op);
  holds = *answer;
  return true;
}

bool Runner::execute(uint32_t at, uint32_t end, Frame& frame) {
  Current value;
  for (uint32_t pc = at; pc < end; ++pc) {
    const Op& op = program_.ops[pc];
    if (steps_ == 0)
      return stop(Code::too_much_work, op, frame.scope, fmt::format("more than {} steps", limits::kMappingSteps));
    --steps_;
    switch (op.verb) {
      case Verb::when: {
        bool holds = false;
        if (!guard(op, frame, holds)) return false;
        if (!holds) {
          value = {};
          pc = op.end - 1;
        }
        break;
      }
      case Verb::store:
        if (!store(op, value, frame)) return false;
        value = {};
        break;
      case Verb::required_when: {
        bool holds = false;
        const bool there = value.state != State::absent && value.state != State::null;
        if (!there && !guard(op, frame, holds)) return false;
        if (holds) return stop(Code::source_missing, op, nullptr, "has no value, but required_when asks for one");
        break;
      }
      default:
        if (op.verb <= Verb::require ? !shape(op, pc, frame) : !transform(op, frame, value)) return false;
    }
  }
  return true;
}

bool Runner::shape(const Op& op, uint32_t& pc, Frame& frame) {
  const uint32_t at = pc;
  if (op.end > 0) pc = op.end - 1;
  switch (op.verb) {
    case Verb::object:
      return object(op, at, frame.scope, frame);
    case Verb::scope:
      return scope(op, at, walk(op.b, frame), frame);
    case Verb::open:
      return open(op, at, frame);
    case Verb::enclose:
      return enclose(op, at, frame);
    case Verb::each:
      return each(op, at, frame);
    case Verb::item:
      return item(op, at, frame);
    case Verb::rest:
      rest(op, frame);
      return true;
    case Verb::cases:
      return cases(op, frame);
    default:  // require
      if (!frame.out->find(program_.slots[op.a].name) && !frame.missing) frame.missing = &op;
      return true;
  }
}

void Runner::rest(const Op& op, Frame& frame) {
  const auto& known = program_.name_sets[op.a].names;
  const Node* from = walk(op.b, frame);
  if (!from || from->kind != Kind::object) return;
  for (const Node* at = from->first; at; at = at->next)
    if (!std::binary_search(known.begin(), known.end(), at->name)) {
      target_.append(frame.out, copy(at));
      frame.real = true;
    }
}

Node* Runner::copy(const Node* from) {
  Node* node = target_.make(from->kind, from->name);
  node->ns = from->ns;
  node->flag = from->flag;
  node->text = from->text;
  node->blob = from->blob;
  for (const Node* at = from->first; at; at = at->next) target_.append(node, copy(at));
  return node;
}

Result<void> run(const Mapping& mapping, const Node* source, Tree& target, const RunContext& context) {
  const Program& program = mapping.program();
  const auto refuse = [&](std::string why) {
    Place place;
    place.file = program.file;
    place.path.assign(1, '$');
    return fail(Code::bad_value, std::move(why), std::move(place));
  };
  if (!source) return refuse("there is no document");
  if (!program.source_root.empty() && source->name != program.source_root)
    return refuse(fmt::format("the root element is not {}", program.source_root));
  if (program.stylesheet) return run_stylesheet(program, *source, target);
  Runner runner(program, source, target, context);
  auto done = runner.run();
  if (context.steps) *context.steps = runner.steps();
  return done;
}

}  // namespace lt::mapping
