// The workings of json_schema.h: one reading of one schema. json_schema.cc walks and resolves, json_keywords.cc knows
// the keywords.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/schema/json_schema.h"

namespace lt::schema {

class JsonReader {
 public:
  JsonReader(SchemaFiles& files, config::Diagnostics& diagnostics) : files_(files), diagnostics_(diagnostics) {}
  std::shared_ptr<const Model> run(const std::string& name);

 private:
  static bool annotation(std::string_view keyword);
  Place place(const Node* node) const { return files_.place(file_, node); }
  void refuse(Code code, const Node* node, std::string message, std::string hint = {});

  TypeId read(const Node* schema);
  TypeId read_reference(const Node* schema);
  const Node* root_of(const std::string& name, const Node* said_at);
  void check_header(const Node* root);
  void fill(const Node* schema, Type& type);
  void set_scalar(const Node* schema, Type& type);
  void keyword(const Node* value, Type& type);
  bool text_keyword(const Node* value, Type& type);
  bool number_keyword(const Node* value, Type& type);
  bool object_keyword(const Node* value, Type& type);
  bool array_keyword(const Node* value, Type& type);
  bool combining_keyword(const Node* value, Type& type);
  void unknown_keyword(const Node* value);
  void read_codes(const Node* value, Type& type);
  void read_properties(const Node* value, Type& type);
  void read_dependencies(const Node* value, Type& type);
  uint8_t kinds_of(const Node* value);
  std::optional<uint64_t> count_of(const Node* value);
  std::optional<Bound> bound_of(const Node* value, bool exclusive);
  std::vector<std::string> names_of(const Node* value);
  std::vector<TypeId> list_of(const Node* value);
  void add_pattern(const Node* at, std::string_view pattern, std::vector<std::string>& out);
  void spread_required();
  bool endless(TypeId id, std::vector<uint8_t>& seen) const;

  SchemaFiles& files_;
  config::Diagnostics& diagnostics_;
  Model model_;
  std::string file_;  // of the node being read
  std::map<const Node*, TypeId> known_;
  std::vector<const Node*> references_;  // being followed
  std::vector<std::pair<TypeId, std::string>> names_;
  size_t depth_ = 0;
  bool too_large_ = false;
};

// The text of a Literal.
std::string literal_text(const Node* node);

}  // namespace lt::schema
