// One schema model for JSON Schema draft-07 and XSD: what the checker compiles and what mapping lint asks. Its types
// and fields are those of type.h.
//
// A Model is immutable once read and may be shared between threads. Types refer to one another by index, also in
// circles: whoever walks them bounds the depth. Every Place names file and line of the definition ("dossier.xsd:88").
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/schema/type.h"

namespace lt::schema {

// Where a path leads.
struct Found {
  TypeId type = kNoType;            // kNoType: inside open content, anything may stand here
  std::vector<const Field*> steps;  // the declared fields on the way, the last is the one asked for
  bool repeated = false;            // an array or a repeated element is on the way
  bool optional = false;            // a valid document may lack it: some step is not required, or an item of an array
  bool declared() const { return type != kNoType; }
};
struct PathEntry {
  std::string path;  // "$.TaiLieuNop[].Tep"
  Found found;
};

struct Model {
  Format format = Format::json;
  std::string file;  // the schema it was read from, relative to the schemas root
  std::string target_ns;
  std::vector<Field> roots;                 // XSD: the global elements; JSON: one, named ""
  std::vector<Field> elements, attributes;  // XSD: all global ones, those of other files too; for wildcards
  std::vector<Type> types;
  std::vector<std::shared_ptr<const Tree>> documents;  // what Literal::node points into

  const Type& type(TypeId id) const { return types[id]; }
  // The root of that name, or the only one for ""; null when there is none or "" is ambiguous.
  const Field* root(std::string_view name = {}) const;
  // Declared fields of an object, those of allOf, anyOf, oneOf, then and else included. Each name once.
  std::vector<const Field*> fields(TypeId object) const;
  const Field* field(TypeId object, std::string_view name) const;
  // True when undeclared fields may appear in it.
  bool open(TypeId object) const;
  // Type of the items of an array, seen through combinations; kNoType when it is not one or its items may be anything.
  TypeId items(TypeId array) const;

  // "$.a.b[].c", "a.b.c" or "@id", below root `root_name` or below `from`. Arrays are entered with or without "[]".
  // Error unknown_path with the nearest name as hint when a closed object, or an object with declared fields, has no
  // such field; below an object that declares nothing every path is taken, undeclared.
  Result<Found> lookup(std::string_view path, std::string_view root_name = {}) const;
  Result<Found> lookup(TypeId from, std::string_view path) const;
  // All paths in schema order; a type that contains itself is entered once per branch. Bounded by limits::kSchemaPaths.
  std::vector<PathEntry> paths(std::string_view root_name = {}) const;
  // The declared path most like `path`, or none.
  std::optional<std::string> nearest(std::string_view path, std::string_view root_name = {}) const;
};

}  // namespace lt::schema
