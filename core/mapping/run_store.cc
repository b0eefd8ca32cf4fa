#include <fmt/format.h>

#include "core/codec/json.h"
#include "core/mapping/blob.h"
#include "core/mapping/number_text.h"
#include "core/mapping/runner.h"

namespace lt::mapping {

bool Runner::store(const Op& op, const Current& value, Frame& frame) {
  const Slot& slot = program_.slots[op.a];
  if (value.state == State::absent || value.state == State::null)
    return absent(op, slot, value.state == State::null, frame);
  if (value.state == State::object) return stop(Code::bad_value, op, value.node, "is not a single value");
  if (slot.weak && frame.out->find(slot.name)) return true;
  const uint32_t before = frame.out->count;
  if (value.state == State::blob) {
    if (!slot.any_blob) return stop(Code::bad_value, op, value.node, "is too long for anything but blob");
    Node* const blob = write(slot, Kind::blob, frame);
    if (value.node) blob->blob = value.node->blob;
    blob->text = value.text;
  } else if (!store_value(op, slot, value, frame)) {
    return false;
  }
  if (slot.fit >= 0 && !fits(op, slot, value, frame)) return false;
  frame.real = frame.real || !slot.constant;
  if (context_.trace && frame.out->count > before) trace(op, frame.out->last, value);
  return !slot.shared || slot.array || agree(op, slot, frame);
}

bool Runner::fits(const Op& op, const Slot& slot, const Current& value, Frame& frame) {
  const schema::ScalarRule& rule = program_.fits[static_cast<size_t>(slot.fit)];
  const Node* node = frame.out->last;
  if (slot.array) node = node->last;
  if (rule.fits(node)) return true;
  const auto misfit = rule.misfit(node);
  return stop(Code::value_does_not_fit, op, value.node,
              misfit ? fmt::format("expected {}, found {}", misfit->expected, misfit->actual) : "does not fit");
}

bool Runner::absent(const Op& op, const Slot& slot, bool null, Frame& frame) {
  if (null && slot.null)
    write(slot, Kind::null, frame);
  else if (slot.shared)
    return true;
  else if (slot.when_absent == WhenAbsent::null)
    write(slot, Kind::null, frame);
  else if (slot.when_absent == WhenAbsent::empty)
    write(slot, Kind::text, frame);
  else if (slot.required && !frame.missing)
    frame.missing = &op;
  return true;
}

bool Runner::store_value(const Op& op, const Slot& slot, const Current& value, Frame& frame) {
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

bool Runner::agree(const Op& op, const Slot& slot, Frame& frame) {
  Node* const mine = frame.out->last;
  Node* const first = frame.out->find(slot.name);
  if (first == mine) return true;
  const bool same = first->kind == mine->kind && first->flag == mine->flag &&
                    (mine->kind == Kind::blob ? first->blob.offset == mine->blob.offset && alike(*first, *mine)
                                              : first->text == mine->text);
  if (!same) return stop(Code::rules_disagree, op, nullptr, "differs from what another rule gives the same field");
  Node* before = frame.out->first;
  while (before->next != mine) before = before->next;
  before->next = nullptr;
  frame.out->last = before;
  --frame.out->count;
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

}  // namespace lt::mapping
