// What a mapping knows of the fields it reads beyond their schema: so that the documents drawn for it (generator.h) are
// mostly such as it is meant for.
//
// Codes of its tables, date patterns of its types, `match`, `parts` and `join`, base64 of blobs, the values of `one_of`
// and `spread`, constants, both sides of every comparison with a literal, small documents where one is embedded; fields
// that the other side requires, or that are held when they are missing, are there.
#pragma once

#include "core/mapping/mapping_store.h"
#include "core/proof/domains.h"

namespace lt::proof {

enum class End : uint8_t { source, target };

Domains domains_of(const mapping::MappingStore::Entry& entry, End end);
// Some group of the mapping, or all of it, lets undeclared fields travel.
bool keeps_rest(const mapping::RuleFile& file);

}  // namespace lt::proof
