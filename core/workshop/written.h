// A YAML text as it was written, beside its config::Value: the raw text of every scalar, comments and blank lines.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/config/value.h"

namespace lt::workshop {

// What stands around one entry: a member of a map, or an item of a list. In `before` and `after` "" is a blank line.
struct Notes {
  std::vector<std::string> before;
  std::string beside;
  std::vector<std::string> after;
};

struct Written {
  std::map<const void*, std::string> scalars;  // by Value; a block scalar with its lines, as written
  std::map<const void*, std::string> keys;     // by Member
  std::map<const void*, Notes> notes;          // by Member, or by Value of an item
  std::vector<std::string> foot;               // after everything
  std::vector<std::string> comments;           // all of them, in order
  std::map<const void*, bool> flow;            // by Value: a map or list in braces, and whether comments stand in it
};

// Error yaml_syntax for anchors and aliases, which stand for more than they show.
Result<Written> read_written(std::string_view text, const config::Value& root);

}  // namespace lt::workshop
