// The words of Problems: what was expected and what was found, never the value itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/schema/model.h"

namespace lt::schema {

uint8_t kind_bits(const Node* node);            // kNumber|kInteger for a number
std::string describe_actual(const Node* node);  // "text of 13 characters", "a list of 3 items"
std::string describe_kinds(uint8_t kinds);      // "text or null"
std::string describe_bound(const Bound& bound, const char* inclusive, const char* exclusive);
std::string describe_length(std::optional<uint64_t> least, std::optional<uint64_t> most);
std::string describe_count(std::optional<uint64_t> least, std::optional<uint64_t> most, const char* what);
std::string describe_allowed(const std::vector<Literal>& allowed);  // at most ten of them

}  // namespace lt::schema
