// The JSON Schema (draft-07) of mapping files, for editors: written from the list of keys in keys.h.
//
// In a mapping file: # yaml-language-server: $schema=../../schemas/mapping.schema.json
// It takes every file that mapping::read_rule_file takes; what needs the schemas of both sides is for `map test`.
#pragma once

#include <string>

namespace lt::workshop {

std::string editor_schema();

}  // namespace lt::workshop
