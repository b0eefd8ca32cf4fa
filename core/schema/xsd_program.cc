#include "core/schema/xsd_program.h"

#include <fmt/format.h>

#include <algorithm>

namespace lt::schema {
namespace {

using Program = CompiledXsd::Program;

Result<void> fill(const Model& model, TypeId id, ScalarRule::Patterns& patterns, Program::Rule& out) {
  const Type& type = model.type(id);
  out.type = &type;
  out.complex = type.may_be(kObject);
  const Field* text = nullptr;
  for (const Field& field : type.fields) {
    if (field.name == "#text") text = &field;
    if (field.name[0] == '@') out.attributes.push_back(&field);
  }
  const auto middle = std::stable_partition(out.attributes.begin(), out.attributes.end(),
                                            [](const Field* field) { return field->required; });
  out.required = static_cast<size_t>(middle - out.attributes.begin());
  if (type.kinds == kAnyKind)
    out.content = Program::Content::anything;
  else if (!out.complex || (text != nullptr && text->required))
    out.content = Program::Content::text;
  else
    out.content = text != nullptr ? Program::Content::mixed : Program::Content::elements;
  LT_ASSIGN(out.text, ScalarRule::compile(model, text != nullptr ? text->type : out.complex ? kNoType : id, &patterns));
  LT_ASSIGN(out.elements, ContentModel::compile(type));
  return {};
}

// A fixed or default value that is none of its type would refuse every document that leaves it out.
Result<void> check_values(const Program& program, const std::vector<Field>& fields) {
  for (const Field& field : fields)
    for (const auto* value : {&field.fixed, &field.fallback})
      if (*value && field.type != kNoType && !program.rules[field.type].text.fits(Kind::text, false, **value))
        return fail(Code::schema_keyword,
                    fmt::format("the {} value of \"{}\" is none of its type",
                                value == &field.fixed ? "fixed" : "default", field.name),
                    field.place);
  return {};
}

}  // namespace

const Field* Program::find(const Globals& globals, std::string_view ns, std::string_view name) {
  const auto at = globals.find({name, ns});
  return at == globals.end() ? nullptr : at->second;
}

CompiledXsd::CompiledXsd(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
CompiledXsd::CompiledXsd(CompiledXsd&&) noexcept = default;
CompiledXsd& CompiledXsd::operator=(CompiledXsd&&) noexcept = default;
CompiledXsd::~CompiledXsd() = default;
const Model& CompiledXsd::model() const { return *program_->model; }

Result<CompiledXsd> CompiledXsd::compile(std::shared_ptr<const Model> model) {
  if (model->format != Format::xml) return fail(Code::schema_keyword, fmt::format("{} is no XSD", model->file));
  auto program = std::make_unique<Program>();
  program->model = std::move(model);
  const Model& read = *program->model;
  program->rules.resize(read.types.size());
  ScalarRule::Patterns patterns;
  for (TypeId id = 0; id < read.types.size(); ++id) LT_TRY(fill(read, id, patterns, program->rules[id]));
  for (const Type& type : read.types) LT_TRY(check_values(*program, type.fields));
  LT_TRY(check_values(*program, read.elements));
  LT_TRY(check_values(*program, read.attributes));
  for (const Field& field : read.elements) program->elements[{field.name, field.ns}] = &field;
  for (const Field& field : read.attributes) program->attributes[{field.name, field.ns}] = &field;
  return CompiledXsd(std::move(program));
}

}  // namespace lt::schema
