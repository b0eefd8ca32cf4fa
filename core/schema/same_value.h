// Are the items of an array all different? (uniqueItems; values compared as same_value does.)
#pragma once

#include "core/message/tree.h"

namespace lt::schema {

bool all_different(const Node* array);

}  // namespace lt::schema
