#include <algorithm>

#include "core/proof/generation.h"

namespace lt::proof {
namespace {

using namespace schema;

constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";
constexpr unsigned kNilPercent = 8, kMixedPercent = 60;

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

const Field* text_field(const Type& type) {
  for (const Field& field : type.fields)
    if (field.name == "#text") return &field;
  return nullptr;
}

}  // namespace

uint32_t particle_height(const Type& type, const Particle& particle, const std::vector<uint32_t>& heights) {
  if (particle.min_occurs == 0 || particle.kind == Particle::Kind::any) return 0;
  if (particle.kind == Particle::Kind::element) {
    const TypeId id = type.fields[particle.field].type;
    return id == kNoType ? 0 : heights[id];
  }
  const bool choice = particle.kind == Particle::Kind::choice;
  uint32_t out = choice && !particle.children.empty() ? kEndless : 0;
  for (const Particle& child : particle.children) {
    const uint32_t height = particle_height(type, child, heights);
    out = choice ? std::min(out, height) : std::max(out, height);
  }
  return out;
}

std::string_view Generation::scalar(const Field& field, TypeId type, const Step* domain) {
  if (field.fixed) return tree_.copy(*field.fixed);
  domain = obeyed(domain);
  static const Type any;
  Types types = {type == kNoType ? &any : &model_.type(type)};
  if (domain != nullptr && domain->domain && domain->domain->also) types.push_back(domain->domain->also.get());
  const auto& allowed = types[0]->allowed;
  if (!allowed) return tree_.copy(scalars_.text(types, domain));
  // The values of an enumeration that the domain and the other facets take.
  std::vector<std::string_view> fitting;
  const bool said = domain != nullptr && domain->says_text();
  for (const Literal& literal : *allowed) {
    if (!scalars_.fits_text(types, literal.text)) continue;
    if (said && !domain->domain->values.empty()) {
      const auto& values = domain->domain->values;
      if (std::find(values.begin(), values.end(), literal.text) == values.end()) continue;
    }
    if (said && domain->pattern && !domain->pattern->matches(literal.text)) continue;
    fitting.push_back(literal.text);
  }
  if (fitting.empty()) return tree_.copy(scalars_.text(types, domain));
  return tree_.copy(fitting[draw_.below(fitting.size())]);
}

Node* Generation::element(const Field& field, const Step* domain, size_t depth) {
  const Draw::Mark mark = draw_.mark();
  const bool complex_type = field.type != kNoType && model_.type(field.type).kinds == kObject;
  Node* out = nullptr;
  if (hopeless(field.type, depth)) {
    scalars_.miss();
    out = tree_.make(Kind::text);
  } else if (complex_type) {
    out = complex(field, model_.type(field.type), domain, depth);
  } else {
    const bool always = domain != nullptr && domain->presence() == Domain::Presence::always;
    if (field.nillable && !field.fixed && !always && draw_.chance(kNilPercent)) {
      out = tree_.make(Kind::object);
      Node* nil = tree_.add(out, Kind::text, "@nil");
      nil->ns = kXsi;
      nil->text = "true";
    } else {
      out = tree_.make(Kind::text);
      out->text = scalar(field, field.type, domain);
    }
  }
  out->name = tree_.copy(field.name);
  out->ns = tree_.copy(field.ns);
  draw_.close(mark);
  return out;
}

void Generation::add_attributes(const Type& type, const Step* domain, Node* out, size_t depth) {
  for (const Field& field : type.fields) {
    if (field.name[0] != '@') continue;
    const Step* said = domain == nullptr ? nullptr : domain->child(field.name);
    const bool never = said != nullptr && said->presence() == Domain::Presence::never;
    if (never && field.required) scalars_.miss();
    if (never || (!field.required && !draw_presence(said, depth))) continue;
    const Draw::Mark mark = draw_.mark();
    Node* attribute = tree_.add(out, Kind::text, tree_.copy(field.name));
    attribute->ns = tree_.copy(field.ns);
    attribute->text = scalar(field, field.type, said);
    draw_.close(mark);
  }
}

Node* Generation::complex(const Field& field, const Type& type, const Step* domain, size_t depth) {
  Node* out = tree_.make(Kind::object);
  add_attributes(type, domain, out, depth);
  const bool always = domain != nullptr && domain->presence() == Domain::Presence::always;
  if (field.nillable && !field.fixed && !always && draw_.chance(kNilPercent)) {
    Node* nil = tree_.add(out, Kind::text, "@nil");
    nil->ns = kXsi;
    nil->text = "true";
    return out;
  }
  const Field* text = text_field(type);
  const Step* text_domain = domain == nullptr || text == nullptr ? nullptr : domain->child("#text");
  if (text != nullptr && text->required)
    add_text(*text, field.fixed ? *field.fixed : scalar(*text, text->type, text_domain), out);
  else if (text != nullptr && draw_.chance(std::min(kMixedPercent, presence_ + 10)))
    add_text(*text, scalar(*text, text->type, text_domain), out);
  if (type.content) particle(type, *type.content, domain, out, depth);
  // As it will be read again: an element that holds only text is text.
  const Node* only = out->count == 1 && out->first->name == "#text" ? out->first : nullptr;
  if (out->count == 0 || only != nullptr) {
    Node* plain = tree_.make(Kind::text);
    if (only != nullptr) plain->text = only->text;
    return plain;
  }
  return out;
}

void Generation::add_text(const Field& text, std::string_view value, Node* out) {
  // Blanks alone, where child elements may stand, are layout.
  if (value.empty() || (!text.required && blank(value))) return;
  tree_.add(out, Kind::text, "#text")->text = tree_.copy(value);
}

Generation::Wanted Generation::wanted(const Type& type, const Particle& particle, const Step* domain) const {
  Wanted out;
  if (domain == nullptr || domain->next.empty() || particle.kind == Particle::Kind::any) return out;
  if (particle.kind == Particle::Kind::element) {
    const Step* said = domain->child(type.fields[particle.field].name);
    const auto presence = said == nullptr ? Domain::Presence::as_schema : said->presence();
    return {presence == Domain::Presence::always, presence == Domain::Presence::never};
  }
  const bool choice = particle.kind == Particle::Kind::choice;
  out.never = choice && !particle.children.empty();
  for (const Particle& child : particle.children) {
    const Wanted inner = wanted(type, child, domain);
    out.always |= inner.always;
    if (choice)
      out.never &= inner.never;
    else
      out.never |= inner.never && child.min_occurs > 0;
  }
  return out;
}

void Generation::particle(const Type& type, const Particle& particle, const Step* domain, Node* out, size_t depth) {
  if (particle.kind == Particle::Kind::any) {
    // Which elements may stand there the model does not say.
    if (particle.min_occurs > 0) scalars_.miss();
    return;
  }
  const Wanted said = wanted(type, particle, domain);
  if (said.never && (particle.min_occurs == 0 || particle.kind == Particle::Kind::element)) {
    if (particle.min_occurs > 0) scalars_.miss();
    return;
  }
  const bool endless = particle.min_occurs == 0 && [&] {
    Particle once = particle;
    once.min_occurs = 1;
    return particle_height(type, once, plan_.heights) >= kEndless;
  }();
  const uint64_t most = endless ? 0 : particle.max_occurs;
  const uint64_t least = std::min(most, std::max<uint64_t>(particle.min_occurs, said.always ? 1 : 0));
  for (uint64_t index = 0;; ++index) {
    const Draw::Mark mark = draw_.mark();
    if (!another(index, least, most, presence_, depth)) return;
    if (particle.kind == Particle::Kind::element) {
      const Field& field = type.fields[particle.field];
      const Step* below = domain == nullptr ? nullptr : domain->child(field.name);
      if (below != nullptr && field.max_occurs > 1) below = below->child("[]");
      tree_.append(out, element(field, below, depth + 1));
    } else if (particle.kind == Particle::Kind::choice) {
      choose(type, particle, domain, out, depth);
    } else {
      for (const Particle& child : particle.children) this->particle(type, child, domain, out, depth);
    }
    draw_.close(mark);
  }
}

void Generation::choose(const Type& type, const Particle& choice, const Step* domain, Node* out, size_t depth) {
  std::vector<const Particle*> branches, preferred;
  for (const Particle& child : choice.children) {
    const Wanted said = wanted(type, child, domain);
    if (said.never || particle_height(type, child, plan_.heights) >= kEndless) continue;
    branches.push_back(&child);
    if (said.always) preferred.push_back(&child);
  }
  if (!preferred.empty()) branches = preferred;
  if (branches.empty()) {
    if (!choice.children.empty()) scalars_.miss();
    return;
  }
  const auto lower = [&](const Particle* a, const Particle* b) {
    return particle_height(type, *a, plan_.heights) < particle_height(type, *b, plan_.heights);
  };
  if (calm(depth)) branches = {*std::min_element(branches.begin(), branches.end(), lower)};
  const Particle* branch = branches[draw_.below(branches.size())];
  const Draw::Mark mark = draw_.mark();
  particle(type, *branch, domain, out, depth);
  draw_.close(mark);
}

}  // namespace lt::proof
