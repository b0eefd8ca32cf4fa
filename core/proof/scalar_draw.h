// Numbers and texts that fit all the types said to hold for one field.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/proof/domains.h"
#include "core/proof/draw.h"
#include "core/proof/pattern_text.h"
#include "core/proof/text_draw.h"
#include "core/schema/model.h"
#include "core/schema/text_pattern.h"

namespace lt::proof {

using Types = std::vector<const schema::Type*>;

// The patterns of a model, compiled once.
class Patterns {
 public:
  struct Entry {
    std::optional<schema::TextPattern> check;
    std::optional<PatternText> text;  // none: no text can be drawn for it
  };
  explicit Patterns(const schema::Model& model);
  void add(const schema::Type& type);
  const Entry* of(const std::string& pattern) const;

 private:
  void add(const std::string& pattern);
  std::map<std::string, Entry, std::less<>> entries_;
};

class ScalarDraw {
 public:
  ScalarDraw(Draw& draw, const Patterns& patterns, schema::Format format, const Taste& taste)
      : draw_(draw), patterns_(patterns), format_(format), taste_(taste) {}

  // The text of a number on the grid that bounds, multipleOf and digits leave; none when they leave nothing.
  std::optional<std::string> number(const Types& types, bool integer);
  // A text; what `domain` (may be null) says comes first. The last one tried when a bounded number of tries found none
  // that fits: then `missed` counts up.
  std::string text(const Types& types, const DomainTree::Step* domain);
  // Do the types take this text, or this number?
  bool fits_text(const Types& types, std::string_view text) const;
  bool fits_number(const Types& types, std::string_view text) const;

  size_t missed() const { return missed_; }
  void miss() { ++missed_; }

 private:
  std::string propose(const Types& types, const DomainTree::Step* domain, size_t attempt);
  std::optional<std::string> from_domain(const Types& types, const DomainTree::Step& domain);
  std::optional<std::string> from_schema_name(std::string_view name);
  std::string from_scalar(const Types& types, const TextBounds& bounds);
  std::string from_format(schema::Scalar scalar, const TextBounds& bounds);
  std::string bytes(schema::Scalar scalar, const TextBounds& bounds);
  std::string moment(const Types& types, schema::Scalar scalar);
  bool fits(const schema::Type& type, std::string_view text) const;
  bool fits_length(const schema::Type& type, std::string_view text) const;
  TextBounds bounds_of(const Types& types) const;

  Draw& draw_;
  const Patterns& patterns_;
  const schema::Format format_;
  const Taste& taste_;
  size_t missed_ = 0;
  size_t ids_ = 0;
};

}  // namespace lt::proof
