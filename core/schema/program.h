// What CompiledSchema holds: one Rule per Type of the model, with everything the walk needs laid out for it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/limits.h"
#include "core/schema/checker.h"
#include "core/schema/decimal.h"
#include "core/schema/text_format.h"
#include "core/schema/text_pattern.h"

namespace lt::schema {

struct CompiledSchema::Program {
  struct Property {
    std::string_view name;
    TypeId type = kNoType;
    int required = -1;      // bit in the set of seen required names
    bool declared = false;  // in `properties`; otherwise only required
  };
  struct Limit {
    Decimal value;
    int64_t plain = 0;
    bool is_plain = false, exclusive = false, set = false;
  };
  struct Rule {
    const Type* type = nullptr;
    uint8_t kinds = kAnyKind;
    bool enumerated = false, combined = false, many = false;  // many: has rare object or array keywords
    // text
    uint64_t min_length = 0, max_length = UINT64_MAX;
    std::vector<uint32_t> patterns;
    TextFormat format = TextFormat::none;
    // numbers
    bool limited = false;
    Limit minimum, maximum;
    Decimal multiple;
    bool has_multiple = false;
    // objects
    std::vector<Property> properties;  // in the order of the schema: documents mostly keep it
    std::vector<uint16_t> sorted;      // indexes into properties, by length, then bytes
    uint32_t required = 0;
    std::array<uint64_t, limits::kSchemaRequired / 64> required_bits{};
    std::vector<std::pair<uint32_t, TypeId>> pattern_fields;
    bool closed = false;

    const Property* find(std::string_view name) const;
  };

  std::shared_ptr<const Model> model;
  std::vector<Rule> rules;
  std::vector<TextPattern> patterns;
  TypeId root = kNoType;
};

}  // namespace lt::schema
