#include <fmt/format.h>

#include <algorithm>

#include "core/proof/generation.h"

namespace lt::proof {
namespace {

using namespace schema;

constexpr size_t kDependencyRounds = 8;
constexpr size_t kNameTries = 10;
constexpr size_t kUndeclared = 3;  // fields more than must be

// Which fields there are has to be known before the first is drawn.
bool depends_on_count(const Types& types) {
  return std::any_of(types.begin(), types.end(), [](const Type* type) {
    return type->min_fields || type->max_fields || !type->dependencies.empty();
  });
}

}  // namespace

std::optional<Generation::TypeIds> Generation::member_types(const Types& types, std::string_view name) const {
  TypeIds out;
  const auto add = [&](TypeId id) {
    if (id != kNoType && std::find(out.begin(), out.end(), id) == out.end()) out.push_back(id);
  };
  for (const Type* type : types) {
    bool declared = false;
    for (const Field& field : type->fields)
      if (field.name == name) {
        declared = true;
        add(field.type);
        break;
      }
    for (const PatternField& field : type->pattern_fields) {
      const Patterns::Entry* entry = plan_.patterns.of(field.pattern);
      if (entry == nullptr || !entry->check || !entry->check->matches(name)) continue;
      declared = true;
      add(field.type);
    }
    if (declared) continue;
    if (!type->open) return std::nullopt;
    add(type->additional);
  }
  for (const TypeId id : out)
    if (model_.type(id).kinds == 0) return std::nullopt;
  return out;
}

void Generation::add_members(const Types& types, std::vector<Member>& members) {
  const auto member = [&](std::string_view name) -> Member& {
    for (Member& known : members)
      if (known.name == name) return known;
    members.push_back({name});
    return members.back();
  };
  for (const Type* type : types)
    for (const Field& field : type->fields) member(field.name);
  for (const Type* type : types)
    for (const std::string& name : type->required) {
      Member& needed = member(name);
      needed.required = true;
      if (needed.decided) needed.present = true;
    }
}

void Generation::decide(const Types& types, const Step* domain, Member& member, size_t depth) {
  if (member.decided) return;
  member.decided = true;
  const Step* said = domain == nullptr ? nullptr : domain->child(member.name);
  const auto presence = said == nullptr ? Domain::Presence::as_schema : said->presence();
  member.said = presence != Domain::Presence::as_schema;
  if (member.required) {
    member.present = presence != Domain::Presence::never;
    return;
  }
  const auto ids = member_types(types, member.name);
  if (!ids) return;
  for (const TypeId id : *ids)
    if (plan_.heights[id] >= kEndless) return;
  member.present = draw_presence(said, depth);
}

// Fields that others bring with them. True when there were some.
bool Generation::add_dependent(Types& types, std::vector<Member>& members) {
  bool more = false;
  const auto present = [&](std::string_view name) {
    return std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.present && m.name == name; });
  };
  for (size_t i = 0; i < types.size(); ++i)
    for (const Dependency& dependency : types[i]->dependencies) {
      if (!present(dependency.name)) continue;
      for (const std::string& name : dependency.required) {
        if (present(name)) continue;
        auto at = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.name == name; });
        if (at == members.end()) at = members.insert(at, Member{name});
        at->required = at->decided = at->present = true;
        more = true;
      }
      const size_t before = types.size();
      gather(dependency.type, types, false);
      if (types.size() == before) continue;
      add_members(types, members);
      return true;
    }
  return more;
}

