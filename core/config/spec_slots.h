// Where the fields of spec.h put what they read: plain members, std::optional and Located members, containers.
#pragma once

#include <chrono>
#include <concepts>
#include <type_traits>
#include <utility>

#include "core/config/field.h"
#include "core/config/units.h"

namespace lt::config {

// A value with the place it was written at.
template <class T>
struct Located {
  T value{};
  Place place;
};

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
using SlotType = typename Slot<M>::Type;

template <class M, class V>
void assign(M& member, V&& value, const Value&) {
  member = std::forward<V>(value);
}
template <class M, class V>
void assign(Located<M>& member, V&& value, const Value& at) {
  member = {std::forward<V>(value), at.place()};
}

template <class C, class V>
void insert(C& container, const std::string& name, V&& value) {
  if constexpr (requires { container.emplace_back(name, std::forward<V>(value)); }) {
    container.emplace_back(name, std::forward<V>(value));
  } else {
    container.emplace(name, std::forward<V>(value));
  }
}

inline std::string default_text(const std::string& value, FieldKind) { return value; }
inline std::string default_text(bool value, FieldKind) { return value ? "true" : "false"; }
template <class D>
requires std::is_same_v<D, std::chrono::duration<typename D::rep, typename D::period>> std::string default_text(
    D value, FieldKind) {
  return format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(value));
}
template <std::integral I>
requires(!std::is_same_v<I, bool>) std::string default_text(I value, FieldKind kind) {
  return kind == FieldKind::size ? format_size(static_cast<int64_t>(value)) : std::to_string(value);
}
template <class M>
std::string default_text(const std::optional<M>& value, FieldKind kind) {
  return value ? default_text(*value, kind) : std::string();
}
template <class M>
std::string default_text(const Located<M>& value, FieldKind kind) {
  return default_text(value.value, kind);
}

}  // namespace detail

}  // namespace lt::config
