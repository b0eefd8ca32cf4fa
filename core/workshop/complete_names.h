// The names and codes that `map complete` proposes from a scope. For complete.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/workshop/complete.h"
#include "core/workshop/complete_scope.h"

namespace lt::workshop {

inline constexpr size_t kMostCompletions = 500;
using Completions = std::vector<Completion>;

enum class Reach : uint8_t { single, repeated, all };  // of fields: which may be named

// Fields below the scope, and those of objects in it; `typed` is the path so far.
void paths(const TypedScope& scope, std::string_view typed, const char* kind, Reach reach, Completions& out);
// The codes of a field's type; of its code list when the schema declares no values.
void codes_of(const CompleteRequest& request, const TypedPlace& at, Completions& out);
// One column of a code table.
void codes_in(const schema::CodeTable& table, bool target, Completions& out);

// What an expression begun with `typed` asks for next.
struct ExpressionSpot {
  std::string path;                 // a text is compared with this path: its codes are asked for
  std::string word;                 // else the word being typed
  std::vector<std::string> within;  // the paths of the any() conditions around it, outermost first
  bool many = false;                // the first argument of count or any
};
ExpressionSpot expression_spot(std::string_view typed);
// Functions and words of the language.
void expression_words(Completions& out);

}  // namespace lt::workshop
