// Every key that may stand in a mapping file, with what it is for in both languages: the one list behind the JSON
// Schema of mapping files and behind completion in editors.
#pragma once

#include <string_view>
#include <vector>

namespace lt::workshop {

// The maps of a mapping file.
enum class MapOf : uint8_t {
  file,
  side,
  table,
  type,
  ignore,
  example,
  body,  // the operators of a rule
  match_on,
  one_of,
  one_case,
  spread,
  embedded,
  back,
  unmapped,
  link
};
// What stands after a key.
enum class Takes : uint8_t {
  text,
  literal,        // a text or null
  choice,         // one of `choices`
  whole,          // a whole number
  texts,          // a list of texts
  text_or_texts,  // either
  map,            // a map of kind `of`
  choice_or_map,
  text_or_map,
  maps,        // a list of maps of kind `of`
  named_maps,  // any names, each with a map of kind `of`
  named_maps_or_texts,
  pairs,        // any names, each with a literal
  named_pairs,  // any names, each with pairs
  rules,
  normalize,
  one_way  // an expression, or true
};

struct KeyEntry {
  std::string_view name;
  Takes takes = Takes::text;
  std::string_view vi, en;
  std::string_view choices = {};  // separated by blanks
  MapOf of = MapOf::file;
  bool required = false;
};

const std::vector<KeyEntry>& keys_of(MapOf map);
const KeyEntry* find_key(MapOf map, std::string_view name);
std::string_view name_of(MapOf map);
inline constexpr MapOf kAllMaps[] = {MapOf::file,    MapOf::side,     MapOf::table,    MapOf::type,     MapOf::ignore,
                                     MapOf::example, MapOf::body,     MapOf::match_on, MapOf::one_of,   MapOf::one_case,
                                     MapOf::spread,  MapOf::embedded, MapOf::back,     MapOf::unmapped, MapOf::link};

}  // namespace lt::workshop
