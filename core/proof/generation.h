// The workings of generator.h: one document being drawn. generation.cc draws JSON values, objects.cc the fields of JSON
// objects, elements.cc XML.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/limits.h"
#include "core/proof/generator.h"
#include "core/proof/scalar_draw.h"
#include "core/schema/checker.h"

namespace lt::proof {

using schema::Field;
using schema::Particle;
using schema::Type;
using schema::TypeId;
using Step = DomainTree::Step;

struct Generator::Plan {
  const schema::Model& model;
  const Field& root;
  DomainTree domains;
  Taste taste;
  Patterns patterns;
  std::optional<schema::CompiledSchema> checker;  // JSON
  std::vector<uint32_t> heights;                  // levels the smallest value of each type needs; kEndless: it has none
};
inline constexpr uint32_t kEndless = 1'000'000;
std::vector<uint32_t> heights_of(const schema::Model& model);

class Generation {
 public:
  Generation(const Generator::Plan& plan, Draw& draw, Tree& tree);
  void run();
  // Nothing was given up: no text without a fit, no depth without an end.
  bool good() const { return scalars_.missed() == 0; }

 private:
  // A field of a JSON object that may stand there, and what holds for it.
  struct Member {
    std::string_view name;
    bool required = false, present = false, decided = false;
    bool said = false;  // by a domain
  };
  using TypeIds = std::vector<TypeId>;

  // JSON values (generation.cc)
  Node* value(const TypeIds& ids, const Step* domain, std::string_view name, size_t depth);
  Node* try_value(Types& types, const Step* domain, std::string_view name, size_t depth);
  void gather(TypeId id, Types& types, bool calm);
  void gather_one(const std::vector<TypeId>& forms, Types& types, bool calm);
  Node* literal(const Types& types, const Step* domain, std::string_view name);
  Node* text(const Types& types, const Step* domain, std::string_view name);
  Node* boolean(const Step* domain, std::string_view name);
  Node* number(const Types& types, const Step* domain, bool integer, std::string_view name);
  Node* copy(const Node* from, std::string_view name);
  bool holds(const TypeIds& ids, const Node* node) const;
  uint8_t draw_kind(uint8_t kinds, const Types& types, const Step* domain, bool calm);
  // JSON arrays
  struct ItemCount {
    uint64_t least = 0, most = UINT64_MAX;
    std::optional<uint64_t> contained_at;
    bool unique = false;
  };
  ItemCount count_of(const Types& types, const Step* domain);
  Node* array(const Types& types, const Step* domain, std::string_view name, size_t depth);
  Node* item(const TypeIds& ids, const Step* domain, const Node* before, bool unique, size_t depth);
  static TypeIds item_types(const Types& types, uint64_t index, bool contained);
  // JSON objects (objects.cc)
  Node* object(Types& types, const Step* domain, std::string_view name, size_t depth);
  void add_members(const Types& types, std::vector<Member>& members);
  void decide(const Types& types, const Step* domain, Member& member, size_t depth);
  bool add_dependent(Types& types, std::vector<Member>& members);
  void fit_count(const Types& types, std::vector<Member>& members);
  void add_undeclared(const Types& types, std::vector<Member>& members);
  std::string undeclared_name(const Types& types);
  // What holds for a field of that name; none when it must not stand there.
  std::optional<TypeIds> member_types(const Types& types, std::string_view name) const;
  // XML (elements.cc)
  Node* element(const Field& field, const Step* domain, size_t depth);
  Node* complex(const Field& field, const Type& type, const Step* domain, size_t depth);
  void add_attributes(const Type& type, const Step* domain, Node* out, size_t depth);
  void add_text(const Field& text, std::string_view value, Node* out);
  void particle(const Type& type, const Particle& particle, const Step* domain, Node* out, size_t depth);
  void choose(const Type& type, const Particle& choice, const Step* domain, Node* out, size_t depth);
  std::string_view scalar(const Field& field, TypeId type, const Step* domain);
  // What the domains say of the elements of a particle: one must be there; it cannot be there without one that must
  // not.
  struct Wanted {
    bool always = false, never = false;
  };
  Wanted wanted(const Type& type, const Particle& particle, const Step* domain) const;

  // A value nobody could finish is not begun, nor one that would be one too many.
  bool hopeless(TypeId id, size_t depth) const;
  bool calm(size_t depth) const { return depth > kDeepest || draw_.tired(); }
  bool draw_presence(const Step* domain, size_t depth);
  // The domain of a value, or null when this value strays from it.
  const Step* obeyed(const Step* domain);
  // Is there an item `index` of a list? `first`: percent of lists that are not empty.
  bool another(uint64_t index, uint64_t least, uint64_t most, unsigned first, size_t depth);

  // From there on documents grow no more than they must.
  static constexpr size_t kDeepest = 10;
  // Where the schema asks for more than this, there is no valid document of sensible size.
  static constexpr size_t kNodes = 500'000, kItemsThatMust = 20'000;
  const Generator::Plan& plan_;
  const schema::Model& model_;
  Draw& draw_;
  Tree& tree_;
  ScalarDraw scalars_;
  unsigned presence_ = 50;  // percent of optional fields that are there
  bool long_lists_ = false;
  size_t redraws_ = 0;
};

// What a particle of XML needs at least, in levels.
uint32_t particle_height(const Type& type, const Particle& particle, const std::vector<uint32_t>& heights);

}  // namespace lt::proof
