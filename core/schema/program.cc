#include "core/schema/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace lt::schema {
namespace {

using Program = CompiledSchema::Program;

bool shorter(std::string_view a, std::string_view b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

Program::Limit limit_of(const std::optional<Bound>& bound) {
  Program::Limit out;
  if (!bound) return out;
  out.set = true;
  out.exclusive = bound->exclusive;
  if (auto value = Decimal::parse(bound->text)) out.value = *value;
  if (auto plain = plain_integer(bound->text)) {
    out.plain = *plain;
    out.is_plain = true;
  }
  return out;
}

class Compiler {
 public:
  explicit Compiler(Program& program) : program_(program) {}

  Result<void> run() {
    const Model& model = *program_.model;
    program_.rules.resize(model.types.size());
    for (size_t i = 0; i < model.types.size(); ++i) LT_TRY(rule(model.types[i], program_.rules[i]));
    return {};
  }

 private:
  Result<uint32_t> pattern(const std::string& text, const Place& place) {
    if (auto known = known_.find(text); known != known_.end()) return known->second;
    auto compiled = TextPattern::compile(text);
    if (!compiled) {
      compiled.error().place = place;
      return fail(std::move(compiled).error());
    }
    program_.patterns.push_back(std::move(*compiled));
    return known_[text] = static_cast<uint32_t>(program_.patterns.size() - 1);
  }

  Result<void> rule(const Type& type, Program::Rule& out) {
    out.type = &type;
    out.kinds = type.kinds;
    out.enumerated = type.allowed.has_value();
    out.combined = !type.all_of.empty() || !type.any_of.empty() || !type.one_of.empty() || type.never != kNoType ||
                   type.when != kNoType;
    out.many = type.names != kNoType || type.min_fields || type.max_fields || !type.dependencies.empty();
    out.min_length = type.min_length.value_or(0);
    out.max_length = type.max_length.value_or(UINT64_MAX);
    for (const std::string& text : type.patterns) {
      LT_ASSIGN(const uint32_t index, pattern(text, type.place));
      out.patterns.push_back(index);
    }
    out.format = text_format(type.format).value_or(TextFormat::none);
    out.minimum = limit_of(type.minimum);
    out.maximum = limit_of(type.maximum);
    out.has_multiple = !type.multiple_of.empty();
    if (out.has_multiple) out.multiple = Decimal::parse(type.multiple_of).value_or(Decimal{});
    out.limited = out.minimum.set || out.maximum.set || out.has_multiple;
    for (const PatternField& field : type.pattern_fields) {
      LT_ASSIGN(const uint32_t index, pattern(field.pattern, field.place));
      out.pattern_fields.emplace_back(index, field.type);
    }
    out.closed = !type.open;
    return properties(type, out);
  }

  static Result<void> properties(const Type& type, Program::Rule& out) {
    for (const Field& field : type.fields) out.properties.push_back({field.name, field.type, -1, true});
    for (const std::string& name : type.required) {
      auto at =
          std::find_if(out.properties.begin(), out.properties.end(), [&](const auto& p) { return p.name == name; });
      if (at == out.properties.end()) at = out.properties.insert(at, {name, kNoType, -1, false});
      if (at->required < 0) at->required = static_cast<int>(out.required++);
    }
    if (out.required > limits::kSchemaRequired || out.properties.size() > UINT16_MAX)
      return fail(Code::schema_keyword, fmt::format("more than {} required names", limits::kSchemaRequired),
                  type.place);
    for (uint32_t bit = 0; bit < out.required; ++bit) out.required_bits[bit / 64] |= uint64_t{1} << (bit % 64);
    for (size_t i = 0; i < out.properties.size(); ++i) out.sorted.push_back(static_cast<uint16_t>(i));
    std::sort(out.sorted.begin(), out.sorted.end(),
              [&](uint16_t a, uint16_t b) { return shorter(out.properties[a].name, out.properties[b].name); });
    return {};
  }

  Program& program_;
  std::map<std::string, uint32_t> known_;
};

}  // namespace

const Program::Property* Program::Rule::find(std::string_view name) const {
  size_t low = 0, high = sorted.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const Property& at = properties[sorted[middle]];
    const int order = at.name.size() != name.size() ? (at.name.size() < name.size() ? -1 : 1)
                                                    : std::memcmp(at.name.data(), name.data(), name.size());
    if (order == 0) return &at;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return nullptr;
}

CompiledSchema::CompiledSchema(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
CompiledSchema::CompiledSchema(CompiledSchema&&) noexcept = default;
CompiledSchema& CompiledSchema::operator=(CompiledSchema&&) noexcept = default;
CompiledSchema::~CompiledSchema() = default;
const Model& CompiledSchema::model() const { return *program_->model; }

Result<CompiledSchema> CompiledSchema::compile(std::shared_ptr<const Model> model) {
  const Field* root = model->root();
  if (model->format != Format::json || root == nullptr)
    return fail(Code::schema_keyword, fmt::format("{} is no JSON Schema", model->file));
  auto program = std::make_unique<Program>();
  program->root = root->type;
  program->model = std::move(model);
  LT_TRY(Compiler(*program).run());
  return CompiledSchema(std::move(program));
}

}  // namespace lt::schema
