// All that a schema asks of one scalar value, compiled: for whoever stores single values and must know whether they
// fit.
//
// Of JSON Schema: type, enum and const, lengths, patterns, format, bounds, multipleOf. Of anyOf, oneOf, not, if and
// dependencies nothing: a type is handled by its own facets and those of its allOf only, so that a value that fits here
// may still be refused by the checker of the whole document, while one that does not fit is always refused. Of XSD:
// every facet and the lexical form of the built-in type (xsd_value.h); a complex type with simple content counts as
// that content, any other complex type takes no scalar unless it is mixed. A number, a boolean and null are to XSD the
// text that is written for them.
//
// A rule is a pointer to what never changes: cheap to copy and move, and any number of threads may ask it. Asking does
// not allocate, except that a text in which blanks are to be collapsed is copied first when it is longer than 128
// bytes. Nothing said here ever holds the value.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/message/tree.h"
#include "core/schema/model.h"

namespace lt::schema {

class TextPattern;

class ScalarRule {
 public:
  // Patterns compiled once for many rules.
  using Patterns = std::map<std::string, std::shared_ptr<const TextPattern>, std::less<>>;
  struct Misfit {
    Code code = Code::schema_violation;
    const char* keyword = "";
    std::string expected, actual;
    Place schema;
  };

  ScalarRule() = default;  // fits anything
  // kNoType fits anything. Errors: schema_pattern; schema_keyword for a bound that is no value of its type.
  static Result<ScalarRule> compile(const Model& model, TypeId type, Patterns* shared = nullptr);

  // `text`: of a text or number. A blob is text of which only `bytes` is known: see `fits_blob`.
  bool fits(Kind kind, bool flag, std::string_view text) const;
  // Lengths count the bytes as they stand; base64 is taken for base64; whatever else would have to be read fails.
  bool fits_blob(uint64_t bytes) const;
  bool fits(const Node* node) const;
  bool fits_anything() const { return facets_ == nullptr; }

  // What is wrong; nothing when it fits.
  std::optional<Misfit> misfit(const Node* node) const;
  // "expected text of at most 5 characters, found text of 7 characters"; "" when it fits.
  std::string problem(Kind kind, bool flag, std::string_view text) const;

  // Are two texts the same value of this type (XSD: 1.0 is 1)? For fixed values.
  bool same(std::string_view a, std::string_view b) const;

 private:
  struct Facets;
  struct Value;
  struct Miss;
  class Compiler;
  static Miss judge(const Facets& facets, const Value& value);

  std::shared_ptr<const Facets> facets_;
};

}  // namespace lt::schema
