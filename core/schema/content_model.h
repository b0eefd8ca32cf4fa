// The content of an XSD type compiled: which elements may follow one another.
//
// A walk holds where in the particles it stands and, of each repeated group around that place, how often it has been
// entered: groups are never copied, so maxOccurs="100000" costs nothing. XSD demands that one place follows from a name
// (Unique Particle Attribution), which makes a step cost the same however long the document is. Only counts may still
// be open, as in ((a{1,2}, b?){2,3}); then several counts are carried along, and the steps say so.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/schema/type.h"

namespace lt::schema {

bool takes(const Wildcard& wildcard, std::string_view ns);

class ContentModel {
 public:
  static constexpr size_t kCounted = 12;  // nested groups whose occurrences must be counted
  static constexpr uint32_t kNone = UINT32_MAX;

  // One place where an element may stand.
  struct Leaf {
    uint32_t field = kNone;              // of Type::fields; kNone: a wildcard
    const Wildcard* wildcard = nullptr;  // of the Type
    uint32_t part = 0;
  };

  // `type` must outlive it. Error schema_keyword: xs:all inside another group, groups nested too deeply, too large.
  static Result<ContentModel> compile(const Type& type);

  bool empty() const { return leaves_.empty(); }
  // The field of that name, wherever it may stand; kNone for another.
  uint32_t declared(std::string_view ns, std::string_view name) const;

 private:
  friend class ContentWalk;
  enum class Kind : uint8_t { leaf, sequence, choice, repeat };
  static constexpr uint32_t kAnyName = UINT32_MAX, kNoSymbol = UINT32_MAX - 1;  // symbols of wildcards and of nothing
  // An element may come next as child `child` of the part, at `leaf`.
  struct Start {
    uint32_t symbol, child, leaf;
  };
  struct Part {
    Kind kind = Kind::sequence;
    bool nullable = false;
    uint32_t parent = kNone, place = 0;  // which child of the parent
    uint32_t least = 1, most = 1;        // of a repeat
    uint32_t counted = 0;                // repeats that are counted, from the top to this part, itself included
    uint32_t leaf = kNone;
    std::vector<uint32_t> children;
    std::vector<uint32_t> needed;  // of a sequence: the first child from i on that may not be left out
    std::vector<Start> starts;     // by symbol, then child
  };
  struct Symbol {
    std::string_view ns, name;
    uint32_t field;
  };
  class Compiler;

  uint32_t symbol(std::string_view ns, std::string_view name) const;
  bool counts(const Part& part) const { return part.kind == Kind::repeat && part.most > 1 && !free(part); }
  static bool free(const Part& part) { return part.most == kUnbounded && part.least <= 1; }

  const Type* type_ = nullptr;
  std::vector<Part> parts_;  // none: nothing may stand here
  uint32_t top_ = 0;
  std::vector<Leaf> leaves_;
  std::vector<uint16_t> slack_;  // per leaf: bit i when fewer of count i always leaves more open
  std::vector<Symbol> symbols_;
  std::vector<uint32_t> sorted_;
  bool all_ = false, all_optional_ = false;
  std::vector<uint32_t> all_required_;
};

// One element's children, taken one after the other.
class ContentWalk {
 public:
  explicit ContentWalk(const ContentModel& model);

  // The place of the next child, or null when none of that name may come here; then the walk stays where it was.
  const ContentModel::Leaf* take(std::string_view ns, std::string_view name);
  bool may_end() const;
  // What may come next: names, "any element" for a wildcard; at most `most`, more are left out.
  std::vector<std::string> expected(size_t most) const;
  uint64_t steps() const { return steps_; }

 private:
  using Counts = std::array<uint32_t, ContentModel::kCounted>;
  struct At {
    uint32_t leaf = ContentModel::kNone;
    Counts counts{};
  };
  template <class Visit>
  bool each_way_on(const At& at, const Visit& visit) const;
  void enter(const ContentModel::Part& part, uint32_t low, uint32_t high, const Counts& counts, uint32_t kept,
             uint32_t symbol, std::string_view ns);
  void add(uint32_t leaf, uint32_t kept, const Counts& counts);
  const ContentModel::Leaf* take_of_all(uint32_t symbol);

  const ContentModel& model_;
  std::vector<At> at_, next_;
  std::vector<bool> seen_;  // of xs:all
  bool begun_ = false;
  mutable uint64_t steps_ = 0;
};

}  // namespace lt::schema
