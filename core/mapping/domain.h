// Which values a rule can give, as far as schemas and operators say it, and whether a target field takes them all.
// Private to this room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/schema/model.h"
#include "core/schema/scalar_rule.h"

namespace lt::mapping {

struct Domain {
  uint8_t kinds = schema::kBoolean | schema::kInteger | schema::kNumber | schema::kString;
  schema::Scalar scalar = schema::Scalar::any;
  std::optional<std::vector<std::string>> allowed;  // these and no others
  std::optional<uint64_t> min_length, max_length;
  std::vector<std::string> patterns;
  std::string format;
  std::optional<schema::Bound> minimum, maximum;
  std::optional<uint32_t> total_digits, fraction_digits;
  std::optional<uint64_t> digits;  // at most, of a whole number
  std::string sample;              // one value, where all have its form

  // Of a field whose documents were checked; anything for kNoType.
  static Domain of(const schema::Model& model, schema::TypeId type);
  static Domain of(std::vector<std::string> texts);
};

struct Misfit {
  bool always = false;  // no value of the domain fits
  std::string why;      // "up to 500 characters, but the field takes 200"
};

// None when every value of `domain` fits the type, or when the type says nothing. `numbers`: the field is written as a
// JSON number.
std::optional<Misfit> misfit(const Domain& domain, const schema::Model& model, schema::TypeId type,
                             const schema::ScalarRule& rule, bool numbers);

}  // namespace lt::mapping
