// What is known of a field beyond its schema: by its mapping, above all.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/date_pattern.h"
#include "core/proof/pattern_text.h"
#include "core/schema/type.h"

namespace lt::proof {

// A domain wins over the schema; where both can be satisfied, both are. Of several of these in one Domain the text is
// drawn by the first (values, date, pattern, base64), and has to match the pattern, too.
struct Domain {
  enum class Presence : uint8_t { as_schema, always, never };
  Presence presence = Presence::as_schema;  // always: not null or nil either, and an array has an item
  std::vector<std::string> values;          // codes of a table, or whole texts of embedded documents
  std::string date_pattern;                 // as core/mapping/date_pattern.h reads it
  std::string pattern;                      // RE2 syntax: the text matches somewhere, unless it is anchored
  bool base64 = false;
  // Of another schema: its facets hold as well, as far as there is a way.
  std::shared_ptr<const schema::Type> also = nullptr;
};
// By path as schema::Model::paths() writes it: "$.TaiLieuNop[].Tep". "$.TaiLieuNop[]" is the list and each of its
// items.
using Domains = std::map<std::string, Domain, std::less<>>;

// The domains as a walk through a document meets them: every step is a name, or "[]".
class DomainTree {
 public:
  // Error pattern_error: a date pattern or an expression that cannot be read, with its path.
  static Result<DomainTree> make(const Domains& domains);

  struct Step {
    std::optional<Domain> domain;
    std::optional<mapping::DatePattern> date;
    std::optional<PatternText> pattern;
    std::map<std::string, std::unique_ptr<Step>, std::less<>> next;

    // "a.b" leads two steps on, as it does in a path.
    const Step* child(std::string_view name) const;
    // Said of the field itself or of its items.
    Domain::Presence presence() const;
    bool says_text() const;
  };
  const Step* root() const { return root_.get(); }

 private:
  std::unique_ptr<Step> root_ = std::make_unique<Step>();
};

// Choices of whoever asks for documents, not of the schema.
struct Taste {
  bool undeclared = false;       // JSON: fields nobody declared, where an object is open
  bool other_spellings = false;  // of one value: 007 and +7 for 7, 1 for true (XML), 1.0 for 1 (JSON)
  bool decomposed = true;        // texts in NFD
  unsigned stray = 0;            // percent: a field is drawn as if its domain said nothing
};

}  // namespace lt::proof
