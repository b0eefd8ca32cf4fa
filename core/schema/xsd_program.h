// What CompiledXsd holds: of each type its content, its attributes and the rule of its text.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/schema/content_model.h"
#include "core/schema/scalar_rule.h"
#include "core/schema/xsd_checker.h"

namespace lt::schema {

struct CompiledXsd::Program {
  enum class Content : uint8_t { anything, text, elements, mixed };
  struct Rule {
    const Type* type = nullptr;
    Content content = Content::anything;
    bool complex = false;  // may have attributes
    ScalarRule text;       // of text content; of mixed content, for fixed values
    ContentModel elements;
    std::vector<const Field*> attributes;  // required ones first
    size_t required = 0;
  };

  std::shared_ptr<const Model> model;
  std::vector<Rule> rules;  // by TypeId

  using Globals = std::map<std::pair<std::string_view, std::string_view>, const Field*>;  // by name and namespace
  Globals elements, attributes;
  // Null when there is none of that name.
  static const Field* find(const Globals& globals, std::string_view ns, std::string_view name);
};

}  // namespace lt::schema
