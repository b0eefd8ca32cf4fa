// Bodies of the templates of spec.h; included by it alone.
#pragma once

namespace lt::config {

// `reader(field, value, diagnostics)` gives an optional of something assignable to the member.
template <class T>
template <class M, class R>
Spec<T>& Spec<T>::scalar(FieldSpec field, M T::*member, R reader, bool has_default) {
  if (has_default && !field.about.required) field.default_text = detail::default_text(T{}.*member, field.kind);
  field.read = [shape = described(field), member, reader](const Value::Member& at, void* target,
                                                          Diagnostics& diagnostics) {
    auto got = reader(*shape, at.value, diagnostics);
    if (!got) return false;
    detail::assign(static_cast<T*>(target)->*member, std::move(*got), at.value);
    return true;
  };
  fields_.push_back(std::move(field));
  return *this;
}

template <class T>
template <class M>
Spec<T>& Spec<T>::string(FieldKind kind, std::string name, M T::*member, About about) {
  const auto reader = kind == FieldKind::path ? read_path : read_text;
  return scalar<M>(make(kind, std::move(name), std::move(about)), member, reader, kind != FieldKind::secret);
}

template <class T>
template <class M>
Spec<T>& Spec<T>::number(FieldKind kind, std::string name, M T::*member, About about) {
  using Number = detail::SlotType<M>;
  static_assert(std::is_integral_v<Number> && !std::is_same_v<Number, bool>);
  // What the member cannot hold is out of range, whatever else was declared.
  about.least = std::max(about.least, static_cast<int64_t>(std::numeric_limits<Number>::min()));
  if constexpr (sizeof(Number) < sizeof(int64_t)) {
    about.most = std::min(about.most, static_cast<int64_t>(std::numeric_limits<Number>::max()));
  }
  const auto reader = [](const FieldSpec& field, const Value& value,
                         Diagnostics& diagnostics) -> std::optional<Number> {
    const auto got = read_number(field, value, diagnostics);
    return got ? std::optional<Number>(static_cast<Number>(*got)) : std::nullopt;
  };
  return scalar<M>(make(kind, std::move(name), std::move(about)), member, reader);
}

template <class T>
template <class M>
Spec<T>& Spec<T>::duration(std::string name, M T::*member, About about) {
  static_assert(std::is_convertible_v<std::chrono::milliseconds, detail::SlotType<M>>, "milliseconds or finer");
  about.least = std::max<int64_t>(about.least, 0);
  const auto reader = [](const FieldSpec& field, const Value& value,
                         Diagnostics& diagnostics) -> std::optional<std::chrono::milliseconds> {
    const auto got = read_number(field, value, diagnostics);
    return got ? std::optional(std::chrono::milliseconds(*got)) : std::nullopt;
  };
  return scalar<M>(make(FieldKind::duration, std::move(name), std::move(about)), member, reader);
}

template <class T>
template <class M>
Spec<T>& Spec<T>::one_of(std::string name, M T::*member,
                         std::vector<std::pair<std::string, detail::SlotType<M>>> choices, About about) {
  using Choice = detail::SlotType<M>;
  auto field = make(FieldKind::choice, std::move(name), std::move(about));
  for (const auto& [text, value] : choices) {
    field.choices.push_back(text);
    if constexpr (std::is_same_v<M, Choice>) {
      if (!field.about.required && T{}.*member == value) field.default_text = text;
    }
  }
  const auto reader = [choices = std::move(choices)](const FieldSpec& shape, const Value& value,
                                                     Diagnostics& diagnostics) -> std::optional<Choice> {
    const auto index = read_choice(shape, value, diagnostics);
    return index ? std::optional<Choice>(choices[*index].second) : std::nullopt;
  };
  return scalar<M>(std::move(field), member, reader, false);
}

template <class T>
template <class M>
Spec<T>& Spec<T>::parsed(std::string name, M T::*member, std::string form,
                         std::function<Result<detail::SlotType<M>>(std::string_view)> parse, About about) {
  using Parsed = detail::SlotType<M>;
  auto field = make(FieldKind::parsed, std::move(name), std::move(about));
  field.form = std::move(form);
  const auto reader = [parse = std::move(parse)](const FieldSpec& shape, const Value& value,
                                                 Diagnostics& diagnostics) -> std::optional<Parsed> {
    const auto text = read_text(shape, value, diagnostics);
    if (!text) return std::nullopt;
    auto got = parse(*text);
    if (got) return std::move(*got);
    report_unparsed(shape, value, got.error(), diagnostics);
    return std::nullopt;
  };
  return scalar<M>(std::move(field), member, reader, false);
}

template <class T>
template <class M>
Spec<T>& Spec<T>::object(std::string name, M T::*member, const Spec<detail::SlotType<M>>& spec, About about) {
  auto field = make(FieldKind::object, std::move(name), std::move(about));
  field.object = &spec;
  field.read = [&spec, member](const Value::Member& at, void* target, Diagnostics& diagnostics) {
    const size_t before = diagnostics.errors();
    auto got = spec.read(at.value, at.place(), diagnostics);
    detail::assign(static_cast<T*>(target)->*member, std::move(got), at.value);
    return diagnostics.errors() == before;
  };
  fields_.push_back(std::move(field));
  return *this;
}

template <class T>
template <class C, class U>
Spec<T>& Spec<T>::list(std::string name, C T::*member, const Spec<U>& spec, About about) {
  auto item = make(FieldKind::object, "item", {});
  item.object = &spec;
  auto field = make(FieldKind::list, std::move(name), std::move(about));
  field.item = described(item);
  field.read = [shape = described(field), &spec, member](const Value::Member& at, void* target,
                                                         Diagnostics& diagnostics) {
    if (!read_list(*shape, at.value, diagnostics)) return false;
    const size_t before = diagnostics.errors();
    auto& out = static_cast<T*>(target)->*member;
    for (const auto& each : at.value.items) out.push_back(spec.read(each, diagnostics));
    return diagnostics.errors() == before;
  };
  fields_.push_back(std::move(field));
  return *this;
}

template <class T>
template <class C, class U>
Spec<T>& Spec<T>::map(std::string name, C T::*member, const Spec<U>& spec, About about) {
  auto item = make(FieldKind::object, "item", {});
  item.object = &spec;
  auto field = make(FieldKind::map, std::move(name), std::move(about));
  field.item = described(item);
  field.read = [shape = described(field), &spec, member](const Value::Member& at, void* target,
                                                         Diagnostics& diagnostics) {
    if (!read_map(*shape, at.value, diagnostics)) return false;
    const size_t before = diagnostics.errors();
    auto& out = static_cast<T*>(target)->*member;
    for (const auto& each : at.value.members)
      detail::insert(out, each.key, spec.read(each.value, each.place(), diagnostics));
    return diagnostics.errors() == before;
  };
  fields_.push_back(std::move(field));
  return *this;
}

template <class T>
template <class M, class R>
Spec<T>& Spec<T>::list_of(std::string name, std::vector<M> T::*member, FieldKind kind, About about, R reader,
                          std::string form) {
  auto item = make(kind, name, {});
  item.form = std::move(form);
  auto field = make(FieldKind::list, std::move(name), std::move(about));
  field.item = described(item);
  field.read = [shape = described(field), member, reader](const Value::Member& at, void* target,
                                                          Diagnostics& diagnostics) {
    if (!read_list(*shape, at.value, diagnostics)) return false;
    bool good = true;
    auto& out = static_cast<T*>(target)->*member;
    out.clear();
    for (const auto& each : at.value.items) {
      auto got = reader(*shape->item, each, diagnostics);
      good = good && got;
      if (got) detail::assign(out.emplace_back(), std::move(*got), each);
    }
    return good;
  };
  fields_.push_back(std::move(field));
  return *this;
}

template <class T>
template <class M>
Spec<T>& Spec<T>::agencies(std::string name, std::vector<M> T::*member, About about) {
  const auto reader = [](const FieldSpec& field, const Value& value,
                         Diagnostics& diagnostics) -> std::optional<AgencyCode> {
    const auto text = read_text(field, value, diagnostics);
    if (!text) return std::nullopt;
    auto got = AgencyCode::parse(*text);
    if (got) return std::move(*got);
    report_unparsed(field, value, got.error(), diagnostics);
    return std::nullopt;
  };
  return list_of(std::move(name), member, FieldKind::parsed, std::move(about), reader, "agency code");
}

template <class T>
template <class C>
Spec<T>& Spec<T>::text_map(std::string name, C T::*member, About about) {
  auto field = make(FieldKind::map, name, std::move(about));
  field.item = described(make(FieldKind::text, std::move(name), {}));
  field.read = [shape = described(field), member](const Value::Member& at, void* target, Diagnostics& diagnostics) {
    if (!read_map(*shape, at.value, diagnostics)) return false;
    bool good = true;
    for (const auto& each : at.value.members) {
      auto got = read_text(*shape->item, each.value, diagnostics);
      good = good && got;
      if (got) detail::insert(static_cast<T*>(target)->*member, each.key, std::move(*got));
    }
    return good;
  };
  fields_.push_back(std::move(field));
  return *this;
}

template <class T>
template <class M>
Spec<T>& Spec<T>::raw(std::string name, M T::*member, About about) {
  auto field = make(FieldKind::raw, std::move(name), std::move(about));
  field.read = [member](const Value::Member& at, void* target, Diagnostics&) {
    static_cast<T*>(target)->*member = at.value;
    return true;
  };
  fields_.push_back(std::move(field));
  return *this;
}

}  // namespace lt::config
