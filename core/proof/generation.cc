#include "core/proof/generation.h"

#include <algorithm>

#include "core/codec/json.h"
#include "core/schema/decimal.h"
#include "core/schema/describe.h"

namespace lt::proof {
namespace {

using namespace schema;

constexpr size_t kTries = 24;           // of one value
constexpr size_t kRedraws = 600;        // of all values of one document
constexpr size_t kTypesTogether = 200;  // that hold on one value
constexpr uint64_t kItems = 40;         // of a list, unless more must be
constexpr unsigned kPresence[] = {0, 15, 50, 85, 100};

bool declares_object(const Type& type) {
  return !type.fields.empty() || !type.required.empty() || !type.pattern_fields.empty() || type.additional != kNoType ||
         !type.open || type.min_fields || type.max_fields || type.names != kNoType || !type.dependencies.empty();
}
bool declares_array(const Type& type) {
  return type.items != kNoType || !type.tuple.empty() || type.min_items || type.max_items || type.unique ||
         type.contains != kNoType;
}
bool declares_number(const Type& type) { return type.minimum || type.maximum || !type.multiple_of.empty(); }
bool declares_text(const Type& type) {
  return type.min_length || type.max_length || !type.patterns.empty() || !type.format.empty();
}

// A schema that says no type means what its keywords speak of.
uint8_t meant_kinds(uint8_t kinds, const Types& types) {
  if (kinds != kAnyKind) return kinds;
  uint8_t out = 0;
  for (const Type* type : types) {
    if (declares_object(*type)) out |= kObject;
    if (declares_array(*type)) out |= kArray;
    if (declares_number(*type)) out |= kNumber;
    if (declares_text(*type)) out |= kString;
  }
  return out != 0 ? out : kString | kInteger | kBoolean;
}

uint8_t kinds_of(const Types& types) {
  uint8_t kinds = kAnyKind;
  for (const Type* type : types) kinds &= type->kinds;
  return kinds;
}

// As a schema tells numbers: 1.0 is an integer, 1.5 is not.
uint8_t kind_of(const Node* node) {
  if (node->kind == Kind::number && !is_integral(node->text)) return kNumber;
  return kind_bits(node);
}

// Nothing but a look at the whole says whether such a value is valid.
bool needs_check(const Types& types) {
  return types.size() > 1 || std::any_of(types.begin(), types.end(), [](const Type* type) {
           return !type->any_of.empty() || !type->one_of.empty() || type->never != kNoType || type->when != kNoType ||
                  type->contains != kNoType || type->names != kNoType || type->min_fields || type->max_fields ||
                  !type->dependencies.empty() || !type->pattern_fields.empty() || type->kinds == 0;
         });
}

}  // namespace

Generation::Generation(const Generator::Plan& plan, Draw& draw, Tree& tree)
    : plan_(plan),
      model_(plan.model),
      draw_(draw),
      tree_(tree),
      scalars_(draw, plan.patterns, plan.model.format, plan.taste) {
  presence_ = kPresence[draw.mood(std::size(kPresence))];
  long_lists_ = draw.mood(20) == 1;
}

void Generation::run() {
  const Step* domain = plan_.domains.root();
  tree_.set_root(model_.format == Format::xml ? element(plan_.root, domain, 0)
                                              : value({plan_.root.type}, domain, "", 0));
}

bool Generation::draw_presence(const Step* domain, size_t depth) {
  const auto said = domain == nullptr ? Domain::Presence::as_schema : domain->presence();
  const bool strays = said == Domain::Presence::always && plan_.taste.stray > 0 && draw_.chance(plan_.taste.stray);
  if (said != Domain::Presence::as_schema && !strays) return said == Domain::Presence::always;
  return !calm(depth) && draw_.chance(presence_);
}

const Step* Generation::obeyed(const Step* domain) {
  const bool says = domain != nullptr && domain->domain && (domain->says_text() || domain->domain->also);
  return says && plan_.taste.stray > 0 && draw_.chance(plan_.taste.stray) ? nullptr : domain;
}

bool Generation::another(uint64_t index, uint64_t least, uint64_t most, unsigned first, size_t depth) {
  if (index >= kItemsThatMust || tree_.nodes() > kNodes) return false;
  if (index < least) return true;
  if (index >= most || index >= std::max(kItems, least) || calm(depth)) return false;
  return draw_.chance(index == 0 ? first : long_lists_ ? 92 : 40);
}

bool Generation::hopeless(TypeId id, size_t depth) const {
  return depth > limits::kSchemaDepth || tree_.nodes() > kNodes || (id != kNoType && plan_.heights[id] >= kEndless);
}

Node* Generation::value(const TypeIds& ids, const Step* domain, std::string_view name, size_t depth) {
  if (std::any_of(ids.begin(), ids.end(), [&](TypeId id) { return hopeless(id, depth); })) {
    scalars_.miss();
    return tree_.make(Kind::null, name);
  }
  domain = obeyed(domain);
  // The numbers of the try that was kept are noted: given them, it is the first.
  const size_t tries = draw_.replaying() ? 1 : kTries;
  for (size_t attempt = 0;; ++attempt) {
    const Draw::Mark mark = draw_.mark();
    Types types;
    for (const TypeId id : ids) gather(id, types, calm(depth));
    const bool unsure = needs_check(types);
    if (domain != nullptr && domain->domain && domain->domain->also) types.push_back(domain->domain->also.get());
    Node* out = try_value(types, domain, name, depth);
    const bool last = attempt + 1 >= tries || redraws_ >= kRedraws;
    if (last || !unsure || holds(ids, out)) {
      draw_.close(mark);
      return out;
    }
    ++redraws_;
    draw_.forget(mark);
  }
}

bool Generation::holds(const TypeIds& ids, const Node* node) const {
  return std::all_of(ids.begin(), ids.end(), [&](TypeId id) { return is_valid(*plan_.checker, id, node); });
}

// All types that are to hold on one value: of anyOf and oneOf one form is chosen, of if/then/else one side.
void Generation::gather(TypeId id, Types& types, bool calm) {
  if (id == kNoType || types.size() >= kTypesTogether) return;
  const Type& type = model_.type(id);
  if (std::find(types.begin(), types.end(), &type) != types.end()) return;
  types.push_back(&type);
  for (const TypeId part : type.all_of) gather(part, types, calm);
  gather_one(type.any_of, types, calm);
  gather_one(type.one_of, types, calm);
  if (type.when == kNoType) return;
  if (draw_.chance(50)) {
    gather(type.when, types, calm);
    gather(type.then, types, calm);
  } else {
    gather(type.otherwise, types, calm);
  }
}

void Generation::gather_one(const std::vector<TypeId>& forms, Types& types, bool calm) {
  if (forms.empty()) return;
  const uint8_t kinds = kinds_of(types);
  TypeIds fitting;
  for (const TypeId form : forms)
    if (form != kNoType && (model_.type(form).kinds & kinds) != 0 && plan_.heights[form] < kEndless)
      fitting.push_back(form);
  if (fitting.empty()) return;
  const auto lower = [&](TypeId a, TypeId b) { return plan_.heights[a] < plan_.heights[b]; };
  if (calm) fitting = {*std::min_element(fitting.begin(), fitting.end(), lower)};
  gather(fitting[draw_.below(fitting.size())], types, calm);
}

Node* Generation::try_value(Types& types, const Step* domain, std::string_view name, size_t depth) {
  if (Node* chosen = literal(types, domain, name)) return chosen;
  const uint8_t kind = draw_kind(kinds_of(types), types, domain, calm(depth));
  switch (kind) {
    case kString:
      return text(types, domain, name);
    case kInteger:
    case kNumber:
      return number(types, domain, kind == kInteger, name);
    case kBoolean:
      return boolean(domain, name);
    case kArray:
      return array(types, domain, name, depth);
    case kObject:
      return object(types, domain, name, depth);
    default:
      return tree_.make(Kind::null, name);
  }
}

uint8_t Generation::draw_kind(uint8_t kinds, const Types& types, const Step* domain, bool calm) {
  const bool said = domain != nullptr && domain->says_text();
  const bool always = domain != nullptr && domain->presence() == Domain::Presence::always;
  kinds = meant_kinds(kinds, types);
  if ((kinds & kNumber) != 0) kinds &= static_cast<uint8_t>(~kInteger);
  constexpr uint8_t kScalars = kString | kInteger | kNumber | kBoolean;
  if ((kinds & kScalars) != 0 && (calm || said)) kinds &= kScalars | kNull;
  if (said && (kinds & kString) != 0) kinds &= kString | kNull;
  if (always && kinds != kNull) kinds &= static_cast<uint8_t>(~kNull);
  if ((kinds & kNull) != 0 && kinds != kNull) {
    if (draw_.weighted({87, 13}) == 1) return kNull;
    kinds &= static_cast<uint8_t>(~kNull);
  }
  uint8_t all[8];
  size_t count = 0;
  for (const uint8_t kind : {kString, kInteger, kNumber, kBoolean, kObject, kArray, kNull})
    if ((kinds & kind) != 0) all[count++] = kind;
  return count == 0 ? static_cast<uint8_t>(kNull) : all[draw_.below(count)];
}

Node* Generation::literal(const Types& types, const Step* domain, std::string_view name) {
  const Type* fewest = nullptr;
  for (const Type* type : types)
    if (type->allowed && (fewest == nullptr || type->allowed->size() < fewest->allowed->size())) fewest = type;
  if (fewest == nullptr) return nullptr;
  const uint8_t kinds = kinds_of(types);
  const bool always = domain != nullptr && domain->presence() == Domain::Presence::always;
  const auto in_all = [&](const Node* node) {
    return std::all_of(types.begin(), types.end(), [&](const Type* type) {
      return !type->allowed || std::any_of(type->allowed->begin(), type->allowed->end(),
                                           [&](const Literal& literal) { return same_value(literal.node, node); });
    });
  };
  const auto fits = [&](const Literal& literal) {
    const Node* node = literal.node;
    if ((kinds & kind_of(node)) == 0 || (node->kind == Kind::null && always)) return false;
    if (node->kind == Kind::text && !scalars_.fits_text(types, node->text)) return false;
    if (node->kind == Kind::number && !scalars_.fits_number(types, node->text)) return false;
    if (domain != nullptr && domain->domain) {
      const auto& values = domain->domain->values;
      if (!values.empty() && std::find(values.begin(), values.end(), literal.text) == values.end()) return false;
      if (domain->pattern && !domain->pattern->matches(literal.text)) return false;
    }
    return in_all(node);
  };
  std::vector<const Node*> fitting;
  for (const Literal& literal : *fewest->allowed)
    if (fits(literal)) fitting.push_back(literal.node);
  if (fitting.empty()) return nullptr;
  return copy(fitting[draw_.below(fitting.size())], name);
}

Node* Generation::copy(const Node* from, std::string_view name) {
  Node* out = tree_.make(from->kind, name);
  out->flag = from->flag;
  out->text = tree_.copy(from->text);
  for (const Node* child = from->first; child != nullptr; child = child->next)
    tree_.append(out, copy(child, tree_.copy(child->name)));
  return out;
}

Node* Generation::text(const Types& types, const Step* domain, std::string_view name) {
  Node* out = tree_.make(Kind::text, name);
  out->text = tree_.copy(scalars_.text(types, domain));
  return out;
}

Node* Generation::boolean(const Step* domain, std::string_view name) {
  Node* out = tree_.make(Kind::boolean, name);
  out->flag = draw_.chance(50);
  if (domain == nullptr || !domain->domain || domain->domain->values.empty()) return out;
  const auto& values = domain->domain->values;
  const auto has = [&](std::string_view value) {
    return std::find(values.begin(), values.end(), value) != values.end();
  };
  if (!has(out->flag ? "true" : "false")) out->flag = !out->flag;
  return out;
}

Node* Generation::number(const Types& types, const Step* domain, bool integer, std::string_view name) {
  Node* out = tree_.make(Kind::number, name);
  const bool said = domain != nullptr && domain->says_text();
  if (said && !domain->domain->values.empty()) {
    std::vector<const std::string*> fitting;
    for (const std::string& value : domain->domain->values)
      if (codec::is_json_number(value) && scalars_.fits_number(types, value)) fitting.push_back(&value);
    if (!fitting.empty()) {
      out->text = tree_.copy(*fitting[draw_.below(fitting.size())]);
      return out;
    }
    scalars_.miss();
  }
  if (said && domain->pattern)
    if (const auto matching = domain->pattern->draw(draw_);
        matching && codec::is_json_number(*matching) && scalars_.fits_number(types, *matching)) {
      out->text = tree_.copy(*matching);
      return out;
    }
  const auto drawn = scalars_.number(types, integer);
  if (!drawn) scalars_.miss();
  out->text = tree_.copy(drawn.value_or("0"));
  return out;
}

Generation::ItemCount Generation::count_of(const Types& types, const Step* domain) {
  ItemCount out;
  bool contains = false;
  for (const Type* type : types) {
    out.least = std::max(out.least, type->min_items.value_or(0));
    out.most = std::min(out.most, type->max_items.value_or(UINT64_MAX));
    if (!type->more_items) out.most = std::min<uint64_t>(out.most, type->tuple.size());
    contains |= type->contains != kNoType;
    out.unique |= type->unique;
  }
  if (domain != nullptr && domain->presence() == Domain::Presence::always) out.least = std::max<uint64_t>(out.least, 1);
  if (contains) {
    out.contained_at = draw_.below(std::min<uint64_t>(3, out.most));
    out.least = std::max(out.least, *out.contained_at + 1);
  }
  return out;
}

Generation::TypeIds Generation::item_types(const Types& types, uint64_t index, bool contained) {
  TypeIds out;
  for (const Type* type : types) {
    const TypeId id = index < type->tuple.size() ? type->tuple[index] : type->items;
    if (id != kNoType) out.push_back(id);
    if (contained && type->contains != kNoType) out.push_back(type->contains);
  }
  return out;
}

Node* Generation::array(const Types& types, const Step* domain, std::string_view name, size_t depth) {
  Node* out = tree_.make(Kind::array, name);
  const ItemCount count = count_of(types, domain);
  const Step* item_domain = domain == nullptr ? nullptr : domain->child("[]");
  for (uint64_t index = 0;; ++index) {
    const Draw::Mark mark = draw_.mark();
    if (!another(index, count.least, count.most, 72, depth)) break;
    const TypeIds ids = item_types(types, index, count.contained_at == index);
    Node* next = item(ids, item_domain, out->first, count.unique, depth);
    if (next == nullptr) {
      // There is no other value left: the list ends here.
      draw_.forget(mark);
      if (index >= count.least) draw_.settle(0, 2);
      break;
    }
    tree_.append(out, next);
    draw_.close(mark);
  }
  return out;
}

Node* Generation::item(const TypeIds& ids, const Step* domain, const Node* before, bool unique, size_t depth) {
  const auto known = [before](const Node* node) {
    for (const Node* other = before; other != nullptr; other = other->next)
      if (same_value(other, node)) return true;
    return false;
  };
  for (size_t attempt = 0; attempt < kTries; ++attempt) {
    const Draw::Mark mark = draw_.mark();
    Node* out = value(ids, domain, "", depth + 1);
    if (!unique || draw_.replaying() || !known(out)) return out;
    draw_.forget(mark);
  }
  return nullptr;
}

}  // namespace lt::proof
