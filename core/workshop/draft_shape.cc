#include "core/workshop/draft_shape.h"

#include "core/workshop/draft_names.h"

namespace lt::workshop {
namespace {

bool says_file(const schema::Model& model, const schema::Field& field) {
  return names_a_file(field.name) ||
         (field.type != schema::kNoType && model.type(field.type).scalar == schema::Scalar::base64);
}

}  // namespace

const Node* walk(const Node* node, const Steps& steps) {
  for (const std::string& step : steps) node = node ? node->find(step) : nullptr;
  return node;
}
std::optional<std::string> text_of(const Node* node) {
  if (!node) return std::nullopt;
  if (node->kind == Kind::boolean) return node->flag ? "true" : "false";
  if ((node->kind != Kind::text && node->kind != Kind::number) || node->text.empty()) return std::nullopt;
  return std::string(node->text);
}
std::vector<const Node*> items_of(const Node* parent, const Steps& steps) {
  std::vector<const Node*> out;
  if (steps.empty()) return out;
  const Node* holder = walk(parent, Steps(steps.begin(), steps.end() - 1));
  if (!holder) return out;
  for (const Node* child = holder->first; child; child = child->next) {
    if (child->name != steps.back()) continue;
    if (child->kind != Kind::array) out.push_back(child);
    for (const Node* item = child->kind == Kind::array ? child->first : nullptr; item; item = item->next)
      out.push_back(item);
  }
  return out;
}

Shaped shape_of(const schema::Model& model, const schema::Field& field) {
  if (field.type == schema::kNoType) return {};
  const schema::TypeId items = model.items(field.type);
  if (field.max_occurs > 1) return {Shape::repeated, field.type};
  if (items != schema::kNoType) return {Shape::repeated, items};
  if (!model.fields(field.type).empty()) return {Shape::object, field.type};
  const bool array = model.type(field.type).kinds == schema::kArray;
  return {array ? Shape::repeated : Shape::scalar, array ? schema::kNoType : field.type};
}

bool a_file(const schema::Model& target, const schema::Field& to, const schema::Model& source,
            const schema::Field& from, const Column& values) {
  const bool there = says_file(target, to), here = says_file(source, from);
  if (present(values) == 0) return there && here;
  return files(values) || ((there || here) && all_base64(values));
}

}  // namespace lt::workshop
