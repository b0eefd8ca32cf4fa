#include <fmt/format.h>

#include <algorithm>

#include "core/codec/json.h"
#include "core/mapping/number_text.h"
#include "core/mapping/runner.h"

namespace lt::mapping {

bool Runner::execute(uint32_t at, uint32_t end, Frame& frame) {
  Current value;
  for (uint32_t pc = at; pc < end; ++pc) {
    const Op& op = program_.ops[pc];
    switch (op.verb) {
      case Verb::object:
        if (!object(op, pc, frame.scope, frame)) return false;
        pc = op.end - 1;
        break;
      case Verb::scope: {
        const Node* scope = walk(program_.paths[op.b], frame.scope);
        if (scope && scope->kind != Kind::null) {
          if (scope->kind == Kind::array)
            return stop(Code::bad_value, op, scope, "is an array where one object was expected");
          if (!object(op, pc, scope, frame)) return false;
        } else if (program_.slots[op.a].required && !frame.missing) {
          frame.missing = &op;
        }
        pc = op.end - 1;
        break;
      }
      case Verb::each:
        if (!each(op, pc, frame)) return false;
        pc = op.end - 1;
        break;
      case Verb::rest:
        rest(op, frame);
        break;
      case Verb::when:
        condition_ = &program_.conditions[op.a];
        condition_scope_ = frame.scope;
        if (!condition_->condition.holds(*this)) {
          value = {};
          pc = op.end - 1;
        }
        break;
      case Verb::store:
        if (!store(op, value, frame)) return false;
        value = {};
        break;
      default:
        if (!transform(op, frame, value)) return false;
    }
  }
  return true;
}

bool Runner::object(const Op& op, uint32_t pc, const Node* scope, Frame& outer) {
  const Slot& slot = program_.slots[op.a];
  Node* node = target_.make(Kind::object, slot.array ? std::string_view() : std::string_view(slot.name));
  node->ns = slot.ns;
  Frame frame{scope, node, nullptr, outer.index};
  if (!execute(pc + 1, op.end, frame)) return false;
  const bool keep = node->count > 0 || slot.required;
  if (!keep) return true;
  if (frame.missing) return missing(*frame.missing);
  add(slot, node, outer.out);
  return true;
}

void Runner::add(const Slot& slot, Node* node, Node* out) {
  if (slot.array) out = target_.add(out, Kind::array, slot.name);
  target_.append(out, node);
}

bool Runner::each(const Op& op, uint32_t pc, Frame& outer) {
  const Slot& slot = program_.slots[op.a];
  const Node* first = walk(program_.paths[op.b], outer.scope);
  const bool items = first && first->kind == Kind::array;
  if (first && first->kind == Kind::null) first = nullptr;
  if (first && !items && !program_.source_xml) return stop(Code::bad_value, op, first, "is not an array");
  if (!first) return no_items(op, slot, outer);
  Node* out = slot.array ? target_.make(Kind::array, slot.name) : outer.out;
  uint32_t index = 0;
  for (const Node* item = items ? first->first : first; item; item = item->next) {
    if (!items && item->name != first->name) continue;
    Frame frame{item, out, nullptr, index++};
    if (!execute(pc + 1, op.end, frame)) return false;
    if (frame.missing)
      return stop(Code::source_missing, *frame.missing, item, "has no value, but the target requires it");
  }
  if (slot.array) target_.append(outer.out, out);
  return true;
}

bool Runner::no_items(const Op& op, const Slot& slot, Frame& outer) {
  if (slot.when_absent == WhenAbsent::empty && slot.array)
    target_.add(outer.out, Kind::array, slot.name);
  else if (slot.when_absent == WhenAbsent::null)
    target_.add(outer.out, Kind::null, slot.name)->ns = slot.ns;
  else if (slot.required && slot.array && program_.source_xml)
    target_.add(outer.out, Kind::array, slot.name);
  else if (slot.required && !outer.missing)
    outer.missing = &op;
  return true;
}

void Runner::rest(const Op& op, Frame& frame) {
  const auto& known = program_.name_sets[op.a];
  if (frame.scope->kind != Kind::object) return;
  for (const Node* child = frame.scope->first; child; child = child->next)
    if (!std::binary_search(known.begin(), known.end(), child->name)) target_.append(frame.out, copy(child));
}

Node* Runner::copy(const Node* from) {
  Node* node = target_.make(from->kind, from->name);
  node->ns = from->ns;
  node->flag = from->flag;
  node->text = from->text;
  node->blob = from->blob;
  for (const Node* child = from->first; child; child = child->next) target_.append(node, copy(child));
  return node;
}

bool Runner::store(const Op& op, const Current& value, Frame& frame) {
  const Slot& slot = program_.slots[op.a];
  if (value.state == State::null && slot.null) {
    write(slot, Kind::null, frame);
    return true;
  }
  if (value.state == State::absent || value.state == State::null) {
    if (slot.when_absent == WhenAbsent::null)
      write(slot, Kind::null, frame);
    else if (slot.when_absent == WhenAbsent::empty)
      write(slot, Kind::text, frame);
    else if (slot.required && !frame.missing)
      frame.missing = &op;
    return true;
  }
  if (value.state == State::object) return stop(Code::bad_value, op, value.node, "is not a single value");
  if (value.state == State::blob) {
    if (!slot.any_blob) return stop(Code::bad_value, op, value.node, "is too long for anything but blob");
    write(slot, Kind::blob, frame)->blob = value.blob;
    return true;
  }
  switch (slot.form) {
    case Form::number:
      return store_number(op, slot, value, frame);
    case Form::boolean: {
      const bool yes = value.state == State::boolean ? value.flag : value.text == "true" || value.text == "1";
      const bool no = value.state == State::boolean ? !value.flag : value.text == "false" || value.text == "0";
      if (!yes && !no) return stop(Code::bad_value, op, value.node, "is no boolean");
      write(slot, Kind::boolean, frame)->flag = yes;
      return true;
    }
    case Form::as_is:
      if (value.state == State::boolean)
        write(slot, Kind::boolean, frame)->flag = value.flag;
      else
        write(slot, value.state == State::number ? Kind::number : Kind::text, frame)->text = value.text;
      return true;
    case Form::text:
      write(slot, Kind::text, frame)->text = value.state != State::boolean ? value.text : value.flag ? "true" : "false";
      return true;
  }
  return true;
}

bool Runner::store_number(const Op& op, const Slot& slot, const Current& value, Frame& frame) {
  std::string_view text = value.text;
  bool good = value.state != State::boolean && codec::is_json_number(text);
  if (!good && slot.lax_number && value.state == State::text && reads_as_number(text)) {
    text = plain_number(text, target_.allocate(text.size()));
    good = true;
  }
  if (!good) return stop(Code::bad_value, op, value.node, "is no number as JSON writes it");
  write(slot, Kind::number, frame)->text = text;
  return true;
}

Node* Runner::write(const Slot& slot, Kind kind, Frame& frame) {
  if (kind == Kind::null && program_.target_xml && slot.null) {
    Node* nil = target_.add(write(slot, Kind::object, frame), Kind::text, "@nil");
    nil->ns = kXsi;
    nil->text = "true";
    return nil;
  }
  Node* node = target_.make(kind, slot.array ? std::string_view() : std::string_view(slot.name));
  node->ns = slot.ns;
  add(slot, node, frame.out);
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
  return Runner(program, source, target, context).run();
}

}  // namespace lt::mapping
