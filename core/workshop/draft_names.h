// What the names of fields say of one another. For draft_rules.cc.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lt::workshop {

// Its words, unaccented and in small letters: "nycHọTên", "NYC_ho-ten" -> nyc ho ten.
std::vector<std::string> words_of(std::string_view name);
// True when the same words make up both names, whatever their order and however they are cut into steps: dangKy.so and
// SoDangKy. At least two words.
bool same_words(const std::vector<std::string>& a, const std::vector<std::string>& b);
// The same for two fields at those paths, each with or without the object it stands in.
bool same_words_with_objects(const std::string& path, const std::string& other);

// True for names such as noiDungTep, fileContent, tepBase64.
bool names_a_file(std::string_view name);

// Names in one object that are the same but for a prefix: {cha, me} of chaHoTen, chaTuoi, meHoTen, meTuoi.
struct PrefixFamily {
  std::set<std::string> prefixes, names;  // the names without their prefix
};
std::vector<PrefixFamily> prefix_families(const std::vector<std::string>& names);

}  // namespace lt::workshop
