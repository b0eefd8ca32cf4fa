// Reads XSD 1.0 into a Model: names, order, occurrence, types and facets of elements and attributes.
//
// Taken: element (global, local, ref), complexType and simpleType (named or in place), sequence, choice, all, any,
// group and attributeGroup with ref, attribute, anyAttribute, simpleContent, complexContent (extension, restriction),
// mixed, simpleType restriction with pattern, enumeration, length, minLength, maxLength, min/maxInclusive/Exclusive,
// totalDigits, fractionDigits; the built-in types; minOccurs, maxOccurs, nillable, default, fixed; targetNamespace and
// the form defaults; include and import of files below the schemas root. Refused with file and line: list, union,
// redefine, substitution groups, abstract types, identity constraints, extensions of anyType, a type that extends one
// which contains it, a second anyAttribute of a type, anything else unknown, and every address on the network.
//
// A prefix must mean one namespace throughout a file.
#pragma once

#include <memory>
#include <string>

#include "core/schema/model.h"
#include "core/schema/schema_files.h"

namespace lt::schema {

// Null when findings were added to `diagnostics`.
std::shared_ptr<const Model> read_xsd(SchemaFiles& files, const std::string& name, config::Diagnostics& diagnostics);

}  // namespace lt::schema
