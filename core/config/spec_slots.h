// Where the fields of spec.h put what they read: plain members, std::optional and Located members, containers.
#pragma once

#include <chrono>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/config/field.h"
#include "core/config/located.h"
#include "core/config/units.h"

namespace lt::config {

// A value with the place it was written at.

namespace detail {

template <class M>
struct Slot {
  using Type = M;
};
template <class M>
struct Slot<std::optional<M>> {
  using Type = M;
};
template <class M>
struct Slot<Located<M>> {
  using Type = M;
};
template <class M>
struct Slot<std::optional<Located<M>>> {
  using Type = M;
};
template <class M>
using SlotType = typename Slot<M>::Type;

template <class M, class V>
void assign(M& member, V&& value, const Value&) {
  member = std::forward<V>(value);
}
template <class M, class V>
void assign(Located<M>& member, V&& value, const Value& at) {
  member = {std::forward<V>(value), at.place()};
}
template <class M, class V>
void assign(std::optional<Located<M>>& member, V&& value, const Value& at) {
  assign(member.emplace(), std::forward<V>(value), at);
}

template <class C, class V>
void insert(C& container, const std::string& name, V&& value) {
  if constexpr (requires { container.emplace_back(name, std::forward<V>(value)); }) {
    container.emplace_back(name, std::forward<V>(value));
  } else {
    container.emplace(name, std::forward<V>(value));
  }
}

template <class M>
constexpr bool kDuration = false;
template <class R, class P>
constexpr bool kDuration<std::chrono::duration<R, P>> = true;

// As it would be written in a configuration; "" for types that have no such form.
template <class M>
std::string default_text(const M& value, FieldKind kind) {
  if constexpr (std::is_same_v<M, std::string>) {
    return value;
  } else if constexpr (std::is_same_v<M, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_integral_v<M>) {
    return kind == FieldKind::size ? format_size(static_cast<int64_t>(value)) : std::to_string(value);
  } else if constexpr (kDuration<M>) {
    return format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(value));
  } else if constexpr (requires { value.has_value(); }) {
    return value ? default_text(*value, kind) : std::string();
  } else if constexpr (!std::is_same_v<SlotType<M>, M>) {
    return default_text(value.value, kind);
  } else {
    return {};
  }
}

}  // namespace detail

}  // namespace lt::config
