// Small readers of YAML values, shared by the readers of mapping files. Private to this room.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/mapping/rule_file.h"

namespace lt::mapping {

class YamlForm {
 public:
  using Value = config::Value;
  using Member = Value::Member;

 protected:
  explicit YamlForm(config::Diagnostics& diagnostics) : out_(diagnostics) {}

  bool keys(const Value& value, const std::vector<std::string>& known, std::string_view what);
  bool keys_free(const Value& value, std::string_view what);
  void require(const Value& value, const char* key, std::string_view what);
  bool text(const Value& value, Text& into);
  void optional_text(const Value& value, std::optional<Text>& into);
  void literal(const Value& value, Text& into);  // a text, or null
  void number(const Value& value, int least, int& into);
  void pairs(const Value& value, std::string_view what, std::vector<std::pair<Text, Text>>& into);
  bool is_one_of(const Value& value, const std::vector<std::string>& names);

  template <class E>
  void choice(const Value& value, std::initializer_list<std::pair<const char*, E>> choices, E& into) {
    std::vector<std::string> names;
    for (const auto& [name, meaning] : choices) {
      if ((value.is_scalar() && value.text == name) || (value.is_null() && std::string_view(name) == "null"))
        return void(into = meaning);
      names.emplace_back(name);
    }
    is_one_of(value, names);
  }
  bool rest(const Value& value);

  config::Diagnostics& out_;
};

// The rules of a file. Private to this room.
class RuleReader : YamlForm {
 public:
  explicit RuleReader(config::Diagnostics& diagnostics) : YamlForm(diagnostics) {}
  void rules(const Value& value, std::vector<Rule>& into);

 private:
  void body(const Value& value, Rule& rule);
  void check(const Value& value, Rule& rule);
  void origin(const Member& at, Origin which, Rule& rule);
  bool origin_of(const Member& at, Rule& rule);
  bool value_operator(const Member& at, const Value& whole, Rule& rule);
  void shape_operator(const Member& at, Rule& rule);
  void unmapped(const Value& value, Rule& rule);
  void back(const Value& value, Rule& rule);
  void match_on(const Value& value, Rule& rule);
  void one_of(const Value& value, Rule& rule);
  void spread(const Value& value, Rule& rule);
  void embedded(const Value& value, Rule& rule);

  size_t count_ = 0;
};

}  // namespace lt::mapping
