// The reference dossier as XML, written by hand from the parsed JSON: the least a translation can cost.
#pragma once

#include <optional>
#include <string>

namespace lt::bench {

// Parses `json` in place (it is changed), checks its UTF-8, gives the XML. None when it is not JSON.
std::optional<std::string> dossier_xml(std::string& json);

}  // namespace lt::bench