void Generation::fit_count(const Types& types, std::vector<Member>& members) {
  uint64_t least = 0, most = UINT64_MAX;
  for (const Type* type : types) {
    least = std::max(least, type->min_fields.value_or(0));
    most = std::min(most, type->max_fields.value_or(UINT64_MAX));
  }
  auto count = static_cast<uint64_t>(
      std::count_if(members.begin(), members.end(), [](const Member& member) { return member.present; }));
  for (size_t i = members.size(); i > 0 && count > most; --i) {
    Member& member = members[i - 1];
    if (!member.present || member.required || member.said) continue;
    member.present = false;
    --count;
  }
  for (Member& member : members) {
    if (count >= least) return;
    if (member.present || member.said || !member_types(types, member.name)) continue;
    member.present = true;
    ++count;
  }
  for (size_t tries = 0; count < least && tries < kNameTries * least; ++tries) {
    const size_t before = members.size();
    const std::string name = undeclared_name(types);
    const bool known = std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.name == name; });
    if (!known && member_types(types, name)) members.push_back({tree_.copy(name), false, true, true, false});
    count += members.size() - before;
  }
}

std::string Generation::undeclared_name(const Types& types) {
  Types names;
  std::vector<const PatternText*> patterns;
  for (const Type* type : types) {
    if (type->names != kNoType) gather(type->names, names, false);
    for (const PatternField& field : type->pattern_fields)
      if (const Patterns::Entry* entry = plan_.patterns.of(field.pattern); entry != nullptr && entry->text)
        patterns.push_back(&*entry->text);
  }
  // By one of the patterns, or of the form all names must have.
  const size_t ways = (names.empty() ? 0 : 1) + patterns.size();
  const uint64_t way = draw_.below(ways);
  if (!names.empty() && way == patterns.size()) {
    Node* listed = literal(names, nullptr, "");
    return listed != nullptr ? std::string(listed->text) : scalars_.text(names, nullptr);
  }
  if (way < patterns.size())
    if (auto name = patterns[way]->draw(draw_)) return std::move(*name);
  return fmt::format("them{}", draw_.below(1'000));
}

void Generation::add_undeclared(const Types& types, std::vector<Member>& members) {
  bool map = false, open = true;
  uint64_t most = UINT64_MAX;
  for (const Type* type : types) {
    map |= type->additional != kNoType || !type->pattern_fields.empty();
    open &= type->open || !type->pattern_fields.empty();
    most = std::min(most, type->max_fields.value_or(UINT64_MAX));
  }
  if (!open || (!map && !plan_.taste.undeclared)) return;
  auto count = static_cast<uint64_t>(
      std::count_if(members.begin(), members.end(), [](const Member& member) { return member.present; }));
  for (size_t i = 0; i < kUndeclared && count < most && draw_.chance(map ? presence_ : 10); ++i) {
    const std::string name = undeclared_name(types);
    const bool known = std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.name == name; });
    const auto ids = known ? std::nullopt : member_types(types, name);
    const bool possible =
        ids && std::none_of(ids->begin(), ids->end(), [&](TypeId id) { return plan_.heights[id] >= kEndless; });
    if (!possible) continue;
    members.push_back({tree_.copy(name), false, true, true, false});
    ++count;
  }
}

Node* Generation::object(Types& types, const Step* domain, std::string_view name, size_t depth) {
  std::vector<Member> members;
  add_members(types, members);
  if (depends_on_count(types)) {
    for (size_t round = 0; round < kDependencyRounds; ++round) {
      // By index: deciding adds nothing, but what depends on it may.
      for (size_t i = 0; i < members.size(); ++i) decide(types, domain, members[i], depth);
      if (!add_dependent(types, members)) break;
    }
    fit_count(types, members);
  }
  Node* out = tree_.make(Kind::object, name);
  const auto add = [&](const Member& member) {
    if (!member.present) return;
    const Step* said = domain == nullptr ? nullptr : domain->child(member.name);
    const auto ids = member_types(types, member.name);
    tree_.append(out, value(ids.value_or(TypeIds{}), said, tree_.copy(member.name), depth + 1));
  };
  for (Member& member : members) {
    decide(types, domain, member, depth);
    add(member);
  }
  const size_t declared = members.size();
  if (!calm(depth)) add_undeclared(types, members);
  for (size_t i = declared; i < members.size(); ++i) add(members[i]);
  return out;
}

}  // namespace lt::proof
