// Fields and documents as a draft looks at them. For draft_rules.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/message/tree.h"
#include "core/schema/model.h"
#include "core/workshop/draft_values.h"

namespace lt::workshop {

using Steps = std::vector<std::string>;

const Node* walk(const Node* node, const Steps& steps);
// Of a text, number or boolean; none when it is empty.
std::optional<std::string> text_of(const Node* node);
// The items of an array, or of a repeated element.
std::vector<const Node*> items_of(const Node* parent, const Steps& steps);

enum class Shape : uint8_t { scalar, object, repeated };

struct Shaped {
  Shape shape = Shape::scalar;
  schema::TypeId type = schema::kNoType;  // of one item, when repeated
};
Shaped shape_of(const schema::Model& model, const schema::Field& field);

// True when both fields hold a file in base64: by their types and names, and the samples do not deny it.
bool a_file(const schema::Model& target, const schema::Field& to, const schema::Model& source,
            const schema::Field& from, const Column& values);

}  // namespace lt::workshop
