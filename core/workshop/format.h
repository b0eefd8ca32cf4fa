// One way to write a mapping file: what `lienthong map fmt` makes of it.
//
// Lists and maps are indented by two, flow maps have one blank after ':' and ',' and become block maps where a line
// would be longer than 120, flow lists of scalars are filled to that width, the operators of a rule come in the order
// of mapping::operator_names(). Scalars stay as they are written; comments and single blank lines stay where they
// stand. What is formatted once is not changed again.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lt::workshop {

inline constexpr size_t kMappingWidth = 120;

// Errors: yaml_syntax when it does not parse, has anchors, or would not mean the same afterwards.
Result<std::string> format_mapping(std::string_view text, const std::string& file);

}  // namespace lt::workshop
