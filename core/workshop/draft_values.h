// What two columns of values, one pair of documents each, have to do with one another. For draft.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lt::workshop {

using Column = std::vector<std::optional<std::string>>;  // by sample

size_t present(const Column& column);
// How alike two names are: 3 equal (case, marks and separators aside), 2 one ends with the other, 1 one begins so.
int name_likeness(std::string_view a, std::string_view b);
// Equal as numbers, some written otherwise.
bool same_numbers(const Column& target, const Column& source);
// Two patterns that turn all of `source` into `target`, and back.
std::optional<std::pair<std::string, std::string>> date_patterns(const Column& target, const Column& source);
// Code -> code: at least two different targets, each source with one target, some pair of codes seen twice or more.
std::optional<std::map<std::string, std::string>> code_pairs(const Column& target, const Column& source);

struct Piece {
  std::string name;  // a field
  const Column* values = nullptr;
};
// A pattern with the names of two or three pieces as groups that splits every value of `whole` into theirs; the
// separators are the same in all.
std::optional<std::string> split_pattern(const Column& whole, const std::vector<Piece>& pieces);

// True when every value there is a file in base64, told by how files of its kind begin.
bool files(const Column& column);
bool all_base64(const Column& column);  // and there is one
// "1 pair", "2 pairs".
std::string counted(size_t count, std::string_view one, std::string_view more);

// A path or value as YAML takes it inside a flow map.
std::string yaml_text(std::string_view text);

}  // namespace lt::workshop
