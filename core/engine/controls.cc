#include "core/engine/controls.h"

namespace lt::engine {

void Controls::fold(const ActionFact& fact) {
  const Key key{fact.scope, fact.name};
  if (fact.kind == ActionKind::resume) {
    const auto at = controls_.find(key);
    if (at == controls_.end()) return;
    draining_ -= at->second.draining;
    controls_.erase(at);
    return;
  }
  Control& control = controls_[key];
  if (fact.kind == ActionKind::drain) {
    draining_ += !control.draining;
    control.draining = true;
  } else {
    control.paused = true;
  }
  control.by = fact.by;
  control.why = fact.why;
  control.at = fact.at;
}

const Control* Controls::find(ActionScope scope, const std::string& name) const {
  if (controls_.empty()) return nullptr;
  const auto at = controls_.find({scope, name});
  return at == controls_.end() ? nullptr : &at->second;
}

bool Controls::paused(ActionScope scope, const std::string& name) const {
  const Control* control = find(scope, name);
  return control && control->paused;
}

void Controls::save(WireWriter& out) const {
  out.varint(controls_.size());
  for (const auto& [key, control] : controls_) {
    out.u8(static_cast<uint8_t>(key.first));
    out.text(key.second);
    out.u8(static_cast<uint8_t>(control.paused | control.draining << 1));
    out.text(control.by);
    out.text(control.why);
    out.signed_varint(control.at.time_since_epoch().count());
  }
}

bool Controls::load(WireReader& in) {
  for (size_t n = in.count(); n > 0 && in.ok(); --n) {
    const uint8_t scope = in.u8();
    std::string name(in.text());
    const uint8_t flags = in.u8();
    Control control;
    control.paused = flags & 1;
    control.draining = flags & 2;
    control.by = in.text();
    control.why = in.text();
    control.at = Wall(Wall::duration(in.signed_varint()));
    if (!in.ok() || scope > static_cast<uint8_t>(ActionScope::route)) return false;
    draining_ += control.draining;
    controls_[{static_cast<ActionScope>(scope), std::move(name)}] = std::move(control);
  }
  return in.ok();
}

uint16_t RouteNames::number_of(std::string_view name) {
  if (name.empty()) return kNone;
  const auto at = numbers_.find(name);
  if (at != numbers_.end()) return at->second;
  if (names_.size() > UINT16_MAX) return kNone;
  const auto number = static_cast<uint16_t>(names_.size());
  names_.emplace_back(name);
  numbers_.emplace(names_.back(), number);
  return number;
}

// In the order of their numbers.
void RouteNames::save(WireWriter& out) const {
  out.varint(names_.size() - 1);
  for (size_t i = 1; i < names_.size(); ++i) out.text(names_[i]);
}

bool RouteNames::load(WireReader& in) {
  for (size_t n = in.count(); n > 0; --n) {
    const auto name = in.text();
    if (!in.ok() || name.empty() || known(name) || number_of(name) == kNone) return false;
  }
  return in.ok();
}

}  // namespace lt::engine
