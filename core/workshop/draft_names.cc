#include "core/workshop/draft_names.h"

#include <algorithm>
#include <cctype>

#include "core/base/text.h"

namespace lt::workshop {
namespace {

bool upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool lower(char c) { return static_cast<unsigned char>(c) >= 0x80 || std::islower(static_cast<unsigned char>(c)) != 0; }
bool digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Where a word of a name begins: aB, ABc, a1, after a mark.
std::vector<std::string_view> cut(std::string_view name) {
  std::vector<std::string_view> out;
  size_t from = 0;
  const auto end_word = [&](size_t to) {
    if (to > from) out.push_back(name.substr(from, to - from));
  };
  for (size_t i = 0; i < name.size(); ++i) {
    if (!upper(name[i]) && !lower(name[i]) && !digit(name[i])) {
      end_word(i);
      from = i + 1;
      continue;
    }
    if (i == from) continue;
    const bool next_lower = i + 1 < name.size() && lower(name[i + 1]);
    const bool begins = upper(name[i]) && (lower(name[i - 1]) || (upper(name[i - 1]) && next_lower));
    if (!begins && digit(name[i]) == digit(name[i - 1])) continue;
    end_word(i);
    from = i;
  }
  end_word(name.size());
  return out;
}

}  // namespace

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> out;
  for (const std::string_view word : cut(name)) out.push_back(fold(word));
  return out;
}

bool same_words(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> one = a, other = b;
  std::sort(one.begin(), one.end());
  std::sort(other.begin(), other.end());
  return one.size() >= 2 && one == other;
}

bool same_words_with_objects(const std::string& path, const std::string& other) {
  const auto from = [](const std::string& whole, int steps) {
    size_t at = whole.size();
    for (; steps > 0 && at != std::string::npos && at > 0; --steps) at = whole.rfind('.', at - 1);
    return words_of(std::string_view(whole).substr(at == std::string::npos ? 0 : at));
  };
  for (const int own : {1, 2})
    for (const int theirs : {1, 2})
      if (same_words(from(path, own), from(other, theirs))) return true;
  return false;
}

bool names_a_file(std::string_view name) {
  std::string bare;
  for (const std::string& word : words_of(name)) bare += word;
  const auto has = [&](std::string_view part) { return bare.find(part) != std::string::npos; };
  return has("base64") || ((has("file") || has("tep")) && (has("content") || has("noidung") || has("bytes")));
}

std::vector<PrefixFamily> prefix_families(const std::vector<std::string>& names) {
  std::map<std::string, std::set<std::string>> rests;  // by prefix
  for (const std::string& name : names) {
    const auto words = cut(name);
    if (words.size() < 2) continue;
    const size_t at = static_cast<size_t>(words[0].data() - name.data()) + words[0].size();
    rests[name.substr(0, at)].insert(name.substr(at));
  }
  std::vector<PrefixFamily> out;
  std::set<std::string> taken;
  for (const auto& [prefix, own] : rests) {
    if (own.size() < 2 || !taken.insert(prefix).second) continue;
    PrefixFamily family{{prefix}, own};
    for (const auto& [other, theirs] : rests) {
      std::set<std::string> both;
      std::set_intersection(family.names.begin(), family.names.end(), theirs.begin(), theirs.end(),
                            std::inserter(both, both.begin()));
      if (taken.contains(other) || both.size() < 2) continue;
      taken.insert(other);
      family.prefixes.insert(other);
      family.names = std::move(both);
    }
    if (family.prefixes.size() >= 2) out.push_back(std::move(family));
  }
  return out;
}

}  // namespace lt::workshop
