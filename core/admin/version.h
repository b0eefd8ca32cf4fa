// What this program is built from: for GET /version, `lienthong version` and the metric lienthong_build_info.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lt::admin {

struct Version {
  std::string version;  // of the project
  std::string commit;   // as configured; "" when unknown
  std::string compiler;
  std::vector<std::pair<std::string, std::string>> libraries;  // name, version; those loaded now where they tell
};
const Version& version();
// {"version","commit"?,"compiler","libraries":{...}}
std::string version_json();

}  // namespace lt::admin
