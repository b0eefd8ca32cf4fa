#include "core/proof/generator.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/proof/generation.h"

namespace lt::proof {
namespace {

using namespace schema;

constexpr unsigned kAttempts = 12;

class Heights {
 public:
  explicit Heights(const Model& model) : model_(model), heights_(model.types.size(), kEndless) {}

  std::vector<uint32_t> run() {
    // Each round settles the types one level higher.
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t id = 0; id < heights_.size(); ++id) {
        const uint32_t height = std::min(kEndless, of(model_.types[id]));
        changed |= height < heights_[id];
        heights_[id] = std::min(heights_[id], height);
      }
    }
    return std::move(heights_);
  }

 private:
  uint32_t at(TypeId id) const { return id == kNoType ? 0 : heights_[id]; }

  uint32_t object(const Type& type) const {
    uint32_t out = 0;
    for (const std::string& name : type.required)
      for (const Field& field : type.fields)
        if (field.name == name) out = std::max(out, at(field.type));
    return out + 1;
  }
  uint32_t array(const Type& type) const {
    const uint64_t least = type.min_items.value_or(0);
    uint32_t out = type.contains == kNoType ? 0 : at(type.contains);
    for (uint64_t i = 0; i < std::min<uint64_t>(least, type.tuple.size()); ++i) out = std::max(out, at(type.tuple[i]));
    if (least > type.tuple.size()) out = std::max(out, at(type.items));
    return out + 1;
  }
  uint32_t least_of(const std::vector<TypeId>& forms) const {
    uint32_t out = forms.empty() ? 0 : kEndless;
    for (const TypeId form : forms) out = std::min(out, at(form));
    return out;
  }

  uint32_t of(const Type& type) const {
    uint32_t out = kEndless;
    if (model_.format == Format::xml) {
      if (type.kinds != kObject) return 0;
      return type.content ? 1 + particle_height(type, *type.content, heights_) : 1;
    }
    if (type.allowed || type.may_be(kNull | kBoolean | kInteger | kNumber | kString)) out = 0;
    if (type.may_be(kArray)) out = std::min(out, array(type));
    if (type.may_be(kObject)) out = std::min(out, object(type));
    for (const TypeId part : type.all_of) out = std::max(out, at(part));
    return std::max({out, least_of(type.any_of), least_of(type.one_of)});
  }

  const Model& model_;
  std::vector<uint32_t> heights_;
};

Document make_document(const Generator::Plan& plan, Draw& draw) {
  Document out;
  Generation generation(plan, draw, out.tree);
  generation.run();
  out.choices = draw.take();
  out.valid = plan.checker ? is_valid(*plan.checker, out.tree.root()) : generation.good();
  return out;
}

}  // namespace

std::vector<uint32_t> heights_of(const Model& model) { return Heights(model).run(); }

Generator::Generator(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
Generator::Generator(Generator&&) noexcept = default;
Generator& Generator::operator=(Generator&&) noexcept = default;
Generator::~Generator() = default;

Result<Generator> Generator::make(const Model& model, const std::string& root, const Domains& domains,
                                  const Taste& taste) {
  const Field* top = model.root(root);
  if (top == nullptr) return fail(Code::unknown_path, fmt::format("{} has no root element \"{}\"", model.file, root));
  LT_ASSIGN(DomainTree tree, DomainTree::make(domains));
  Patterns patterns(model);
  for (const auto& [path, domain] : domains)
    if (domain.also) patterns.add(*domain.also);
  std::optional<CompiledSchema> checker;
  if (model.format == Format::json) {
    // Not owned: the model outlives the generator.
    const std::shared_ptr<const Model> held(std::shared_ptr<const Model>(), &model);
    LT_ASSIGN(checker, CompiledSchema::compile(held));
  }
  auto plan = std::make_unique<const Plan>(
      Plan{model, *top, std::move(tree), taste, std::move(patterns), std::move(checker), heights_of(model)});
  return Generator(std::move(plan));
}

Document Generator::document(uint64_t seed) const {
  Random seeds(seed);
  for (unsigned attempt = 1;; ++attempt) {
    Draw draw(attempt == 1 ? seed : seeds.next());
    Document out = make_document(*plan_, draw);
    out.attempts = attempt;
    if (out.valid || attempt >= kAttempts) return out;
  }
}

Document Generator::replay(const std::vector<uint64_t>& choices) const {
  Draw draw(choices);
  return make_document(*plan_, draw);
}

ShrunkDocument shrink(const Generator& generator, const Document& failing,
                      const std::function<bool(const Document&)>& still_fails, size_t most) {
  const auto trial = [&](const std::vector<uint64_t>& values) -> std::optional<Choices> {
    Document smaller = generator.replay(values);
    if ((failing.valid && !smaller.valid) || !still_fails(smaller)) return std::nullopt;
    return std::move(smaller.choices);
  };
  Shrunk shrunk = shrink(failing.choices, trial, most);
  ShrunkDocument out{generator.replay(shrunk.choices.values), shrunk.attempts};
  return out;
}

}  // namespace lt::proof
