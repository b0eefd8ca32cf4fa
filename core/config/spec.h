// Field specs: which keys an object of the configuration has, declared once beside the struct they fill.
//
//   struct HttpEndpoint { std::string listen; std::chrono::milliseconds timeout{5000}; };
//   const Spec<HttpEndpoint>& http_endpoint_spec() {
//     static const auto spec = Spec<HttpEndpoint>("http endpoint")
//         .text("listen", &HttpEndpoint::listen, {.required = true, .doc_en = "Address and port", .doc_vi = "..."})
//         .duration("timeout", &HttpEndpoint::timeout, {.doc_en = "Time for one request", .least = 1});
//     return spec;
//   }
//   HttpEndpoint endpoint = http_endpoint_spec().read(value, diagnostics);   // check diagnostics.ok() at the very end
//
// A member may be T, std::optional<T>, Located<T> (keeps the place, for dangling references) or optional of that; lists
// std::vector of these; maps any container with emplace_back or emplace of (name, value). Defaults are the member
// initialisers and appear in the schema. Specs live for ever (static), since they refer to one another.
#pragma once

#include "core/base/result.h"
#include "core/config/spec_slots.h"
#include "core/message/agency_code.h"

namespace lt::config {

template <class T>
class Spec : public ObjectSpec {
 public:
  using ObjectSpec::ObjectSpec;

  // Reads one object. After findings the fields concerned keep their defaults.
  T read(const Value& value, Diagnostics& diagnostics) const { return read(value, value.place(), diagnostics); }
  T read(const Value& value, const Place& place, Diagnostics& diagnostics) const {
    T out{};
    read_into(value, place, &out, diagnostics);
    return out;
  }

  template <class M>
  Spec& text(std::string name, M T::*member, About about) {
    return string(FieldKind::text, std::move(name), member, std::move(about));
  }
  // Never printed; marks the Value as secret.
  template <class M>
  Spec& secret(std::string name, M T::*member, About about) {
    return string(FieldKind::secret, std::move(name), member, std::move(about));
  }
  template <class M>
  Spec& path(std::string name, M T::*member, About about) {
    return string(FieldKind::path, std::move(name), member, std::move(about));
  }

  template <class M>
  Spec& boolean(std::string name, M T::*member, About about) {
    return scalar<M>(make(FieldKind::boolean, std::move(name), std::move(about)), member, read_bool);
  }
  template <class M>
  Spec& integer(std::string name, M T::*member, About about) {
    return number(FieldKind::integer, std::move(name), member, std::move(about));
  }
  template <class M>
  Spec& size(std::string name, M T::*member, About about) {
    return number(FieldKind::size, std::move(name), member, std::move(about));
  }
  // The member is a std::chrono duration of milliseconds or finer.
  template <class M>
  Spec& duration(std::string name, M T::*member, About about);
  template <class M>
  Spec& one_of(std::string name, M T::*member, std::vector<std::pair<std::string, detail::SlotType<M>>> choices,
               About about);
  // Any text with a parser: dates, URLs, agency codes. `form` names it in messages.
  template <class M>
  Spec& parsed(std::string name, M T::*member, std::string form,
               std::function<Result<detail::SlotType<M>>(std::string_view)> parse, About about);
  template <class M>
  Spec& agency(std::string name, M T::*member, About about) {
    return parsed(std::move(name), member, "agency code", AgencyCode::parse, std::move(about));
  }

  template <class M>
  Spec& object(std::string name, M T::*member, const Spec<detail::SlotType<M>>& spec, About about);
  template <class C, class U>
  Spec& list(std::string name, C T::*member, const Spec<U>& spec, About about);  // of objects
  template <class C, class U>
  Spec& map(std::string name, C T::*member, const Spec<U>& spec, About about);  // name -> object
  template <class M>
  Spec& texts(std::string name, std::vector<M> T::*member, About about) {
    return list_of(std::move(name), member, FieldKind::text, std::move(about), read_text);
  }
  template <class M>
  Spec& paths(std::string name, std::vector<M> T::*member, About about) {
    return list_of(std::move(name), member, FieldKind::path, std::move(about), read_path);
  }
  template <class M>
  Spec& agencies(std::string name, std::vector<M> T::*member, About about);
  template <class C>
  Spec& text_map(std::string name, C T::*member, About about);  // name -> text
  // Whatever is written there, kept for someone else's later parsing. The member is Value or std::optional<Value>.
  template <class M>
  Spec& raw(std::string name, M T::*member, About about);

  // Keeps all keys without a field as a map, instead of refusing them.
  Spec& rest(Value T::*member) {
    rest_ = [member](Value rest, void* target) { static_cast<T*>(target)->*member = std::move(rest); };
    return *this;
  }
  // Keeps where the object was named.
  Spec& place(Place T::*member) {
    place_ = [member](const Place& at, void* target) { static_cast<T*>(target)->*member = at; };
    return *this;
  }
  // A rule over several fields; runs when all of them could be read. Reports itself and returns false.
  Spec& check(std::function<bool(const T&, const Value&, Diagnostics&)> rule) {
    checks_.push_back([rule = std::move(rule)](const Value& value, const void* target, Diagnostics& diagnostics) {
      return rule(*static_cast<const T*>(target), value, diagnostics);
    });
    return *this;
  }

 private:
  static FieldSpec make(FieldKind kind, std::string name, About about) {
    FieldSpec field;
    field.kind = kind;
    field.name = std::move(name);
    field.about = std::move(about);
    return field;
  }
  // A copy without the reader: what the readers and lambdas below carry.
  static std::shared_ptr<const FieldSpec> described(const FieldSpec& field) {
    return std::make_shared<const FieldSpec>(field);
  }
  template <class M, class R>
  Spec& scalar(FieldSpec field, M T::*member, R reader, bool has_default = true);
  template <class M>
  Spec& string(FieldKind kind, std::string name, M T::*member, About about);
  template <class M>
  Spec& number(FieldKind kind, std::string name, M T::*member, About about);
  template <class M, class R>
  Spec& list_of(std::string name, std::vector<M> T::*member, FieldKind kind, About about, R reader,
                std::string form = {});
};

}  // namespace lt::config

#include "core/config/spec_fields.h"
