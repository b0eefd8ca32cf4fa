// One rule in plain words, for people who sign an agreement. For sheet.cc.
#pragma once

#include <string>
#include <vector>

#include "core/mapping/rule_file.h"

namespace lt::workshop {

std::string rule_words(const mapping::Rule& rule, const std::vector<mapping::TypeUse>& types, bool vietnamese);

}  // namespace lt::workshop
