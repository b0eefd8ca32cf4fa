// Reads JSON Schema draft-07 into a Model.
//
// Nothing is ignored in silence: unknown keywords, unknown formats, patterns RE2 cannot run, references that lead
// nowhere or around in circles, and keywords beside $ref are refused, each with file:line:col. Draft-4's boolean
// exclusiveMinimum, `id` and `$schema` of other drafts are refused with the draft-07 form as hint.
//
// Taken: type enum const; minLength maxLength pattern format (text_format.h); minimum maximum exclusiveMinimum
// exclusiveMaximum multipleOf; properties required additionalProperties patternProperties propertyNames minProperties
// maxProperties dependencies; items additionalItems minItems maxItems uniqueItems contains; allOf anyOf oneOf not
// if/then/else; definitions $defs; $ref to "#", "#/pointer", "file.json" and "file.json#/pointer" below the root.
// Annotations: title description $comment default examples readOnly writeOnly contentEncoding contentMediaType $id (at
// the root) and x-*. Of these x-codes is read: the code list of a value (code_list.h).
#pragma once

#include <memory>
#include <string>

#include "core/schema/model.h"
#include "core/schema/schema_files.h"

namespace lt::schema {

// Null when findings were added to `diagnostics`.
std::shared_ptr<const Model> read_json_schema(SchemaFiles& files, const std::string& name,
                                              config::Diagnostics& diagnostics);

}  // namespace lt::schema
