// Proves a mapping: documents are drawn from its source schema, mapped there and back, and the laws below are looked at
// in each. What breaks a law is told with the smallest document that breaks it.
//
// With x a source document, y = forward(x), x' = back(y), y' = forward(x'):
//   translates    x becomes y, or is refused with a code of the mapping's own, LT-2101 to LT-2113; half of all become y
//   valid         y is valid for the target schema, except where the mapping says `ignore: target`
//   comes_back    y becomes x'
//   same_source   in x' each field that the mapping's Reversal calls exact has the text it has in x; lists of which
//                 something comes back have as many items, in their order
//   same_target   y' has in each field what y has, when all that the field was made of came back
//   rest          undeclared fields come back where `rest: keep` says so
//   repeatable    x becomes the same bytes again; the text of y, read and written again, is the same text
// and, where the reverse makes whole documents, the same from the other side: documents drawn from the target schema
// become source documents that are valid and keep all these laws, and fields that are only copied are in y as drawn.
//
// The same seed proves the same. All work is bounded by the number of documents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/mapping_store.h"

namespace lt::proof {

enum class Law : uint8_t { translates, valid, comes_back, same_source, same_target, rest, repeatable };
std::string_view name_of(Law law);     // "same_source"
std::string_view meaning_of(Law law);  // in Vietnamese and English

struct Broken {
  Law law = Law::translates;
  bool from_target = false;         // by a document drawn from the target schema
  std::string field;                // "$.A.B", in the source for same_source and rest, else in the target
  Place rule;                       // what wrote or lost it, as far as one rule did
  std::string why;                  // English
  std::string in_x, in_y, in_back;  // values, where there are some; in same_target of x's field, y and y'
  uint64_t seed = 0;                // of the run: the same again breaks it again
  size_t documents = 0;             // how many did
  std::string smallest;             // that document, shrunk
  std::string text() const;
};

struct ProveOptions {
  uint64_t seed = 1;
  size_t documents = 1'000;
  size_t told = 8;               // broken laws that are shrunk; others are only counted
  size_t shrink = 1'500;         // documents tried for each
  std::function<bool()> enough;  // asked before each document; true ends it early
};

struct Refusal {
  size_t count = 0;
  std::string first;  // of the first document: rule, target <- source, why
};

struct Proof {
  std::string mapping, file, reversal;
  size_t documents = 0, translated = 0, unusable = 0;  // unusable: the generator found no valid document
  std::string unusable_why;                            // of the first
  std::map<Code, Refusal> refused;
  size_t back_documents = 0, back_translated = 0;  // of the target schema
  std::map<Code, Refusal> back_refused;
  bool both_ways = false;
  size_t exact = 0, canonical = 0, lossy = 0;  // fields of the source
  std::vector<Broken> broken;
  size_t untold = 0;

  bool ok() const { return broken.empty() && untold == 0; }
  std::string text() const;
};

// Errors: those of Generator::make and of the checkers; usage when the entry has no compiled mapping.
Result<Proof> prove(const mapping::MappingStore::Entry& entry, const ProveOptions& options);

}  // namespace lt::proof
